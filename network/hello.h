// The first frame of each side of a link. TLS has proved who the other side is; the hello binds
// that to one network, one pair of members and one TLS session, so that it cannot be carried
// elsewhere.
//
//   payload = protocol version (u32, big-endian), then the CBOR of HelloFields
//
// Pure. HOSTILE 14, 15, 21, 22.
#pragma once

#include "crypto/codec.h"
#include "network/result.h"

namespace sanad::network {

inline constexpr std::uint32_t kProtocolVersion = 2;

struct HelloFields {
  crypto::Hash network_id;
  std::uint16_t from = 0;  // member index of the side that speaks
  std::uint16_t to = 0;    // member index of the side that is spoken to
  crypto::Hash binding;    // TLS exporter value of the session (tls.h)

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(network_id), SANAD_FIELD(from), SANAD_FIELD(to), SANAD_FIELD(binding));
  }
};

Bytes encode_hello(const HelloFields& fields);
// Ok iff the payload is exactly the hello that is expected: kWrongVersion, kWrongNetwork,
// kWrongIndex, kWrongBinding, or an error of crypto's decoder.
Status check_hello(ByteView payload, const HelloFields& expected);

}  // namespace sanad::network
