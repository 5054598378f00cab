// n cores in virtual time: one constant delay, real signatures, durable journals, a filter on
// links.
//
// Checked on every action: nothing is cast whose record is not in the journal; no member ever
// breaks N1, N2 or F1 over its whole life; final chains are prefixes of each other.
#pragma once

#include <functional>
#include <map>
#include <queue>
#include <set>

#include "committee_keys.h"
#include "consensus/core.h"

namespace sanad::consensus {

class Cluster {
 public:
  struct Node {
    std::unique_ptr<Core> core;          // none while down
    std::vector<JournalRecord> journal;  // what reached the disk
    std::map<Hash, BatchRef> batches;    // durable
    std::vector<Finalized> ledger;       // executed at once; index = height − 1
    std::vector<Evidence> evidence;
    std::vector<CensorshipSuspected> suspicions;
    std::map<View, ViewVotes> life;  // every vote ever cast
    std::optional<std::uint64_t> timer_ms;
    unsigned run = 0;
    bool mute = false;  // sends nothing
  };
  using Filter = std::function<bool(MemberIndex from, MemberIndex to, const Message& message)>;

  explicit Cluster(std::size_t n, std::uint64_t delay_ms = 5, Limits limits = {});

  void start(MemberIndex member);
  void start_all();
  void crash(MemberIndex member);
  // R3: of a member that is down; it will start in quarantine, beside its ledger.
  void lose_journal(MemberIndex member);
  // Gives a batch to some members (to all, if none are named).
  void submit(const BatchRef& ref, const std::vector<MemberIndex>& at = {});
  void run_for(std::uint64_t ms);
  // Puts a message on its way, as if `from` had sent it (traitors).
  void inject(MemberIndex from, MemberIndex to, const Message& message);
  void input(MemberIndex member, Event event);

  // True if every running member has executed a block with `ref`.
  [[nodiscard]] bool everywhere(const BatchRef& ref) const;
  [[nodiscard]] bool executed(MemberIndex member, const BatchRef& ref) const;
  [[nodiscard]] std::size_t n() const { return nodes.size(); }

  CommitteeKeys keys;
  Committee committee;
  Limits limits;
  std::vector<Node> nodes;
  Filter lost;  // true: the message does not arrive
  std::uint64_t now_ms = 1'000;
  std::uint64_t messages = 0;
  std::map<Errc, std::size_t> refused;  // at the door

 private:
  struct Delivery {
    std::uint64_t at_ms = 0;
    std::uint64_t order = 0;
    MemberIndex to = 0;
    unsigned run = 0;
    std::function<void()> act;
    friend bool operator>(const Delivery& a, const Delivery& b) {
      return std::pair(a.at_ms, a.order) > std::pair(b.at_ms, b.order);
    }
  };
  void later(std::uint64_t delay_ms, MemberIndex to, std::function<void()> act);
  void carry_out(MemberIndex member, std::vector<Action> actions);
  void carry_out(MemberIndex member, const CastVote& cast);
  void carry_out(MemberIndex member, const RequestBatch& request);
  void carry_out(MemberIndex member, const ServeBlocks& request);
  void execute(MemberIndex member, const Finalized& block);
  void send(MemberIndex from, MemberIndex to, const Message& message);
  void broadcast(MemberIndex from, const Message& message);
  void check_cast(Node& node, const Subject& subject) const;

  std::uint64_t delay_ms_;
  SignatureCache cache_;
  std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> queue_;
  std::uint64_t order_ = 0;
};

}  // namespace sanad::consensus
