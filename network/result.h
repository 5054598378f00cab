// The errors of the network folder; Result<T> and Error are crypto's.
#pragma once

#include <map>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace sanad::network {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;

// How often each error happened: no more entries than there are codes.
using ReasonCounts = std::map<std::error_code, std::uint64_t>;

enum class Errc {
  kNone,
  kBadAddress,       // a host or port that cannot be used
  kBadOptions,       // options that contradict each other
  kPlainOutside,     // plain HTTP on an address other than loopback
  kListenFailed,     // the listening socket could not be opened or adopted
  kConnectFailed,    // nobody answers at the address
  kClosed,           // the other side closed the connection
  kTimeout,          // a deadline passed
  kTlsFailed,        // the TLS handshake failed, or a certificate or key cannot be used
  kUnknownKey,       // the other side proved a key that is not expected here
  kFrameEmpty,       // a frame of length 0
  kFrameTooLong,     // a frame longer than the limit
  kFrameKind,        // a frame of an unknown kind, or of a kind or size not allowed here
  kWrongVersion,     // a hello of another protocol version
  kWrongNetwork,     // a hello of another network
  kWrongIndex,       // a hello with other member indices than the keys prove
  kWrongBinding,     // a hello made for another TLS session
  kReplaced,         // a newer link of the same member took over
  kHttpMalformed,    // not a well-formed HTTP message
  kHttpHeadTooLong,  // a request line and fields over their limits
  kHttpBodyTooLong,  // a body over the limit of its route
  kHttpUnsupported,  // well-formed HTTP that is not served here
  kStopped,          // the local side is stopping
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::network

template <>
struct std::is_error_code_enum<sanad::network::Errc> : std::true_type {};
