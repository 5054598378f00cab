// How an honest member spends its views and its means, seen from outside: when it may give a view
// up (I18, I19, L2, N4) and how much it sends and keeps (I16).
#pragma once

#include <map>
#include <set>
#include <vector>

#include "consensus/core.h"
#include "simulation/invariants.h"
#include "simulation/plan.h"

namespace sanad::simulation {

class Watch {
 public:
  explicit Watch(const Plan& plan);
  // A script takes leaders out and guesses delays: when a view may be given up (I18, L2), it says
  // by itself.
  void leave_views_to_script() { scripted_ = true; }

  void on_start(MemberIndex member, std::uint64_t now_ms);
  // A verified message of `from` reached `member`.
  void on_heard(MemberIndex member, MemberIndex from, const consensus::Message& message,
                std::uint64_t now_ms);
  void on_proposal(MemberIndex member, consensus::View view) { shown_.insert({member, view}); }
  // After each step, before what it decided is looked at.
  void on_step(MemberIndex member, const consensus::CoreStatus& status, std::uint64_t now_ms);
  void on_nullify(MemberIndex member, consensus::View view, MemberIndex leader,
                  std::uint64_t now_ms);
  // It took in a proposal of `view` that can never be valid.
  void on_invalid(MemberIndex member, consensus::View view) const;
  void on_sent(MemberIndex member, std::uint64_t now_ms);

  [[nodiscard]] std::uint64_t sent_max() const { return sent_max_; }
  [[nodiscard]] std::uint64_t blocks_max() const { return blocks_max_; }
  [[nodiscard]] std::uint64_t views_max() const { return views_max_; }

 private:
  struct Watched {
    consensus::View view = 0;
    bool has_work = false;
    std::uint64_t since_ms = 0;  // when the timers of the view began
    bool declined = false;       // its leader had said that it cannot lead when its timers began
    bool skip_due = false;       // L2, or L3 by its word, held at that moment
    std::vector<std::uint64_t> heard_ms;
    std::vector<bool> leads;  // L3: by their own words
    std::uint64_t second = 0;
    std::uint64_t sent = 0;  // in that second
  };
  [[nodiscard]] bool silent(const Watched& watched, MemberIndex of, std::uint64_t now_ms) const;
  [[nodiscard]] bool quorum_heard(MemberIndex member, MemberIndex leader,
                                  std::uint64_t now_ms) const;

  const Plan& plan_;
  bool scripted_ = false;
  std::vector<Watched> members_;
  std::set<std::pair<MemberIndex, consensus::View>> gave_up_;
  std::set<std::pair<MemberIndex, consensus::View>> shown_;
  std::uint64_t sent_max_ = 0;
  std::uint64_t blocks_max_ = 0;
  std::uint64_t views_max_ = 0;
  consensus::View final_view_ = 0;  // the highest that any honest member knows of
};

}  // namespace sanad::simulation
