// A consignment's proof that can be checked with nothing but the network's public keys (LEDGER
// F17).
//
// A bundle holds: a checkpoint with a quorum of cosignatures; the commit record, which is the last
// leaf of that checkpoint's tree; the index proof that the consignment has exactly n records with
// the root R; those n records; the submissions that caused them, with their signatures; and, where
// the holder may see them, opened facts and verdict details.
//
// It has one text form (`*.sanad.json`): the canonical JSON of these structs and one newline. Every
// byte is bound: by a signature, by a hash, by the trust file, or by there being one form only. So
// a file with one changed byte is refused, whichever byte it is.
//
// Pure. Thread-safe (no state).
#pragma once

#include "chaincode/genesis.h"
#include "chaincode/record.h"
#include "crypto/commitment.h"
#include "crypto/handle.h"
#include "crypto/index_map.h"

namespace sanad::chaincode {

// One validator as a verifier knows it.
struct TrustedValidator {
  std::string id;
  std::string name;
  crypto::PublicKey log;       // 0x01 lines
  crypto::PublicKey cosigner;  // 0x04 lines

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(id, 16), SANAD_FIELD_MAX(name, 128), SANAD_FIELD(log),
       SANAD_FIELD(cosigner));
  }
};

// Whose signature a submission's key is.
struct TrustedActor {
  crypto::PublicKey key;
  std::string authority;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD_MAX(authority, 16));
  }
};

// The trust file: all that a verifier needs besides the bundle. Public; got once, over a channel
// that the verifier trusts.
struct Trust {
  std::uint32_t version = 1;
  std::string network;
  crypto::Hash network_id;
  std::uint64_t issued_ms = 0;
  // A verifier should renew the file after this many days; `sanad verify` warns, then refuses.
  std::uint32_t maximum_age_days = 0;
  std::vector<TrustedValidator> validators;
  std::vector<TrustedActor> actors;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD_MAX(network, 64), SANAD_FIELD(network_id),
       SANAD_FIELD(issued_ms), SANAD_FIELD(maximum_age_days), SANAD_FIELD_MAX(validators, 256),
       SANAD_FIELD_MAX(actors, 4096));
  }
  // "<network>/<network id>": the origin line of every checkpoint.
  [[nodiscard]] std::string origin() const;
  // Cosignatures that make a checkpoint: n − ⌊(n−1)/3⌋.
  [[nodiscard]] std::size_t quorum() const;
};
[[nodiscard]] Trust trust_of(const Genesis& genesis, std::uint64_t issued_ms,
                             std::uint32_t maximum_age_days);

// The key name of a validator's 0x04 lines: "<member id>.<network>".
[[nodiscard]] std::string cosigner_name(std::string_view network, std::string_view member_id);

// A statement that caused records of the consignment, and the signature over its submission.
struct BundleStatement {
  crypto::Bytes cose;              // exact COSE_Sign1 bytes (F8)
  std::uint32_t index = 0;         // of the statement in its submission
  crypto::Bytes statement;         // its canonical bytes
  std::vector<crypto::Hash> path;  // to the payload's root

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(cose, 1024), SANAD_FIELD(index), SANAD_FIELD(statement),
       SANAD_FIELD_MAX(path, 16));
  }
};

// The facts of the declared or amended record with this number (n, from 1): opened ones readable,
// sealed ones as digests.
struct BundleBody {
  std::uint32_t n = 0;
  crypto::Body body;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(n), SANAD_FIELD(body));
  }
};

// The detail of the verdict record with this number, as the body store keeps it.
struct BundleDetail {
  std::uint32_t n = 0;
  crypto::Bytes stored;  // canonical bytes of StoredDetail (record.h)

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(n), SANAD_FIELD(stored));
  }
};

// Bytes of the longest consignment_reference(): authority, colon, declaration id.
inline constexpr std::size_t kConsignmentReferenceMax = kAuthorityIdMax + 1 + 64;

struct Bundle {
  std::uint32_t version = 1;
  std::string ucr;           // consignment_reference() in clear: the verifier's own consignment
  crypto::Salt handle_salt;  // F6: with the UCR it makes the handle
  // Signed note, line by line: a quorum of 0x04 lines, and 0x01 lines of known validators. Every
  // line must verify. note_lines() and note_text() convert.
  std::vector<std::string> checkpoint;
  crypto::Bytes commit_record;
  std::vector<crypto::Hash> commit_path;  // of leaf size − 1
  crypto::IndexProof index_proof;
  std::vector<crypto::Bytes> records;       // all n, in order
  std::vector<BundleStatement> statements;  // one per distinct origin, in order of first use
  std::vector<BundleBody> bodies;           // ascending n
  std::vector<BundleDetail> details;        // ascending n

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD_MAX(ucr, kConsignmentReferenceMax),
       SANAD_FIELD(handle_salt), SANAD_FIELD_MAX(checkpoint, 256), SANAD_FIELD(commit_record),
       SANAD_FIELD_MAX(commit_path, 64), SANAD_FIELD(index_proof), SANAD_FIELD(records),
       SANAD_FIELD(statements), SANAD_FIELD(bodies), SANAD_FIELD(details));
  }
};

[[nodiscard]] std::vector<std::string> note_lines(std::string_view note);
[[nodiscard]] std::string note_text(const std::vector<std::string>& lines);

// The one text form, with its newline. Reading refuses every other spelling of the same bundle.
[[nodiscard]] std::string format_bundle(const Bundle& bundle);
[[nodiscard]] crypto::Result<Bundle> parse_bundle(std::string_view text);
[[nodiscard]] std::string format_trust(const Trust& trust);
[[nodiscard]] crypto::Result<Trust> parse_trust(std::string_view text);

// What a bundle proves.
struct BundleFindings {
  crypto::Handle handle;
  std::uint64_t tree_size = 0;
  std::uint64_t height = 0;
  std::uint64_t as_of_ms = 0;            // block time of the commit record
  std::uint64_t cosigned_at_s = 0;       // median of the cosignatures' times
  std::vector<std::string> cosigned_by;  // member ids, in the order of the lines
  // Empty: nothing was ever recorded under the handle. That the handle is the UCR's is then the
  // word of whoever chose the salt; where there are records it is proved, since nothing else is
  // recorded.
  std::vector<Record> records;
  std::vector<std::string> proved;  // one line a property, in words
};

// Checks everything (F17). The error says in words which check failed: kBadProof, kBadSignature or
// kNotQuorum of crypto, or a decoding error. Ages are the caller's to judge: there is no clock
// here. O(size of the bundle), about 60 µs a signature.
[[nodiscard]] crypto::Result<BundleFindings> verify_bundle(const Bundle& bundle,
                                                           const Trust& trust);

}  // namespace sanad::chaincode
