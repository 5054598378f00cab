// Plays one script on a stage: reads each line as a command, checks every invariant after it.
#pragma once

#include <map>

#include "simulation/script.h"
#include "simulation/stage.h"

namespace sanad::simulation {

class Play {
 public:
  struct Figures {
    std::size_t commands = 0;
    std::size_t expectations = 0;
    consensus::Height height = 0;
    Micros time = 0;
  };

  // `script` outlives this; `trace` gets a line per event where it is set.
  Play(const Script& script, std::function<void(const std::string&)> trace);

  // Throws ScriptError: at a line that is wrong, an expectation that does not come true, a broken
  // invariant, a fault that hit nothing; and if nothing was expected at all.
  Figures run();
  [[nodiscard]] const std::deque<std::string>& last_lines() const { return stage_.last_lines(); }
  [[nodiscard]] bool begun() const { return stage_.begun(); }

 private:
  struct Command {
    std::string name;
    bool before_begin = false;  // describes the world: stands above all that moves it
    void (Play::*play)(Words&);
  };
  static const std::vector<Command>& commands();
  static const Command& command_named(const Script& script, const Line& line);
  void play(const Line& line);
  void require_hits();

  // The world.
  void members(Words& words);
  void delay(Words& words);
  void sync(Words& words);
  void traitor(Words& words);
  void heartbeat(Words& words);
  // Time and work.
  void run_for(Words& words);
  void batch(Words& words);
  void load(Words& words);
  void want(Words& words);
  void measured(Words& words);
  // Faults.
  void partition(Words& words);
  void heal(Words& words);
  void crash(Words& words);
  void restart(Words& words);
  void forget(Words& words);
  void power_cut(Words& words);
  void deliver(Words& words);
  void hold(Words& words);
  void release(Words& words);
  void lead(Words& words);
  void checkpoints(Words& words);
  // Forgeries.
  void forge(Words& words);
  void forge_proposal(Words& words, Stage::Forgery& forgery);
  void forge_vote(Words& words, Stage::Forgery& forgery);
  void forge_certificate(Words& words, Stage::Forgery& forgery);
  void forge_relay(Words& words, Stage::Forgery& forgery);
  void forge_twins(Words& words, MemberIndex by);
  // Expectations (expect.cpp).
  using Question = std::function<bool()>;
  void expect(Words& words);
  void expect_still(Words& words, bool votes);
  [[nodiscard]] Question figure(Words& words, const std::string& name);
  [[nodiscard]] Question fact(Words& words, const std::string& name, bool negated);
  [[nodiscard]] Question block_fact(Words& words);
  [[nodiscard]] Question vote_fact(Words& words, bool negated);
  [[nodiscard]] Question sent_fact(Words& words);
  [[nodiscard]] Question alarm_fact(Words& words);
  [[nodiscard]] std::string situation() const;

  [[nodiscard]] consensus::BatchRef named_batch(Words& words) const;
  void name_batch(Words& words, const std::string& name, const consensus::BatchRef& ref);
  [[nodiscard]] WireRule wire_rule(Words& words, WireRule::Fate fate) const;
  [[nodiscard]] std::vector<MemberIndex> live_honest() const;
  [[nodiscard]] std::vector<MemberIndex> on_members(Words& words) const;

  const Script& script_;
  Stage stage_;
  Figures figures_;
  std::map<std::string, consensus::BatchRef> batches_;
};

// Vote kinds as scripts name them.
[[nodiscard]] consensus::VoteKind vote_kind(Words& words);

}  // namespace sanad::simulation
