// What a client of the log that is not ours needs to check its checkpoints: the keys as C2SP's
// signed-note writes them, and the rule as C2SP's tlog-policy does (LEDGER F14). Pure.
#pragma once

#include <string>
#include <vector>

#include "chaincode/bundle.h"
#include "crypto/note.h"

namespace sanad::chaincode {

// Every validator's 0x01 key under the log's origin, then every validator's 0x04 key.
[[nodiscard]] std::vector<crypto::VerifierKey> log_keys(const Trust& trust);
// The same as text, one a line.
[[nodiscard]] std::string log_keys_text(const Trust& trust);
// `log` lines (whichever node's note is read, its 0x01 line is one of them), `witness` lines, and a
// quorum of the witnesses. The same text at every node.
[[nodiscard]] std::string log_policy_text(const Trust& trust);

}  // namespace sanad::chaincode
