// Declares a whole input: a desk per member salts, signs, keeps and sends, all members at once.
//
// Memory is bounded: a desk holds at most a few submissions. Whatever ends the run (Ctrl-C, kill
// -9, a network that is away), nothing is lost or declared twice: what was signed is in the vault
// and is sent again with the same bytes, and rows that the vault holds are not declared anew.
#pragma once

#include <functional>

#include "tools/importers/input.h"
#include "tools/submitter.h"

namespace sanad::tools {

struct ImportOptions {
  std::size_t batch = 500;       // declarations in a submission, at most
  std::size_t in_flight = 2;     // submissions of one member on their way at once
  bool resume = false;           // rows in the vault are skipped instead of reported
  bool reveal_outcomes = false;  // plays the inspector, for what was selected and only for that
  std::uint64_t limit = 0;       // rows to take; 0: all
  Patience patience;
};

struct MemberTally {
  std::uint64_t declared = 0;                  // final, whatever the outcome
  std::map<std::string, std::uint64_t> lanes;  // of those accepted; "none" where no rule set judges
  std::map<std::string, std::uint64_t> refused;  // by code
  std::uint64_t inspected = 0;                   // labels revealed
  std::vector<std::uint64_t> latencies_ms;       // one a submission: sent to final
  [[nodiscard]] std::uint64_t released() const;  // automatically: green and blue
};

struct ImportReport {
  std::uint64_t rows = 0;      // read, well-formed or not
  std::uint64_t rejected = 0;  // handed to `reject`
  std::uint64_t skipped = 0;   // in the vault already (resume)
  std::uint64_t rounded = 0;   // rows with an amount below its unit
  std::uint64_t settled = 0;   // submissions of an earlier run that were finished first
  std::uint64_t elapsed_ms = 0;
  std::map<std::string, MemberTally> members;
  // The first failure that ended the run early, if one did.
  std::optional<crypto::Error> failure;

  [[nodiscard]] MemberTally total() const;
};

struct ImportObserver {
  std::function<void(const RejectedRow&)> reject;
  std::function<void(std::uint64_t rows, std::uint64_t final)> progress;
};

// Errors before the first row is read: a member's folder, keys or vault.
crypto::Result<ImportReport> run_import(const NetworkFolder& network, Input& input,
                                        const ImportOptions& options,
                                        const ImportObserver& observer);

}  // namespace sanad::tools
