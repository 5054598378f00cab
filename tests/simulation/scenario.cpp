// Plays scenario scripts (docs/reliability.md, "Scenarios").
//
//   scenario FILE-OR-FOLDER...           every script named, or that lies in a folder named
//   scenario FILE --trace                with a line per event
//
// A script that fails prints file:line, what was expected, the last events and the command that
// replays it; the exit code is then 1.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "simulation/play.h"

namespace {

namespace fs = std::filesystem;
using sanad::simulation::kMillisecond;
using sanad::simulation::Play;
using sanad::simulation::Script;
using sanad::simulation::ScriptError;

std::vector<fs::path> scripts_in(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() == ".txt") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

bool play(const fs::path& path, bool trace) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  Script script;
  std::optional<Play> play;
  try {
    script = sanad::simulation::parse_script(path.string(), text.str());
    // Traced in any case, so that a failure can show the last events.
    play.emplace(script, [trace](const std::string& line) {
      if (trace) std::cout << line << "\n";
    });
    const Play::Figures figures = play->run();
    std::cout << path.filename().string() << ": " << figures.expectations
              << " expectations, height " << figures.height << " after "
              << figures.time / kMillisecond << " ms\n";
    return true;
  } catch (const ScriptError& error) {
    std::cout << error.what() << "\n";
    if (play && play->begun()) {
      std::cout << "last events:\n";
      for (const std::string& line : play->last_lines()) std::cout << "  " << line << "\n";
    }
    std::cout << "replay: scenario " << path.string() << " --trace\n";
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool trace = false;
  std::vector<fs::path> scripts;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--trace") {
      trace = true;
      continue;
    }
    const auto found = scripts_in(argv[i]);
    scripts.insert(scripts.end(), found.begin(), found.end());
  }
  if (scripts.empty()) {
    std::cerr << "usage: scenario FILE-OR-FOLDER... [--trace]\n";
    return 2;
  }
  std::size_t failed = 0;
  for (const fs::path& path : scripts) failed += play(path, trace) ? 0 : 1;
  std::cout << scripts.size() << " scenarios, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
