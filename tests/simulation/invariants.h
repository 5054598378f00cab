// What must hold at every step, whatever happens (CONSENSUS I1–I9, I15). Sees every vote ever
// signed and every block that an honest member finalised; knows nothing of the core's insides.
#pragma once

#include <map>
#include <set>
#include <string>

#include "consensus/core.h"
#include "simulation/plan.h"
#include "simulation/violation.h"

namespace sanad::simulation {

class Invariants {
 public:
  explicit Invariants(const Plan& plan) : plan_(plan) {}

  // I2, I3, I4: any vote that leaves a member, hostile ones included.
  void on_vote(const consensus::Vote& vote);
  // I7, N3: what an honest member notarizes stands on `parent`, which must be certified in the
  // parent view, and every view between nullified.
  void on_parent(const consensus::Subject& subject, const consensus::Hash& parent) const;
  // I13, I14: an honest member writes a certificate down. Every signature in it must be one that
  // its signer gave, whatever the core's own checks say.
  void on_certificate(MemberIndex member, const consensus::Certificate& certificate) const;
  // F2: what an honest member finalizes is notarized.
  void on_finalize(const consensus::Subject& subject) const;
  // I9: an honest member signs; `durable` says whether its record is on its disk now.
  void on_cast(MemberIndex voter, const consensus::Subject& subject, bool durable,
               bool batches_durable);
  // I1, I5, I6, I7, I8: an honest member emitted a final block.
  void on_finalized(MemberIndex member, const consensus::Finalized& block,
                    std::size_t honest_holders);
  // I8: a member's view never falls while it runs. T5: a certificate led to it.
  void on_view(MemberIndex member, consensus::View view);
  void on_restart(MemberIndex member);
  // R3: it may stand below its own votes, but votes above all of them only.
  void on_journal_lost(MemberIndex member);
  // I15: evidence names only the guilty.
  void on_evidence(MemberIndex accused);

  [[nodiscard]] consensus::Height height() const { return height_; }
  // Batches of final blocks.
  [[nodiscard]] const std::set<consensus::Hash>& ordered() const { return ordered_; }
  [[nodiscard]] consensus::Height height_of(MemberIndex member) const;
  [[nodiscard]] std::uint64_t evidence_count() const { return evidence_count_; }

 private:
  struct FinalBlock {
    consensus::Hash hash;
    consensus::View view = 0;
    std::uint64_t time_ms = 0;
  };
  struct MemberView {
    std::set<consensus::Subject> subjects;
  };
  [[nodiscard]] bool reached(const consensus::Subject& subject) const;
  void check_new_height(const consensus::Finalized& block, std::size_t honest_holders);

  const Plan& plan_;
  std::map<consensus::Subject, std::map<MemberIndex, consensus::Signature>> signers_;
  std::map<MemberIndex, consensus::View> voted_;      // the highest view of an own vote
  std::map<MemberIndex, consensus::View> forgotten_;  // the same, when the journal was lost
  std::uint64_t empty_blocks_ = 0;                    // in a row
  std::map<std::pair<MemberIndex, consensus::View>, MemberView> votes_;
  std::map<consensus::View, std::set<consensus::Subject>> reached_;
  std::map<consensus::Height, FinalBlock> chain_;
  std::map<MemberIndex, consensus::Height> heights_;
  std::map<MemberIndex, consensus::View> views_;
  std::set<consensus::Hash> ordered_;
  consensus::Height height_ = 0;
  std::uint64_t evidence_count_ = 0;
};

}  // namespace sanad::simulation
