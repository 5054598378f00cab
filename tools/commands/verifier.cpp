// sanad verifier
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/files.h"
#include "tools/verifier_page.h"

namespace sanad::tools {
namespace {

struct VerifierOptions {
  std::string out;
  bool json = false;
};

ExitCode run(const VerifierOptions& options) {
  const node::StaticPage page = verifier_page();
  if (page.html.empty()) {
    return report_usage(
        "this program was built without the page: build it where npm is, or take the page from "
        "https://<a node>/verify/");
  }
  if (const auto written = write_file(options.out, page.html); !written) {
    return report(written.error());
  }
  if (options.json) {
    std::cout << JsonObject().text("file", options.out).number("bytes", page.html.size()).str()
              << "\n";
  } else {
    std::cout << "Wrote " << options.out << " (" << page.html.size() / 1024
              << " KiB): open it in a browser, it needs no network.\n";
  }
  return kExitOk;
}

}  // namespace

void add_verifier(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<VerifierOptions>();
  CLI::App* verifier = app.add_subcommand(
      "verifier",
      "Write the page that checks proofs in a browser, for people without this program");
  verifier->add_option("--out", options->out, "The file to write, verifier.html for one")
      ->required();
  verifier->add_flag("--json", options->json, "Print JSON");
  verifier->footer(
      "A node serves the same page under /verify/.\n"
      "Exit code 0: written; 2: it cannot be written, or this program has no page in it.\n"
      "Example:\n  sanad verifier --out verifier.html");
  verifier->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
