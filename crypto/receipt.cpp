#include "crypto/receipt.h"

#include <algorithm>

namespace sanad::crypto {
namespace {

// {1: -19, 4: bstr of 32, 395: 1}
constexpr std::array<std::uint8_t, 6> kHeaderStart = {0xA3, 0x01, 0x32, 0x04, 0x58, 0x20};
constexpr std::array<std::uint8_t, 4> kHeaderEnd = {0x19, 0x01, 0x8B, 0x01};
constexpr std::size_t kHeaderSize = kHeaderStart.size() + PublicKey::kSize + kHeaderEnd.size();
// tag(18), array(4), bytes(42)
constexpr std::array<std::uint8_t, 4> kMessageStart = {0xD2, 0x84, 0x58, kHeaderSize};
// {396: {-1: [ one byte string ]}}
constexpr std::array<std::uint8_t, 7> kUnprotected = {0xA1, 0x19, 0x01, 0x8C, 0xA1, 0x20, 0x81};
constexpr std::size_t kKidAt = kMessageStart.size() + kHeaderStart.size();
constexpr std::size_t kHeadSize = kMessageStart.size() + kHeaderSize + kUnprotected.size();
constexpr std::size_t kProofBytesMax = 1 + 2 * 9 + 2 + kLogProofMax * (2 + Hash::kSize);

// inclusion-proof of RFC 9942 §5.2
struct Inclusion {
  std::uint64_t size = 0;
  std::uint64_t index = 0;
  std::vector<Hash> path;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(size), SANAD_FIELD(index), SANAD_FIELD_MAX(path, kLogProofMax));
  }
};

Bytes protected_header(const PublicKey& kid) {
  Bytes header(kHeaderStart.begin(), kHeaderStart.end());
  append(header, kid.bytes);
  append(header, kHeaderEnd);
  return header;
}

// Everything before the proof.
Bytes message_head(const PublicKey& kid) {
  Bytes head(kMessageStart.begin(), kMessageStart.end());
  append(head, protected_header(kid));
  append(head, kUnprotected);
  return head;
}

}  // namespace

Bytes receipt_to_be_signed(const PublicKey& kid, const Hash& root) {
  CborWriter writer;
  writer.begin_array(4);
  writer.write_text("Signature1");
  writer.write_bytes(protected_header(kid));
  writer.write_bytes({});
  writer.write_bytes(root.bytes);
  writer.end_array();
  return writer.take();
}

Receipt sign_receipt(const SigningKey& key, const Hash& root, std::uint64_t size,
                     std::uint64_t index, std::vector<Hash> path) {
  assert(!path.empty() && path.size() <= kLogProofMax);
  const PublicKey& kid = key.public_key();
  return {kid, size, index, std::move(path), key.sign(receipt_to_be_signed(kid, root))};
}

Bytes encode_receipt(const Receipt& receipt) {
  Bytes out = message_head(receipt.kid);
  CborWriter rest;
  rest.write_bytes(encode(Inclusion{receipt.size, receipt.index, receipt.path}));
  rest.write_null();
  rest.write_bytes(receipt.signature.bytes);
  append(out, rest.view());
  return out;
}

Result<Receipt> parse_receipt(ByteView bytes) {
  if (bytes.size() < kHeadSize) return Error{Errc::kTruncated, "header of a receipt"};
  Receipt receipt;
  SANAD_TRY(receipt.kid, PublicKey::from(bytes.subspan(kKidAt, PublicKey::kSize)));
  const Bytes head = message_head(receipt.kid);
  const auto differs = std::mismatch(head.begin(), head.end(), bytes.begin()).first;
  if (differs != head.end()) {
    return Error{Errc::kUnexpectedType, "not the headers of a receipt of inclusion at byte " +
                                            std::to_string(differs - head.begin())};
  }
  CborReader reader(bytes.subspan(kHeadSize));
  const ByteView proof = reader.read_bytes(kProofBytesMax);
  const bool detached = reader.read_null();
  reader(receipt.signature);
  if (!detached) reader.fail(Errc::kUnexpectedType);
  SANAD_TRY_STATUS(reader.finish());
  SANAD_TRY(Inclusion inclusion, decode<Inclusion>(proof));
  if (inclusion.path.empty()) return Error{Errc::kFieldCount, "a receipt without a path"};
  receipt.size = inclusion.size;
  receipt.index = inclusion.index;
  receipt.path = std::move(inclusion.path);
  return receipt;
}

Result<Hash> verify_receipt(const Receipt& receipt, const Hash& leaf) {
  SANAD_TRY(const Hash root, inclusion_root(leaf, receipt.index, receipt.size, receipt.path));
  if (!verify(receipt.kid, receipt_to_be_signed(receipt.kid, root), receipt.signature)) {
    return Error{Errc::kBadSignature, "receipt of key " + receipt.kid.hex()};
  }
  return root;
}

}  // namespace sanad::crypto
