// The work per declaration that no ledger can avoid: hashing its bytes, checking one signature per
// submission, writing its bytes once and syncing. What a node uses beyond that is its own.
#pragma once

#include "tools/submitter.h"

namespace sanad::tools {

struct Floor {
  std::uint64_t declarations = 0;
  std::uint64_t bytes = 0;         // wire bytes per declaration
  std::uint64_t processor_ns = 0;  // per declaration: hash, signature share, write and sync
  std::uint64_t wall_us = 0;       // per declaration, the disk's wait included
};

// Measures over submissions of at most `batch` generated declarations each, written to `folder`.
crypto::Result<Floor> measure_floor(const Member& member, const std::filesystem::path& folder,
                                    std::size_t batch, std::size_t declarations);

}  // namespace sanad::tools
