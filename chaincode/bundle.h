// A proof that can be checked with nothing but the network's public keys (LEDGER F17, F18).
//
// A bundle holds: a checkpoint with a quorum of cosignatures; the commit record, which is the last
// leaf of that checkpoint's tree; the index proof that its subject has exactly n records with the
// root R; those records; the submissions that caused them, with their signatures; and, where the
// holder may see them, opened facts and verdict details. Handovers lead from the committee that the
// verifier trusts to the one that cosigned.
//
// It has one text form (`*.sanad.json`): the canonical JSON of these structs and one newline. Every
// byte is bound: by a signature, by a hash, by the trust file, or by there being one form only. So
// a file with one changed byte is refused, whichever byte it is.
//
// Pure. Thread-safe (no state).
#pragma once

#include "chaincode/record.h"
#include "chaincode/trust.h"
#include "chaincode/unproved.h"
#include "crypto/commitment.h"
#include "crypto/handle.h"
#include "crypto/index_map.h"
#include "crypto/log_tree.h"
#include "crypto/tlog_policy.h"

namespace sanad::chaincode {

// ------------------------------------------------------------------ what it is about

// Bytes of the longest consignment_reference(): authority, colon, declaration id.
inline constexpr std::size_t kConsignmentReferenceMax = kAuthorityIdMax + 1 + 64;

struct ConsignmentSubject {
  std::string ucr;    // consignment_reference() in clear: the verifier's own consignment
  crypto::Salt salt;  // F6: with the UCR it makes the handle

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(ucr, kConsignmentReferenceMax), SANAD_FIELD(salt));
  }
};
struct ContainerSubject {
  std::string number;  // container_reference() of it
  crypto::Salt salt;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(number, crypto::kFieldItemMax), SANAD_FIELD(salt));
  }
};
// All records of an authority on one ledger day.
struct AuthorityDaySubject {
  std::string authority;
  std::uint32_t day = 0;  // days since 1970 of the blocks' times, UTC

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(authority, kAuthorityIdMax), SANAD_FIELD(day));
  }
};
using Subject = std::variant<ConsignmentSubject, ContainerSubject, AuthorityDaySubject>;

inline constexpr std::uint64_t kMsPerDay = 86'400'000;

// The handle of a consignment or container; nullopt for a day.
[[nodiscard]] std::optional<crypto::Handle> handle_of(const Subject& subject);
// The subject's key in the index (F16).
[[nodiscard]] Hash index_key_of(const Subject& subject);
// "consignment UCR-7", "container MSCU1234567", "all records of KW on day 20413".
[[nodiscard]] std::string subject_text(const Subject& subject);

// ------------------------------------------------------------------ its parts

// The end of an epoch: the old committee cosigned the commit record that names the next one.
struct Handover {
  std::vector<std::string> checkpoint;
  crypto::Bytes commit_record;
  std::vector<Hash> commit_path;
  Signers committee;  // signs from the next block on

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(checkpoint, 256), SANAD_FIELD(commit_record),
       SANAD_FIELD_MAX(commit_path, 64), SANAD_FIELD(committee));
  }
};
inline constexpr std::size_t kHandoversMax = 64;

// A statement that caused records, and the signature over its submission.
struct BundleStatement {
  crypto::Bytes cose;       // exact COSE_Sign1 bytes (F8)
  std::uint32_t index = 0;  // of the statement in its submission
  crypto::Bytes statement;  // its canonical bytes
  std::vector<Hash> path;   // to the payload's root

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(cose, 1024), SANAD_FIELD(index), SANAD_FIELD(statement),
       SANAD_FIELD_MAX(path, 16));
  }
};

// The facts of the declared or amended record with this number in the subject's history (from 1):
// opened ones readable, sealed ones as digests.
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

// ------------------------------------------------------------------ the whole

inline constexpr std::size_t kBundleRecordsMax = 1U << 20U;
inline constexpr std::size_t kBundleTextMax = 512U << 20U;  // bytes

struct Bundle {
  std::uint32_t version = 2;
  Subject subject;
  std::vector<Handover> handovers;   // from the trust file's committee on
  std::vector<TrustedActor> actors;  // of the last handover's committee; empty without handovers
  // Signed note, line by line: a quorum of 0x04 lines, and 0x01 lines of known validators. Every
  // line must verify. note_lines() and note_text() convert.
  std::vector<std::string> checkpoint;
  crypto::Bytes commit_record;
  std::vector<Hash> commit_path;  // of leaf size − 1
  crypto::IndexProof index_proof;
  // Growth: the right edge of the subject's history that was proved before, at least one record.
  std::optional<crypto::LogFrontier> since;
  std::vector<crypto::Bytes> records;       // all that come after `since`, in order
  std::vector<BundleStatement> statements;  // one per distinct origin, in order of first use
  std::vector<BundleBody> bodies;           // ascending n
  std::vector<BundleDetail> details;        // ascending n

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(subject), SANAD_FIELD_MAX(handovers, kHandoversMax),
       SANAD_FIELD_MAX(actors, kActorsMax), SANAD_FIELD_MAX(checkpoint, 256),
       SANAD_FIELD(commit_record), SANAD_FIELD_MAX(commit_path, 64), SANAD_FIELD(index_proof),
       SANAD_FIELD(since), SANAD_FIELD_MAX(records, kBundleRecordsMax), SANAD_FIELD(statements),
       SANAD_FIELD(bodies), SANAD_FIELD(details));
  }
};

[[nodiscard]] std::vector<std::string> note_lines(std::string_view note);
[[nodiscard]] std::string note_text(const std::vector<std::string>& lines);

// The one text form, with its newline. Reading refuses every other spelling of the same bundle
// (kUnreadable, kNotCanonical).
[[nodiscard]] std::string format_bundle(const Bundle& bundle);
[[nodiscard]] Result<Bundle> parse_bundle(std::string_view text);

// What a bundle proves.
struct BundleFindings {
  std::optional<crypto::Handle> handle;  // of a consignment or container
  std::uint64_t tree_size = 0;
  Hash tree_root;
  std::uint64_t height = 0;
  std::uint64_t epoch = 0;
  std::uint64_t as_of_ms = 0;            // block time of the commit record
  std::uint64_t cosigned_at_s = 0;       // median of the cosignatures' times
  std::vector<std::string> cosigned_by;  // member ids, or a policy's names, in order of the lines
  // The subject's whole history: number of records, and their RFC 6962 root. (0 and the empty
  // tree's root: nothing was ever recorded under the handle. That the handle is the UCR's is then
  // the word of whoever chose the salt; where there are records it is proved, since nothing else
  // is recorded.)
  std::uint64_t history_size = 0;
  Hash history_root;
  std::uint64_t since = 0;              // records that were proved before and are not here
  Hash since_root;                      // of those
  std::vector<Record> records;          // those that are here
  std::vector<std::string> proved;      // one line a property, in words
  std::vector<std::string> not_proved;  // what a reader might take for proved, and is not
};

// Checks everything (F17). Every error is an Unproved with its place in words. Ages are the
// caller's to judge: there is no clock here. O(size of the bundle), about 60 µs a signature.
[[nodiscard]] Result<BundleFindings> verify_bundle(const Bundle& bundle, const Trust& trust);
// The same for whom a policy names. It knows no authorities' keys, so whose signatures stand behind
// the records is not proved, and lines of unknown keys are ignored.
[[nodiscard]] Result<BundleFindings> verify_bundle(const Bundle& bundle,
                                                   const crypto::TlogPolicy& policy);

// That the later findings grow out of the earlier ones, both of one subject; kSinceMismatch if not,
// and kTwoHistories where the two checkpoints exclude each other.
[[nodiscard]] Status check_growth(const BundleFindings& earlier, const BundleFindings& later);

}  // namespace sanad::chaincode

namespace sanad::crypto {
template <>
struct AlternativeNames<chaincode::Subject> {
  static constexpr std::array<std::string_view, 3> kNames = {"consignment", "container",
                                                             "authority-day"};
};
}  // namespace sanad::crypto
