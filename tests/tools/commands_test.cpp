#include "tools/commands/commands.h"

#include <catch2/catch.hpp>

#include "tools/commands/report.h"
#include "tools/story.h"

namespace sanad::tests {
namespace {

using namespace tools;

// Every command that can be run, by its full name.
void gather(const CLI::App& app, const std::string& name,
            std::vector<std::pair<std::string, const CLI::App*>>& leaves) {
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  if (below.empty()) leaves.emplace_back(name, &app);
  for (const CLI::App* one : below) gather(*one, name + " " + one->get_name(), leaves);
}

TEST_CASE("CLI: every command has an example, its exit codes and --json") {
  CLI::App app{"", "sanad"};
  Run chosen;
  add_commands(app, chosen);
  std::vector<std::pair<std::string, const CLI::App*>> leaves;
  gather(app, "sanad", leaves);
  CHECK(leaves.size() >= 20);
  for (const auto& [name, command] : leaves) {
    INFO(name);
    const std::string footer = command->get_footer();
    CHECK_FALSE(command->get_description().empty());
    CHECK(footer.find("Exit code 0: ") != std::string::npos);
    CHECK(footer.find("Example:\n  " + name + " ") != std::string::npos);
    CHECK(command->get_option_no_throw("--json") != nullptr);
    for (const CLI::Option* option : command->get_options()) {
      INFO(option->get_name());
      CHECK_FALSE(option->get_description().empty());
    }
  }
}

TEST_CASE("CLI: JSON that a command writes is escaped and in order") {
  const std::string text = JsonObject()
                               .text("na\"me", "line\nend")
                               .number("count", 7)
                               .boolean("yes", true)
                               .json("list", json_array({"1", "null"}))
                               .str();
  CHECK(text == R"({"na\"me":"line\nend","count":7,"yes":true,"list":[1,null]})");
  CHECK(JsonObject().str() == "{}");
  CHECK(json_array({}) == "[]");
}

TEST_CASE("CLI: a reason is told as one, not under the name of a declaration's field") {
  const crypto::Body reason = chaincode::make_reason("papers in order", {});
  CHECK(tell_body(reason) == "reason=papers in order");
}

}  // namespace
}  // namespace sanad::tests
