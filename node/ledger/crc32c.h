// CRC-32C (Castagnoli; RFC 3720 §B.4), as every frame on disk carries it.
#pragma once

#include "crypto/bytes.h"

namespace sanad::node {

// The checksum of `bytes`, or of what had checksum `before` followed by `bytes`. Uses SSE4.2 where
// the processor has it, a table otherwise. Thread-safe.
std::uint32_t crc32c(crypto::ByteView bytes, std::uint32_t before = 0);
// The table's result, whatever the processor: tests compare the two.
std::uint32_t crc32c_portable(crypto::ByteView bytes, std::uint32_t before = 0);

}  // namespace sanad::node
