// The cases of A, B, C, D, I and J: what this program does, what another test does, and what there
// is nothing to do about.
#pragma once

#include <variant>
#include <vector>

#include "tests/hostile/attack.h"

namespace sanad::hostile {

// Done here.
struct Here {
  void (*run)(Attack&) = nullptr;
  const char* reaction = "";
};
// A lie of a member that is asked for the past: done here, to a victim that was away. True if it
// answered what it was asked.
struct Lie {
  bool (*answer)(Attack&, MemberIndex to, const node::NodeMessage& asked) = nullptr;
  const char* reaction = "";
};
// Done by another test: the file holds this text.
struct Elsewhere {
  const char* file = "";
  const char* test = "";
};
struct DoesNotApply {
  const char* reason = "";
};

struct Case {
  int number = 0;
  const char* what = "";
  std::variant<Here, Lie, Elsewhere, DoesNotApply> where;
};

std::vector<Case> framing_cases();    // A
std::vector<Case> tls_cases();        // B
std::vector<Case> consensus_cases();  // C
std::vector<Case> sync_cases();       // D
std::vector<Case> node_cases();       // I, J: of a node itself
// Votes along with the others; from the first byte on standard input until its end, lies to whoever
// asks.
void tell_lies(Attack& attack, const std::vector<Lie>& lies);
// All of them, by number.
std::vector<Case> catalogue();

}  // namespace sanad::hostile
