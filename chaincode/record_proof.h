// Proofs that one record is in the log, and nothing more (LEDGER F15): `.tlog-proof` files, and a
// small form for a QR code.
//
// The text of a QR code is "SANAD1:" and the base45 (RFC 9285) of the canonical bytes of QrProof:
// at most kQrBytesMax for a record of 250 bytes in a log of 10^6 with five cosignatures.
//
// Pure. Thread-safe (no state).
#pragma once

#include "chaincode/record.h"
#include "chaincode/trust.h"
#include "chaincode/unproved.h"
#include "crypto/tlog_policy.h"
#include "crypto/tlog_proof.h"

namespace sanad::chaincode {

struct RecordFindings {
  Record record;
  std::uint64_t index = 0;
  std::uint64_t tree_size = 0;
  Hash tree_root;
  std::uint64_t cosigned_at_s = 0;       // median of the cosignatures' times
  std::vector<std::string> cosigned_by;  // member ids, or a policy's names
  std::vector<std::string> proved;       // one line a property, in words
  std::vector<std::string> not_proved;
};

// Every error is an Unproved. O(length of the proof), about 60 µs a signature.
[[nodiscard]] Result<RecordFindings> verify_record(const crypto::TlogProof& proof, ByteView record,
                                                   const Trust& trust);
[[nodiscard]] Result<RecordFindings> verify_record(const crypto::TlogProof& proof, ByteView record,
                                                   const crypto::TlogPolicy& policy);

inline constexpr std::size_t kQrBytesMax = 1250;
inline constexpr std::size_t kQrTextMax = 4096;  // characters that are read
inline constexpr std::uint8_t kQrVersion = 1;
inline constexpr std::string_view kQrPrefix = "SANAD1:";

using NetworkHint = crypto::Fixed<struct NetworkHintTag, 4>;

struct QrProof {
  std::uint8_t version = kQrVersion;
  NetworkHint network;  // the network id's first bytes; the cosignatures are over all of it
  crypto::Bytes record;
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  crypto::Bytes path;                  // hashes one after the other, from the leaf's sibling up
  std::uint64_t signers = 0;           // bit i: validator i of the trust file
  std::uint64_t time_s = 0;            // of the earliest cosignature
  std::vector<std::uint32_t> later_s;  // of each signer, in order of the bits
  crypto::Bytes signatures;            // 64 bytes each, in order of the bits

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(network), SANAD_FIELD(record), SANAD_FIELD(index),
       SANAD_FIELD(size), SANAD_FIELD_MAX(path, 64 * 32), SANAD_FIELD(signers), SANAD_FIELD(time_s),
       SANAD_FIELD_MAX(later_s, kMembersMax), SANAD_FIELD_MAX(signatures, kMembersMax * 64));
  }
};

// REQUIRES: verify_record(proof, record, trust) holds. Takes a quorum of the cosignatures, no more.
[[nodiscard]] QrProof make_qr_proof(const crypto::TlogProof& proof, ByteView record,
                                    const Trust& trust);
[[nodiscard]] std::string format_qr(const QrProof& proof);
// kUnreadable for what format_qr() would not have written.
[[nodiscard]] Result<QrProof> parse_qr(std::string_view text);
// As verify_record().
[[nodiscard]] Result<RecordFindings> verify_qr(const QrProof& proof, const Trust& trust);

}  // namespace sanad::chaincode
