#include "crypto/cose.h"

#include <algorithm>

namespace sanad::crypto {
namespace {

// {1: -19, 4: bstr of 32}: map(2), 1, -19, 4, bytes(32).
constexpr std::array<std::uint8_t, 6> kHeaderStart = {0xA2, 0x01, 0x32, 0x04, 0x58, 0x20};
constexpr std::size_t kHeaderSize = kHeaderStart.size() + PublicKey::kSize;
// array(4), bytes(38): what every message starts with.
constexpr std::array<std::uint8_t, 3> kMessageStart = {0x84, 0x58, kHeaderSize};
constexpr std::uint8_t kEmptyMap = 0xA0;
constexpr std::size_t kPayloadAt = kMessageStart.size() + kHeaderSize + 1;

std::array<std::uint8_t, kHeaderSize> protected_header(const PublicKey& kid) {
  std::array<std::uint8_t, kHeaderSize> header{};
  const auto end = std::copy(kHeaderStart.begin(), kHeaderStart.end(), header.begin());
  std::copy(kid.bytes.begin(), kid.bytes.end(), end);
  return header;
}

// The exact bytes of array(4), protected header and empty unprotected header.
std::array<std::uint8_t, kPayloadAt> message_head(const PublicKey& kid) {
  std::array<std::uint8_t, kPayloadAt> head{};
  const auto header = protected_header(kid);
  auto end = std::copy(kMessageStart.begin(), kMessageStart.end(), head.begin());
  end = std::copy(header.begin(), header.end(), end);
  *end = kEmptyMap;
  return head;
}

}  // namespace

Bytes cose_to_be_signed(const PublicKey& kid, ByteView payload) {
  CborWriter writer;
  writer.begin_array(4);
  writer.write_text("Signature1");
  writer.write_bytes(protected_header(kid));
  writer.write_bytes({});
  writer.write_bytes(payload);
  writer.end_array();
  return writer.take();
}

Hash cose_id(const PublicKey& kid, ByteView payload) {
  CborWriter writer;
  writer.begin_array(2);
  writer.write_bytes(protected_header(kid));
  writer.write_bytes(payload);
  writer.end_array();
  return tagged_hash_bytes("cose", writer.view());
}

CoseSign1 sign_cose(const SigningKey& key, Bytes payload) {
  assert(payload.size() <= kCosePayloadMax);
  const Signature signature = key.sign(cose_to_be_signed(key.public_key(), payload));
  return {key.public_key(), std::move(payload), signature};
}

Bytes encode_cose(const CoseSign1& message) {
  const auto head = message_head(message.kid);
  Bytes out(head.begin(), head.end());
  // The rest of the array: payload and signature.
  CborWriter writer;
  writer.write_bytes(message.payload);
  writer.write_bytes(message.signature.bytes);
  append(out, writer.view());
  return out;
}

Result<CoseSign1> parse_cose(ByteView bytes) {
  if (bytes.size() < kPayloadAt) return Error{Errc::kTruncated, "COSE header"};
  SANAD_TRY(
      const PublicKey kid,
      PublicKey::from(bytes.subspan(kMessageStart.size() + kHeaderStart.size(), PublicKey::kSize)));
  const auto head = message_head(kid);
  const auto differs = std::mismatch(head.begin(), head.end(), bytes.begin()).first;
  if (differs != head.end()) {
    return Error{Errc::kUnexpectedType, "not the COSE header {alg: -19, kid} at byte " +
                                            std::to_string(differs - head.begin())};
  }
  CborReader reader(bytes.subspan(kPayloadAt));
  const ByteView payload = reader.read_bytes(kCosePayloadMax);
  Signature signature;
  reader(signature);
  if (const Status status = reader.finish(); !status) {
    return Error{status.error().code, status.error().detail + " after the COSE header of " +
                                          std::to_string(kPayloadAt) + " bytes"};
  }
  return CoseSign1{kid, Bytes(payload.begin(), payload.end()), signature};
}

Status verify_cose(const CoseSign1& message) {
  if (verify(message.kid, cose_to_be_signed(message.kid, message.payload), message.signature)) {
    return {};
  }
  return Error{Errc::kBadSignature, "COSE signature of key " + message.kid.hex()};
}

}  // namespace sanad::crypto
