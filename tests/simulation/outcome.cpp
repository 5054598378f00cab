#include "simulation/outcome.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "simulation/fast_signature.h"
#include "simulation/world.h"

namespace sanad::simulation {
namespace {

constexpr rlim_t kCpuSecondsMax = 120;  // under sanitizers too

// What the child writes: "passed", or step, time and violation.
std::string run_here(const Plan& plan) {
  use_fast_signatures(plan.fast_signatures);
  World world(plan, {});
  try {
    (void)world.run();
    return "passed";
  } catch (const Violation& violation) {
    return std::to_string(world.steps()) + " " + std::to_string(world.now()) + " " +
           violation.what();
  }
}

std::string read_all(int file) {
  std::string text;
  char buffer[512];
  for (ssize_t got = 0; (got = read(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

Outcome parse(const std::string& text) {
  Outcome outcome;
  if (text == "passed") {
    outcome.kind = Outcome::Kind::kPassed;
    return outcome;
  }
  std::istringstream words(text);
  words >> outcome.step >> outcome.at;
  std::getline(words >> std::ws, outcome.what);
  outcome.invariant = outcome.what.substr(0, outcome.what.find(':'));
  if (outcome.invariant == "refinement") {
    // What follows is "RULE, member ...".
    const std::size_t begin = outcome.invariant.size() + 2;
    outcome.invariant = outcome.what.substr(begin, outcome.what.find(',') - begin);
    outcome.by_refinement = true;
  }
  outcome.kind = Outcome::Kind::kCaught;
  return outcome;
}

}  // namespace

Outcome run_apart(const Plan& plan, const std::function<void()>& prepare) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    // A mutant may never come to an end.
    const rlimit cpu{kCpuSecondsMax, kCpuSecondsMax};
    setrlimit(RLIMIT_CPU, &cpu);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    if (prepare) prepare();
    const std::string text = run_here(plan);
    const bool written = write(ends[1], text.data(), text.size()) >= 0;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status == 0 && !text.empty()) return parse(text);
  Outcome died;
  died.invariant = died.what = "assertion";
  return died;
}

std::vector<std::string> minimize(const Plan& plan, const std::function<void()>& prepare) {
  const Outcome whole = run_apart(plan, prepare);
  std::vector<std::string> out;
  if (whole.kind == Outcome::Kind::kPassed) return out;
  std::vector<std::string> left = faults_of(plan);
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = 0; i < left.size();) {
      Plan fewer = plan;
      out.push_back(left[i]);
      const bool known = leave_out(out, fewer);
      const Outcome outcome = known ? run_apart(fewer, prepare) : Outcome{};
      if (outcome.kind == whole.kind && outcome.invariant == whole.invariant) {
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
        smaller = true;
      } else {
        out.pop_back();
        ++i;
      }
    }
  }
  return out;
}

bool report_minimized(const Plan& plan, const std::function<void()>& prepare,
                      const std::string& program) {
  const std::vector<std::string> out = minimize(plan, prepare);
  Plan smallest = plan;
  (void)leave_out(out, smallest);
  const Outcome outcome = run_apart(smallest, prepare);
  if (outcome.kind == Outcome::Kind::kPassed) {
    std::cout << "seed " << plan.seed << " violates nothing\n";
    return false;
  }
  std::string words;
  for (const std::string& word : out) words += (words.empty() ? "" : ",") + word;
  std::string kept;
  for (const std::string& word : faults_of(smallest)) kept += " " + word;
  std::cout << outcome.what << "\nat step " << outcome.step << ", " << outcome.at / kMillisecond
            << " ms\nfaults kept:" << (kept.empty() ? " none" : kept) << "\n"
            << smallest.text() << "\nreplay: " << program << " " << plan.seed
            << (words.empty() ? "" : " --without " + words) << "\n";
  return true;
}

}  // namespace sanad::simulation
