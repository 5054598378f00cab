#include "network/hello.h"

namespace sanad::network {

Bytes encode_hello(const HelloFields& fields) {
  Bytes payload;
  crypto::append_u32be(payload, kProtocolVersion);
  crypto::append(payload, crypto::encode(fields));
  return payload;
}

Status check_hello(ByteView payload, const HelloFields& expected) {
  if (payload.size() < 4) return Error{crypto::Errc::kTruncated, "hello"};
  const std::uint32_t version = crypto::read_u32be(payload);
  if (version != kProtocolVersion) {
    return Error{Errc::kWrongVersion, "theirs is " + std::to_string(version) + ", ours " +
                                          std::to_string(kProtocolVersion)};
  }
  SANAD_TRY(const auto hello, crypto::decode<HelloFields>(payload.subspan(4)));
  if (hello.network_id != expected.network_id) {
    return Error{Errc::kWrongNetwork, "theirs is " + hello.network_id.hex()};
  }
  if (hello.from != expected.from || hello.to != expected.to) {
    return Error{Errc::kWrongIndex, "theirs says from " + std::to_string(hello.from) + " to " +
                                        std::to_string(hello.to) + ", the keys say from " +
                                        std::to_string(expected.from) + " to " +
                                        std::to_string(expected.to)};
  }
  if (hello.binding != expected.binding) return Error{Errc::kWrongBinding};
  return {};
}

}  // namespace sanad::network
