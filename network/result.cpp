#include "network/result.h"

#include <array>

namespace sanad::network {
namespace {

constexpr std::array<std::string_view, 23> kTexts = {
    "no error",
    "unusable address",
    "options contradict each other",
    "plain HTTP is served on loopback addresses only; give a certificate for others",
    "cannot listen",
    "cannot connect",
    "connection closed",
    "timed out",
    "TLS failed",
    "a key that is not expected here",
    "frame of length 0",
    "frame longer than allowed",
    "frame of a kind or size that is not allowed here",
    "another protocol version",
    "another network",
    "other member indices than the keys prove",
    "hello of another TLS session",
    "replaced by a newer link of the same member",
    "malformed HTTP",
    "HTTP head longer than allowed",
    "HTTP body longer than allowed",
    "HTTP that is not served here",
    "stopped",
};
static_assert(kTexts.size() == static_cast<std::size_t>(Errc::kStopped) + 1);

}  // namespace

const std::error_category& error_category() {
  static const crypto::TableCategory category("sanad.network", kTexts);
  return category;
}

}  // namespace sanad::network
