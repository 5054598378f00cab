// Bytes as the 45 characters that a QR code packs densest (RFC 9285). Pure.
#pragma once

#include "crypto/bytes.h"

namespace sanad::crypto {

std::string to_base45(ByteView bytes);
// kBadText for another character, a length that no bytes have, or a group over its range.
Result<Bytes> from_base45(std::string_view text);

}  // namespace sanad::crypto
