// The house rules as a test: who may include whom, what pure folders may not touch, how big things
// may grow, what the docs may promise. docs/architecture.md draws the same picture for people.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/folders.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = sanad::tests::source_folder();
const std::vector<std::string> kFolders = {"crypto",  "consensus", "chaincode",
                                           "network", "node",      "tools"};

// Folder → folders whose headers it may include, besides its own.
const std::map<std::string, std::set<std::string>> kEdges = {
    {"crypto", {}},
    {"consensus", {"crypto"}},
    {"chaincode", {"crypto"}},
    {"network", {"crypto"}},
    {"node", {"crypto", "consensus", "chaincode", "network"}},
    {"tools", {"crypto", "consensus", "chaincode", "network", "node"}},
};

struct Source {
  std::string name;  // relative to the root
  std::vector<std::string> lines;
  [[nodiscard]] std::string folder() const { return name.substr(0, name.find('/')); }
  [[nodiscard]] bool is_header() const { return name.ends_with(".h"); }
};

std::vector<std::string> read_lines(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<Source> sources_of(const std::vector<std::string>& folders) {
  std::vector<Source> sources;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      sources.push_back({fs::relative(entry.path(), kRoot), read_lines(entry.path())});
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.name < b.name; });
  REQUIRE(!sources.empty());
  return sources;
}

std::vector<Source> house() { return sources_of(kFolders); }
std::vector<Source> pure() { return sources_of({"crypto", "consensus", "chaincode"}); }
std::vector<Source> everything() {
  auto folders = kFolders;
  folders.push_back("tests");
  return sources_of(folders);
}

// Collects complaints so that one run names them all.
class Findings {
 public:
  void add(const Source& source, std::size_t line, const std::string& what) {
    text_ << source.name << ':' << line + 1 << ": " << what << '\n';
    ++count_;
  }
  void add(const std::string& what) {
    text_ << what << '\n';
    ++count_;
  }
  void require_none() const {
    INFO(text_.str());
    REQUIRE(count_ == 0);
  }

 private:
  std::ostringstream text_;
  int count_ = 0;
};

// The line without comments and without what stands in quotes.
std::string code_of(const std::string& line) {
  static const std::regex quoted(R"("(\\.|[^"\\])*")");
  const std::string bare = std::regex_replace(line, quoted, "\"\"");
  return bare.substr(0, bare.find("//"));
}

std::string include_of(const std::string& line) {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::smatch match;
  return std::regex_search(line, match, pattern) ? match[1].str() : "";
}

TEST_CASE("tidy: includes follow the edges of the house") {
  Findings findings;
  for (const Source& source : house()) {
    const auto& allowed = kEdges.at(source.folder());
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string target = include_of(source.lines[i]);
      const std::string folder = target.substr(0, target.find('/'));
      const bool ours = std::count(kFolders.begin(), kFolders.end(), folder) > 0;
      if (!ours && source.lines[i].find('"') != std::string::npos && !target.empty()) {
        findings.add(source, i, "include ours by their path from the root: " + target);
      }
      if (ours && folder != source.folder() && !allowed.contains(folder)) {
        findings.add(source, i, source.folder() + " may not include " + folder);
      }
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: pure folders hold no clock, thread, file, environment, locale or randomness") {
  const std::set<std::string> banned_headers = {
      "chrono", "thread",  "mutex",     "condition_variable", "future",     "atomic",
      "random", "fstream", "iostream",  "filesystem",         "locale",     "ctime",
      "time.h", "cstdio",  "stdio.h",   "unistd.h",           "sys/stat.h", "sys/socket.h",
      "cmath",  "math.h",  "semaphore", "sys/time.h",         "regex",      "cstdlib"};
  const std::regex banned_words(
      R"(\b(float|double|getenv|rand|srand|system_clock|steady_clock|strtod|strtol|atoi|toupper|tolower|setlocale|randombytes_buf|unordered_map|unordered_set|reinterpret_cast<std::uintptr_t>)\b)");
  Findings findings;
  for (const Source& source : pure()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string target = include_of(source.lines[i]);
      if (banned_headers.contains(target)) findings.add(source, i, "banned here: <" + target + ">");
      std::smatch match;
      const std::string code = code_of(source.lines[i]);
      if (std::regex_search(code, match, banned_words)) {
        findings.add(source, i, "banned here: " + match.str());
      }
    }
  }
  findings.require_none();
}

bool is_asio(const std::string& target) {
  return target.starts_with("boost/asio") || target.starts_with("boost/beast");
}

TEST_CASE("tidy: Asio and Beast stay in network and behind its public headers") {
  const std::vector<Source> all = house();
  // A header that needs Asio is for its own folder's sources only.
  std::set<std::string> inner;
  for (const Source& source : all) {
    for (const std::string& line : source.lines) {
      if (source.is_header() && is_asio(include_of(line))) inner.insert(source.name);
    }
  }
  Findings findings;
  for (const Source& source : all) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string target = include_of(source.lines[i]);
      if (is_asio(target) && source.folder() != "network" && source.folder() != "node") {
        findings.add(source, i, "Asio lives in network and node");
      }
      if (!inner.contains(target)) continue;
      const bool same_folder = target.starts_with(source.folder() + "/");
      if (!same_folder || (source.is_header() && !inner.contains(source.name))) {
        findings.add(source, i, target + " drags Asio in: slow to compile");
      }
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: LevelDB stays in the ledger and the vault") {
  Findings findings;
  for (const Source& source : house()) {
    const bool store =
        source.name.starts_with("node/ledger/") || source.name.starts_with("tools/vault");
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string target = include_of(source.lines[i]);
      if (target.starts_with("leveldb/") && !store)
        findings.add(source, i, "LevelDB lives elsewhere");
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: the abstract protocol shares words with the core, and no rule") {
  const std::set<std::string> words = {"consensus/types.h", "consensus/messages.h",
                                       "consensus/journal_record.h", "consensus/limits.h",
                                       "consensus/evidence.h"};
  Findings findings;
  std::size_t files = 0;
  for (const Source& source : everything()) {
    if (!source.name.starts_with("tests/simulation/abstract_")) continue;
    ++files;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string target = include_of(source.lines[i]);
      const bool rule = target.starts_with("consensus/") && !words.contains(target);
      if (rule) findings.add(source, i, target + " has rules of the core");
    }
  }
  REQUIRE(files == 3);
  findings.require_none();
}

TEST_CASE("tidy: files and lines keep their size") {
  Findings findings;
  for (const Source& source : everything()) {
    const bool test = source.folder() == "tests";
    if (!test && source.lines.size() > 500) {
      findings.add(source, 500, "over 500 lines: split it by idea");
    }
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      // Columns are characters: UTF-8 continuation bytes take none.
      const auto columns =
          std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
      const bool raw = line.find("R\"") != std::string::npos;  // test data, not to be broken
      if (columns > 100 && !(test && raw)) findings.add(source, i, "over 100 columns");
      if (line.find('\t') != std::string::npos) findings.add(source, i, "a tab");
    }
  }
  findings.require_none();
}

// Functions at namespace scope: from a line at column 0 that opens a body to its "}" at column 0.
TEST_CASE("tidy: functions keep their size") {
  const std::regex not_a_function(
      R"(^(namespace|class|struct|union|enum|using|typedef|extern|template|public|private|#|//|\}|const std|constexpr|static const|inline const|TEST_CASE|SCENARIO))");
  Findings findings;
  for (const Source& source : house()) {
    std::size_t opened = 0;
    bool open = false;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      const bool starts = !line.empty() && line[0] != ' ' && line[0] != '}';
      if (!open && starts && !std::regex_search(line, not_a_function)) {
        open = line.find(';') == std::string::npos;
        opened = i;
      }
      if (open && (line == "}" || line == "};")) {
        if (line == "}" && i - opened + 1 > 70) {
          findings.add(source, opened,
                       "a function of " + std::to_string(i - opened + 1) + " lines");
        }
        open = false;
      }
      if (open && line.ends_with(";") && line[0] != ' ') open = false;
    }
  }
  findings.require_none();
}

// The number of arguments in the bracket that opens at `at`; 0 for "()".
int argument_count(const std::string& text, std::size_t at) {
  int depth = 0;
  int commas = 0;
  bool any = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '<' || c == '{') ++depth;
    if (c == ')' || c == '>' || c == '}') --depth;
    if (depth == 0) break;
    if (c == ',' && depth == 1) ++commas;
    if (depth == 1 && c != '(' && c != ' ' && c != '\n') any = true;
  }
  return any ? commas + 1 : 0;
}

TEST_CASE("tidy: constructors take five arguments at most") {
  const std::regex class_pattern(R"(\b(?:class|struct)\s+([A-Z]\w+))");
  Findings findings;
  for (const Source& source : house()) {
    if (!source.is_header()) continue;
    std::string text;
    for (const std::string& line : source.lines) text += code_of(line) + "\n";
    for (std::sregex_iterator it(text.begin(), text.end(), class_pattern), end; it != end; ++it) {
      const std::regex constructor("(?:^|\\n) *(?:explicit )?" + (*it)[1].str() + "\\(");
      for (std::sregex_iterator call(text.begin(), text.end(), constructor); call != end; ++call) {
        const auto at = static_cast<std::size_t>(call->position() + call->length() - 1);
        const int count = argument_count(text, at);
        if (count > 5) {
          findings.add(source.name + ": " + (*it)[1].str() + " takes " + std::to_string(count));
        }
      }
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: nothing unfinished, nothing vague") {
  const std::regex unfinished(std::string(R"(\b(TO)") + R"(DO|FIX)" + R"(ME|XX)" + R"(X|HA)" +
                              R"(CK)\b)");
  const std::regex vague(R"(\b(class|struct)\s+\w*(Manager|Helper|Handler|Impl|Utils?|Info)\b)");
  const std::regex swallowed(R"(catch \(\.\.\.\) *\{ *\})");
  Findings findings;
  for (const Source& source : everything()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      if (std::regex_search(line, unfinished)) findings.add(source, i, "unfinished");
      if (std::regex_search(line, vague)) findings.add(source, i, "a name that says nothing");
      if (std::regex_search(line, swallowed)) findings.add(source, i, "a swallowed exception");
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: every header is guarded and says what it is") {
  Findings findings;
  for (const Source& source : house()) {
    if (!source.is_header()) continue;
    const auto once = std::find(source.lines.begin(), source.lines.end(), "#pragma once");
    if (once == source.lines.end()) findings.add(source, 0, "no #pragma once");
    if (!source.lines.empty() && !source.lines[0].starts_with("//")) {
      findings.add(source, 0, "a header begins with what it is for");
    }
  }
  findings.require_none();
}

std::vector<fs::path> documents() {
  std::vector<fs::path> paths = {kRoot / "README.md", kRoot / "CHANGELOG.md"};
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path());
  }
  return paths;
}

TEST_CASE("tidy: links in the docs lead somewhere") {
  const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  Findings findings;
  for (const fs::path& path : documents()) {
    for (const std::string& line : read_lines(path)) {
      for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) {
        const std::string target = (*it)[1];
        if (target.find("://") != std::string::npos) continue;
        if (!fs::exists(path.parent_path() / target)) {
          findings.add(fs::relative(path, kRoot).string() + ": dead link to " + target);
        }
      }
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: scripts that the README names exist and can be run") {
  const std::regex script(R"(\btools/\w+\.sh\b)");
  std::set<std::string> named;
  for (const std::string& line : read_lines(kRoot / "README.md")) {
    for (std::sregex_iterator it(line.begin(), line.end(), script), end; it != end; ++it) {
      named.insert(it->str());
    }
  }
  CHECK(named.contains("tools/demo.sh"));
  CHECK(named.contains("tools/test.sh"));
  for (const std::string& name : named) {
    INFO(name);
    CHECK((fs::status(kRoot / name).permissions() & fs::perms::owner_exec) != fs::perms::none);
  }
}

TEST_CASE("tidy: no editor or merge left a copy behind") {
  auto folders = kFolders;
  folders.insert(folders.end(), {"docs", "tests"});
  Findings findings;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string name = entry.path().filename();
      for (const std::string_view end : {".orig", ".rej", ".bak", "~"}) {
        if (name.ends_with(end)) findings.add("a leftover: " + entry.path().string());
      }
    }
  }
  findings.require_none();
}

TEST_CASE("tidy: the top level holds what the layout names") {
  const std::set<std::string> allowed = {"CMakeLists.txt",
                                         "CMakePresets.json",
                                         "README.md",
                                         "LICENSE",
                                         "CHANGELOG.md",
                                         "docs",
                                         "node",
                                         "consensus",
                                         "chaincode",
                                         "crypto",
                                         "tools",
                                         "tests",
                                         "network",
                                         "build",
                                         "run"};
  Findings findings;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    const std::string name = entry.path().filename();
    if (name[0] != '.' && !allowed.contains(name)) findings.add("not in the layout: " + name);
  }
  findings.require_none();
}

}  // namespace
