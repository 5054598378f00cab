// What one node's parts cost a declaration, each by itself, without a network: the whole way of a
// submission in one thread, from its bytes to the commit.
#pragma once

#include <array>

#include "tools/submitter.h"

namespace sanad::tools {

enum class Stage : std::uint8_t {
  kCheck,    // bytes of a submission → checked: decoding, digests, signature
  kPack,     // checked submissions → batch and its digest
  kSend,     // batch → bytes for its peers
  kJournal,  // batch → journal, synced
  kExecute,  // contracts, rules, records
  kCommit,   // log, index, segments, store, synced
};
inline constexpr std::array<std::string_view, 6> kStageNames = {"check",   "pack",    "send",
                                                                "journal", "execute", "commit"};

struct Stages {
  std::uint64_t declarations = 0;
  std::array<std::uint64_t, kStageNames.size()> processor_ns{};  // per declaration, that thread
  // Per declaration: what the store's own thread did meanwhile.
  std::uint64_t background_ns = 0;
  std::uint64_t ledger_bytes = 0;  // per declaration, as it stands on disk at the end
};

// Declares generated declarations in blocks of one submission of `batch` each, in a ledger and a
// journal of their own below `folder`, which are removed afterwards. REQUIRES: declarations > 0.
crypto::Result<Stages> measure_stages(const LoadedGenesis& genesis, const Member& member,
                                      const std::filesystem::path& folder, std::size_t batch,
                                      std::size_t declarations);

}  // namespace sanad::tools
