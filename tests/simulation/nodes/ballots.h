// Every vote that leaves a member, hostile ones included, over its whole life (I2, I3, I4).
#pragma once

#include <map>
#include <set>

#include "simulation/nodes/plan.h"

namespace sanad::simulation::nodes {

// Ends a run: `invariant`, and what was seen.
[[noreturn]] void violate(const std::string& invariant, const std::string& what);

class Ballots {
 public:
  explicit Ballots(const Plan& plan) : plan_(plan) {}

  void cast(const consensus::Vote& vote);
  [[nodiscard]] std::size_t count() const { return seen_.size(); }

 private:
  void check_voter(const consensus::Vote& vote) const;
  void check_quorums(const consensus::Subject& subject) const;
  [[nodiscard]] bool reached(const consensus::Subject& subject) const;

  const Plan& plan_;
  std::set<std::pair<consensus::Subject, MemberIndex>> seen_;
  std::map<consensus::Subject, std::set<MemberIndex>> by_subject_;
  std::map<consensus::View, std::set<consensus::Subject>> by_view_;
};

}  // namespace sanad::simulation::nodes
