// What one honest member knows and may do, in the abstract protocol (refinement.h). Its words are
// those of an event log: a step is begin(), one thing that the member was told, what it did in the
// order in which it did it, and end(). What is not allowed, or was owed, throws Violation
// "refinement".
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "consensus/limits.h"
#include "consensus/messages.h"
#include "simulation/plan.h"

namespace sanad::simulation {

// Who leads and how many are enough, by the book: f = ⌊(n−1)/3⌋, q = n − f, and L1.
struct AbstractCommittee {
  AbstractCommittee(std::size_t members, const consensus::Hash& chain);
  [[nodiscard]] std::size_t f() const { return (n - 1) / 3; }
  [[nodiscard]] std::size_t quorum() const { return n - f(); }
  [[nodiscard]] MemberIndex leader(consensus::View view) const { return order[(view - 1) % n]; }

  std::size_t n;
  consensus::Hash chain_id;
  std::vector<MemberIndex> order;
};

class AbstractMember {
 public:
  using FinalChain = std::map<consensus::Height, consensus::Hash>;

  // A run of its process. `committee` and `limits` outlive it; `finals` are blocks that earlier
  // runs emitted.
  AbstractMember(MemberIndex self, const AbstractCommittee& committee,
                 const consensus::Limits& limits, FinalChain finals);
  // R1, R2: what the disk holds is all that is left. REQUIRES: no step yet.
  void remember(std::span<const consensus::JournalRecord> durable);
  [[nodiscard]] const FinalChain& finals() const { return finals_; }

  void begin(std::uint64_t now_ms, std::uint64_t wall_ms);
  void end();

  // What it was told.
  void starts(consensus::Height committed, const consensus::Hash& nonce);
  void hears(MemberIndex from, const consensus::Message& message);
  void signs(const consensus::Vote& own);
  void holds(const consensus::BatchRef& batch);
  void holds(const consensus::CheckpointRef& checkpoint);
  void can_lead(bool can) { can_propose_ = can; }
  void wants_blocks(consensus::Height through) { wanted_ = std::max(wanted_, through); }
  void measures(std::uint64_t one_way_ms);

  // What it did.
  void writes(const consensus::JournalRecord& record);
  void casts(const consensus::Subject& subject, const std::optional<consensus::BlockHeader>& header,
             const std::optional<consensus::Certificate>& entry);
  void sends(const consensus::Message& message);
  void emits(const consensus::BlockHeader& header, const consensus::Hash& hash,
             const consensus::Certificate& finalization);
  void accuses(const consensus::Evidence& evidence) const;

 private:
  using View = consensus::View;
  using Hash = consensus::Hash;
  using Subject = consensus::Subject;
  using BlockHeader = consensus::BlockHeader;
  using Certificate = consensus::Certificate;

  struct HeldView {
    std::optional<Hash> notarized;
    std::optional<Hash> finalized;
    bool nullified = false;
  };
  struct Proposed {
    Subject subject;
    BlockHeader header;
  };
  struct OwnVotes {
    std::optional<Subject> notarize;
    std::optional<Subject> finalize;
    bool nullify = false;
  };
  // A deadline as the rule gives it, before anything is rounded, and after all of it is.
  struct Span {
    std::uint64_t least_ms = 0;
    std::uint64_t most_ms = 0;
  };

  void hear(const consensus::Proposal& proposal);
  void hear(const consensus::ViewReport& report, MemberIndex from);
  void show(const std::optional<Certificate>& certificate);

  // What its disk holds.
  void remember(const consensus::OwnVote& own);
  void remember(const consensus::HeldCertificate& held);
  void remember(const BlockHeader& header);

  void accept(const Certificate& certificate);
  void leave_quarantine(const consensus::Silence& silence);
  void check_shape(const Certificate& certificate) const;

  // Votes and proposals (abstract_rules.cpp).
  void decide(const Subject& subject, const std::optional<BlockHeader>& header);
  void may_notarize(const Subject& subject, const std::optional<BlockHeader>& header);
  void may_propose(const Subject& subject, const BlockHeader& header);
  void may_choose_parent(const Subject& subject, const BlockHeader& header) const;
  void may_fill(const BlockHeader& header) const;
  void stands_on_parent(const Subject& subject, const BlockHeader& header) const;
  void may_nullify(View view);
  void may_finalize(const Subject& subject) const;
  void check_entry(View view, const std::optional<Certificate>& entry) const;
  void require_announced() const;
  // Nothing can make it valid (N4), by the header alone; by what is known beside it.
  [[nodiscard]] bool is_faulty(const Subject& subject, const BlockHeader& header) const;
  [[nodiscard]] bool contradicts(const Subject& subject, const BlockHeader& header) const;
  [[nodiscard]] bool repeats_ancestor(const BlockHeader& header) const;
  [[nodiscard]] bool invalid_proposal_in(View view) const;

  // Time (abstract_rules.cpp).
  void look_at_work();
  [[nodiscard]] bool heartbeat_due() const;
  [[nodiscard]] bool leader_is_away() const;
  [[nodiscard]] bool leader_gave_up() const;
  [[nodiscard]] Span timeout() const;
  // When the view's time is over, for lack of time alone; none while no timer runs.
  [[nodiscard]] std::optional<Span> deadline() const;
  void check_view_is_given_up();
  void check_repeated();

  [[nodiscard]] bool certified(View view, const Hash& block) const;
  [[nodiscard]] bool nullified(View view) const;
  [[nodiscard]] bool provable(const Subject& subject) const;
  // The block and all its ancestors down to a final one are held.
  [[nodiscard]] bool complete(Hash block) const;
  [[nodiscard]] const BlockHeader* find_header(const Hash& block) const;
  [[nodiscard]] bool in_quarantine() const { return silent_ && !silent_through_; }
  [[nodiscard]] bool is_silent_in(View view) const;
  [[noreturn]] void refuse(const std::string& rule, const std::string& what) const;
  void require(bool holds, const char* rule, const std::string& what) const;

  const MemberIndex self_;
  const AbstractCommittee& committee_;
  const consensus::Limits& limits_;

  // On its disk, or on the way there.
  std::map<View, HeldView> held_;
  std::map<View, OwnVotes> own_;
  std::set<Hash> recorded_;  // headers
  FinalChain finals_;        // its ledger's, and what is about to get there
  consensus::Height final_height_ = 0;
  consensus::Height floor_ = 0;  // final when this run began
  View final_view_ = 0;
  bool silent_ = false;  // R3
  std::optional<View> silent_through_;

  // Of this run of its process.
  std::uint64_t now_ms_ = 0;
  std::uint64_t wall_ms_ = 0;
  View view_ = 1;
  consensus::Height next_height_ = 1;
  Hash nonce_;
  std::map<Hash, BlockHeader> headers_;
  std::map<Hash, std::uint64_t> header_at_ms_;
  std::map<Subject, std::set<MemberIndex>> votes_;
  std::set<Subject> shown_;         // certificates that others sent
  std::map<View, Proposed> first_;  // what the leader proposed first
  std::map<View, std::vector<Proposed>> proposals_;
  std::set<View> faulty_;  // views with a proposal that is wrong by itself
  std::map<Hash, consensus::BatchRef> batches_;
  std::map<Hash, consensus::BatchRef> open_;  // held, in no final block
  std::set<Hash> ordered_;
  std::map<MemberIndex, View> reports_;
  std::optional<consensus::CheckpointRef> checkpoint_;
  consensus::Height wanted_ = 0;
  bool can_propose_ = true;

  // Time.
  std::uint64_t delay_ms_ = 0;  // T
  std::set<View> failed_;       // k of T2
  std::vector<std::uint64_t> heard_ms_;
  std::vector<bool> leads_;  // L3: what each said last of itself
  std::uint64_t entered_ms_ = 0;
  std::uint64_t finalised_ms_ = 0;
  std::uint64_t repeated_ms_ = 0;
  std::optional<std::uint64_t> timers_from_ms_;  // none without work
  View timers_view_ = 0;
  bool skips_ = false;  // L2
  std::set<View> led_;  // views in which it proposed

  // Of this step.
  std::vector<Subject> shown_now_;
  std::set<Subject> decided_now_;
  std::set<Subject> cast_now_;
  std::set<Hash> announced_now_;
  std::set<Subject> passed_on_now_;
  std::set<Subject> owes_passing_on_;
  std::optional<Subject> left_by_;  // the notarization that led out of the last view
  std::set<View> owes_finalize_;
};

}  // namespace sanad::simulation
