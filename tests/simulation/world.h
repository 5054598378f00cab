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
#include "simulation/invariants.h"
#include "simulation/plan.h"
#include "simulation/refinement.h"
#include "simulation/watch.h"

namespace sanad::simulation {

// What the run did, so that a run in which nothing happened can be told from a good one.
struct Tally {
  std::uint64_t steps = 0;
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;
  std::uint64_t crashes = 0;
  std::uint64_t records_lost = 0;  // journal records that a crash took
  std::uint64_t attacks = 0;       // times that a traitor did what it is there for
  std::uint64_t refused = 0;       // messages that the verifier refused
  std::uint64_t sent_max = 0;      // by one honest member in a second, to all
  std::uint64_t blocks_max = 0;    // kept above the final tip
  std::uint64_t views_max = 0;     // above the final one
  std::uint64_t batches = 0;
  consensus::Height heights = 0;
};

// The code of a member's process and the disk that outlives it.
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
  [[nodiscard]] Refinement& refinement() { return refinement_; }
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

  // Processes.
  void start(MemberIndex index);
  void crash(MemberIndex index);
  void step(MemberIndex index, consensus::Event event);
  // What an honest member decided, before any of it is carried out.
  void look_at(MemberIndex index, const std::vector<consensus::Action>& actions);
  void pump(MemberIndex index);
  void carry_out(MemberIndex index, consensus::Action action);
  void begin_sync(MemberIndex index);
  void check_header(MemberIndex index, const consensus::BlockHeader& header) const;
  void cast(MemberIndex index, const consensus::CastVote& action);
  void request_batch(MemberIndex index, const consensus::RequestBatch& action);
  void serve_blocks(MemberIndex index, const consensus::ServeBlocks& action);
  void execute(MemberIndex index);

  // Traitors (traitors.cpp).
  void betray(MemberIndex index, const consensus::CastVote& action, const consensus::Vote& vote);
  void equivocate(MemberIndex index, const consensus::CastVote& action,
                  const consensus::Vote& vote);
  void conflict_with_rules(MemberIndex index, const consensus::CastVote& action);
  void usurp(MemberIndex index, const consensus::CastVote& action);
  [[nodiscard]] bool spoil(const consensus::CastVote& honest, consensus::CastVote& other);
  void forge(MemberIndex index, const consensus::CastVote& action, const consensus::Vote& vote);
  [[nodiscard]] consensus::Subject forged_subject(consensus::View view);
  [[nodiscard]] consensus::Certificate forged_certificate(MemberIndex index,
                                                          const consensus::Subject& subject);
  [[nodiscard]] consensus::BlockHeader forged_header(MemberIndex index,
                                                     const consensus::Hash& parent,
                                                     consensus::Height height);
  [[nodiscard]] consensus::Blocks forged_blocks(MemberIndex index, const consensus::Hash& tip);

  // Network.
  void receive(MemberIndex from, MemberIndex to, const consensus::Bytes& bytes);
  [[nodiscard]] bool connected(MemberIndex from, MemberIndex to) const;
  void transmit(MemberIndex from, MemberIndex to, std::function<void()> deliver);
  // The same, unless a scenario takes it.
  void ship(MemberIndex from, MemberIndex to, const Parcel& parcel, std::function<void()> deliver);
  void send(MemberIndex from, MemberIndex to, const consensus::Message& message);
  void post(MemberIndex from, MemberIndex to, const consensus::Message& message);
  void broadcast(MemberIndex from, const consensus::Message& message);
  void give_batch(MemberIndex to, const consensus::BatchRef& ref);

  // Faults and work.
  void schedule_plan();
  void schedule_batches();
  void make_batch();
  // An honest member packs a batch; it goes to all others, or to nobody.
  void pack(MemberIndex author, bool send);
  // The next LateBatch, if one is left.
  [[nodiscard]] bool begin_late_batch();
  [[nodiscard]] bool running(MemberIndex index) const { return members_[index].core != nullptr; }
  [[nodiscard]] bool holds(const Member& member, const consensus::BlockHeader& header) const;
  [[nodiscard]] std::size_t honest_holders(const consensus::BlockHeader& header) const;
  [[nodiscard]] bool done() const;
  void require_attack() const;

  const Plan& plan_;
  std::function<void(const std::string&)> trace_;
  Random random_;
  Invariants invariants_;
  Watch watch_;
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
  std::vector<Member> members_;
  std::size_t late_done_ = 0;        // of the plan's late batches, those that were begun
  bool late_open_ = false;           // one was begun whose batch is not yet there
  Micros settled_by_ = 0;            // I17: when all that is open now must be ordered
  std::optional<MemberIndex> deaf_;  // nothing that it sends arrives ...
  Micros deaf_until_ = 0;            // ... before this
  struct Proposed {
    consensus::BlockHeader header;
    consensus::View parent_view = 0;
  };
  std::map<consensus::Hash, Proposed> proposed_;  // by anybody
  std::set<consensus::Hash> work_;      // every batch that some honest author holds durably
  std::vector<std::size_t> partition_;  // indices of the plan's partitions that are active
  Hooks hooks_;
  bool checkpoints_ = true;  // a quorum cosigns what it committed
};

}  // namespace sanad::simulation
