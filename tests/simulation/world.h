// One run: n cores with their disks, a network and a clock, all virtual, all from one seed.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "consensus/core.h"
#include "simulation/duties.h"
#include "simulation/invariants.h"
#include "simulation/plan.h"
#include "simulation/refinement.h"
#include "simulation/tally.h"
#include "simulation/watch.h"

namespace sanad::simulation {

// The code of a member's process and the disk that outlives it. A twin has two of them.
struct Member {
  // The disk.
  std::vector<consensus::JournalRecord> journal;           // durable
  std::map<consensus::Hash, consensus::BatchRef> batches;  // durable
  std::vector<consensus::Finalized> ledger;                // committed blocks, by height − 1

  // The process; gone after a crash.
  std::unique_ptr<consensus::Core> core;
  std::uint64_t life = 0;  // of this process: events of an earlier one are stale
  std::deque<consensus::Action> outbox;
  std::vector<consensus::JournalRecord> unsynced;
  bool syncing = false;
  std::vector<consensus::BatchRef> arriving;  // batches whose write is not yet durable
  std::deque<consensus::Finalized> executing;
  bool committing = false;
  std::uint64_t timer = 0;  // of the newest SetTimer
  std::uint64_t next_seq = 0;
  std::int64_t skew_ms = 0;
  bool mute = false;  // R3: casts no vote in its present view

  // Of a traitor (traitors.cpp).
  consensus::View view = 0;  // the one it was last seen in ...
  Micros entered = 0;        // ... and since when
  std::vector<consensus::Message> remembered;
  Micros withheld_at = 0;
};

// What is on its way between two members: one of these.
struct Parcel {
  const consensus::Message* message = nullptr;
  const consensus::BatchRef* batch = nullptr;    // its bytes
  const consensus::BatchRef* request = nullptr;  // for a batch
};

// What a scenario sees and takes into its hand (stage.h). Unset in runs from a seed.
struct Hooks {
  std::function<void(MemberIndex member, const consensus::Action&)> acts;
  std::function<void(MemberIndex at, const crypto::Error&)> refuses;
  // True if the parcel goes another way, or none; `deliver` delivers it to a running member.
  std::function<bool(MemberIndex from, MemberIndex to, const Parcel&,
                     const std::function<void()>& deliver)>
      takes;
};

class World {
 public:
  // `trace` is called with a line per event where it is set.
  World(const Plan& plan, std::function<void(const std::string&)> trace);

  // Throws Violation. Ends when every honest member has finalised all work, within the bound.
  Tally run();
  [[nodiscard]] Micros now() const { return now_; }
  [[nodiscard]] std::uint64_t steps() const { return tally_.steps; }
  [[nodiscard]] const std::deque<std::string>& last_lines() const { return last_lines_; }

 private:
  friend class Stage;  // plays a script instead of a plan
  struct Scheduled {
    Micros at = 0;
    std::uint64_t order = 0;
    std::function<void()> work;
    bool operator>(const Scheduled& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  void after(Micros delay, std::function<void()> work);
  // The same, unless the member's process ended meanwhile.
  void after_in(MemberIndex member, Micros delay, std::function<void()> work);
  void say(const std::string& line);

  // Processes. `index` is that of members_: a member's, or from n on the second place of a twin.
  [[nodiscard]] MemberIndex identity(MemberIndex index) const {
    return index < plan_.n ? index : twins_[index - plan_.n];
  }
  [[nodiscard]] Traitor traitor(MemberIndex index) const { return plan_.traitors[identity(index)]; }
  [[nodiscard]] bool honest(MemberIndex index) const { return plan_.honest(identity(index)); }
  void start(MemberIndex index);
  void crash(MemberIndex index);
  // R3: of a member that is down.
  void lose_journal(MemberIndex index);
  struct DiskCopy {
    std::map<consensus::Hash, consensus::BatchRef> batches;
    std::size_t height = 0;  // of the ledger
  };
  void put_back(MemberIndex index, const DiskCopy& copy);
  void step(MemberIndex index, consensus::Event event);
  // What an honest member decided, before any of it is carried out.
  void look_at(MemberIndex index, std::optional<consensus::View> before,
               const std::vector<consensus::Action>& actions);
  void propose(const consensus::Subject& subject, const consensus::BlockHeader& header);
  // What a message that is about to be taken in makes due; to be called after the step.
  [[nodiscard]] std::function<void()> owed_for(MemberIndex to, MemberIndex from,
                                               const consensus::Message& message);
  void pump(MemberIndex index);
  void carry_out(MemberIndex index, consensus::Action action);
  void begin_sync(MemberIndex index);
  void begin_segment(MemberIndex index);
  void check_header(MemberIndex index, const consensus::BlockHeader& header) const;
  void cast(MemberIndex index, const consensus::CastVote& action);
  void check_cast(MemberIndex index, const consensus::Subject& subject);
  void finalised(MemberIndex index, consensus::Finalized block);
  void request_batch(MemberIndex index, const consensus::RequestBatch& action);
  void serve_blocks(MemberIndex index, const consensus::ServeBlocks& action);
  void execute(MemberIndex index);
  void commit(MemberIndex index);

  // Traitors (traitors.cpp, schemes.cpp, forgeries.cpp).
  // In the place of an own vote that is due.
  void betray(MemberIndex index, const consensus::CastVote& action, const consensus::Vote& vote);
  // After each step.
  void scheme(MemberIndex index);
  // Before a message leaves: what leaves instead, or nothing.
  [[nodiscard]] std::optional<consensus::Message> twist(MemberIndex from, MemberIndex to,
                                                        consensus::Message message);
  void attacked(MemberIndex index);
  [[nodiscard]] consensus::Vote sign(MemberIndex index, const consensus::Subject& subject);
  void equivocate(MemberIndex index, const consensus::CastVote& action,
                  const consensus::Vote& vote);
  void conflict_with_rules(MemberIndex index, const consensus::CastVote& action);
  void usurp(MemberIndex index, const consensus::CastVote& action);
  [[nodiscard]] bool spoil(const consensus::CastVote& honest, consensus::CastVote& other);
  void propose_late(MemberIndex index, const consensus::Message& proposal);
  void replay_old(MemberIndex index);
  void remember(MemberIndex index, const consensus::Message& message);
  [[nodiscard]] std::optional<consensus::Message> released(MemberIndex from, MemberIndex to,
                                                           consensus::Message message);
  [[nodiscard]] consensus::Message lied(MemberIndex from, consensus::Message message);
  void withhold_batch(MemberIndex index);
  void reconfigure(MemberIndex index, const consensus::CastVote& action);
  void note_twin(MemberIndex index, const consensus::Subject& subject);
  [[nodiscard]] consensus::Blocks spoiled_blocks(MemberIndex index, consensus::Blocks blocks);
  void propose_far(MemberIndex index);
  void forge(MemberIndex index, const consensus::CastVote& action, const consensus::Vote& vote);
  [[nodiscard]] consensus::Subject forged_subject(consensus::View view);
  [[nodiscard]] consensus::Certificate forged_certificate(MemberIndex index,
                                                          const consensus::Subject& subject);
  [[nodiscard]] consensus::Certificate foreign_certificate(consensus::Subject subject,
                                                           consensus::Epoch epoch);
  [[nodiscard]] consensus::BlockHeader forged_header(MemberIndex index,
                                                     const consensus::Hash& parent,
                                                     consensus::Height height);
  [[nodiscard]] consensus::Blocks forged_blocks(MemberIndex index, const consensus::Hash& tip);

  // Network (wire.cpp).
  // Of a twin's two places, the one that `peer` has a link to; it changes with time.
  [[nodiscard]] MemberIndex place(MemberIndex member, MemberIndex peer) const;
  void receive(MemberIndex from, MemberIndex to, const consensus::Bytes& bytes);
  [[nodiscard]] bool connected(MemberIndex from, MemberIndex to) const;
  void transmit(MemberIndex from, MemberIndex to, std::function<void()> deliver);
  // The same, unless a scenario takes it.
  void ship(MemberIndex from, MemberIndex to, const Parcel& parcel, std::function<void()> deliver);
  // To a member, wherever it is; a traitor's message after twist().
  void send(MemberIndex from, MemberIndex to, const consensus::Message& message);
  void post(MemberIndex from, MemberIndex to, const consensus::Message& message);
  // `bytes`: of the message.
  void post(MemberIndex from, MemberIndex to, const consensus::Message& message,
            const std::shared_ptr<const consensus::Bytes>& bytes);
  void broadcast(MemberIndex from, const consensus::Message& message);
  // A batch's bytes to a member, wherever it is.
  void ship_batch(MemberIndex from, MemberIndex to, const consensus::BatchRef& ref);
  void give_batch(MemberIndex to, const consensus::BatchRef& ref);

  // Faults and work (schedule.cpp).
  void schedule_plan();
  void schedule_batches();
  void make_batch();
  // An honest member packs a batch; it goes to all others, or to nobody.
  void pack(MemberIndex author, bool send);
  // The next LateBatch, if one is left.
  [[nodiscard]] bool begin_late_batch();
  // One more batch while a traitor had no occasion for its attack, up to a bound.
  [[nodiscard]] bool begin_occasion();
  [[nodiscard]] bool running(MemberIndex index) const { return members_[index].core != nullptr; }
  [[nodiscard]] bool holds(const Member& member, const consensus::BlockHeader& header) const;
  [[nodiscard]] std::size_t honest_holders(const consensus::BlockHeader& header) const;
  [[nodiscard]] bool fault_active() const;
  [[nodiscard]] bool quorum_connected() const;
  [[nodiscard]] bool done() const;
  void require_attack() const;
  [[noreturn]] void give_up_waiting() const;

  const Plan& plan_;
  std::function<void(const std::string&)> trace_;
  Random random_;
  Invariants invariants_;
  Watch watch_;
  Duties duties_;
  Tally tally_;
  std::deque<std::string> last_lines_;

  Micros now_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Scheduled, std::vector<Scheduled>, std::greater<>> events_;

  consensus::Hash chain_id_;
  Refinement refinement_;
  std::vector<crypto::SigningKey> keys_;
  std::optional<consensus::Committee> committee_;
  consensus::SignatureCache cache_;
  std::vector<MemberIndex> twins_;
  std::vector<Member> members_;      // and the second places of twins_
  std::size_t occasions_ = 0;        // batches packed after all else, for a traitor's sake
  std::size_t late_done_ = 0;        // of the plan's late batches, those that were begun
  bool late_open_ = false;           // one was begun whose batch is not yet there
  Micros settled_by_ = 0;            // I17: when all that is open now must be ordered ...
  Micros ordered_at_ = 0;            // ... or a while after some of it was
  std::optional<MemberIndex> deaf_;  // nothing that it sends arrives ...
  Micros deaf_until_ = 0;            // ... before this
  struct Proposed {
    consensus::BlockHeader header;
    consensus::View parent_view = 0;
  };
  std::map<consensus::Hash, Proposed> proposed_;  // by anybody
  // Batches that some honest author holds durably, and that no final block has yet.
  std::set<consensus::Hash> open_;
  std::set<consensus::Hash> withheld_;  // batches that their author does not serve
  // Which of a twin's places voted first.
  std::map<std::tuple<MemberIndex, consensus::VoteKind, consensus::View>, MemberIndex> twin_votes_;
  std::vector<bool> attacked_;          // by member
  std::vector<std::size_t> partition_;  // indices of the plan's partitions that are active
  Hooks hooks_;
  bool checkpoints_ = true;  // a quorum cosigns what it committed
};

}  // namespace sanad::simulation
