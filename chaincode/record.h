// What the log holds (LEDGER F9, F10): one record is one leaf, 100 to 250 bytes of canonical CBOR
//
//   [version, kind, height, time_ms, consignments, n, authority, origin, content]
//
// The content's shape follows from the kind. Pure.
#pragma once

#include "chaincode/accusation.h"
#include "chaincode/lane.h"
#include "chaincode/refusal.h"
#include "chaincode/statement.h"

namespace sanad::chaincode {

inline constexpr std::uint8_t kRecordVersion = 2;
inline constexpr std::size_t kRecordBytesMax = 65'535;
inline constexpr std::size_t kRecordConsignmentsMax = 16;
inline constexpr std::size_t kRecordContainersMax = crypto::kFieldListMax;

// The alternatives of RecordContent, in order. New kinds are appended.
enum class RecordKind : std::uint8_t {
  kDeclared,
  kAmended,
  kCancelled,
  kVerdict,
  kInspected,
  kHeld,
  kApproved,
  kReleased,
  kMoved,
  kRefused,
  kCommit,
  kAccused,
};
inline constexpr std::array<std::string_view, 12> kRecordKindNames = {
    "declared", "amended",  "cancelled", "verdict", "inspected", "held",
    "approved", "released", "moved",     "refused", "commit",    "accused"};
constexpr const std::array<std::string_view, 12>& enum_names(RecordKind) {
  return kRecordKindNames;
}

// Everywhere below `declaration` is the commitment it was first declared with.
// `containers` are container_handles() of its facts: strictly ascending.
struct Declared {
  Hash declaration;
  std::vector<Handle> containers;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD_MAX(containers, kRecordContainersMax));
  }
  friend bool operator==(const Declared&, const Declared&) = default;
};
struct Amended {
  Hash declaration;
  Hash commitment;  // of the new facts
  std::vector<Handle> containers;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(commitment),
       SANAD_FIELD_MAX(containers, kRecordContainersMax));
  }
  friend bool operator==(const Amended&, const Amended&) = default;
};
struct Cancelled {
  Hash declaration;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};
// Caused by a declared or amended record (its origin).
struct VerdictGiven {
  Hash declaration;
  Lane lane = Lane::kGreen;
  Hash rule_set;
  Hash detail;  // detail_digest() of the stored detail (F11)
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(lane), SANAD_FIELD(rule_set), SANAD_FIELD(detail));
  }
  friend bool operator==(const VerdictGiven&, const VerdictGiven&) = default;
};
struct Inspected {
  Hash declaration;
  InspectionResult result = InspectionResult::kConform;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(result), SANAD_FIELD(reason));
  }
  friend bool operator==(const Inspected&, const Inspected&) = default;
};
struct HeldBack {
  Hash declaration;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const HeldBack&, const HeldBack&) = default;
};
// The first of two officers agreed to the release of a red declaration; nothing is released yet.
struct Approved {
  Hash declaration;
  std::optional<Hash> reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const Approved&, const Approved&) = default;
};

// On whose word goods were released.
enum class ReleaseBasis : std::uint8_t {
  kGreen,        // automatic, with its verdict
  kBlue,         // automatic, to be audited after clearance
  kOfficer,      // one officer
  kTwoOfficers,  // red: inspected, and two different officers
};
inline constexpr std::array<std::string_view, 4> kReleaseBasisNames = {"green", "blue", "officer",
                                                                       "two-officers"};
constexpr const std::array<std::string_view, 4>& enum_names(ReleaseBasis) {
  return kReleaseBasisNames;
}
// Automatic releases are caused by their verdict record (origin), others by a statement.
struct Released {
  Hash declaration;
  ReleaseBasis basis = ReleaseBasis::kGreen;
  std::optional<Hash> reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(basis), SANAD_FIELD(reason));
  }
  friend bool operator==(const Released&, const Released&) = default;
};
struct Moved {
  Hash declaration;
  MoveEvent event = MoveEvent::kDeparted;
  std::optional<Hash> reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(event), SANAD_FIELD(reason));
  }
  friend bool operator==(const Moved&, const Moved&) = default;
};
// An authorised statement that the contracts rejected. It names a consignment only where the
// declaration exists: a handle that was not accepted enters no history.
struct Refused {
  StatementKind statement = StatementKind::kDeclare;
  Code code = Code::kAccepted;
  Hash subject;  // subject_of(statement)
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(statement), SANAD_FIELD(code), SANAD_FIELD(subject));
  }
  friend bool operator==(const Refused&, const Refused&) = default;
};
// A validator proved that another one signed what contradicts itself. In no consignment's history.
struct Accused {
  std::string accused;  // the authority whose validator it is
  Fault fault = Fault::kConflictingVotes;
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;  // the view, or the batches' sequence number
  Hash evidence;             // evidence_digest() of the proof, which is in the statement
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(accused, kAuthorityIdMax), SANAD_FIELD(fault), SANAD_FIELD(epoch),
       SANAD_FIELD(number), SANAD_FIELD(evidence));
  }
  friend bool operator==(const Accused&, const Accused&) = default;
};
// The last record of every block (F10); added by the ledger, which knows the roots.
struct CommitRecord {
  std::uint64_t height = 0;
  Hash block_hash;
  std::uint64_t time_ms = 0;
  std::uint64_t epoch = 0;
  Hash committee_hash;  // of the committee that signs after this block
  Hash index_root;      // F16
  Hash state_digest;    // F21
  Hash beacon;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(block_hash), SANAD_FIELD(time_ms), SANAD_FIELD(epoch),
       SANAD_FIELD(committee_hash), SANAD_FIELD(index_root), SANAD_FIELD(state_digest),
       SANAD_FIELD(beacon));
  }
  friend bool operator==(const CommitRecord&, const CommitRecord&) = default;
};

using RecordContent = std::variant<Declared, Amended, Cancelled, VerdictGiven, Inspected, HeldBack,
                                   Approved, Released, Moved, Refused, CommitRecord, Accused>;

// A statement of a submission.
struct StatementOrigin {
  Hash submission;
  std::uint32_t index = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(submission), SANAD_FIELD(index));
  }
  friend auto operator<=>(const StatementOrigin&, const StatementOrigin&) = default;
};
// What caused a record: a statement, or (for what a contract produced) the record with that index.
using Origin = std::variant<StatementOrigin, std::uint64_t>;

struct Record {
  std::uint8_t version = kRecordVersion;
  std::uint64_t height = 0;
  std::uint64_t time_ms = 0;         // the block's
  std::vector<Handle> consignments;  // whose history it belongs to; at most one in this version
  std::uint64_t n = 0;               // its number in that history, from 1; 0 without consignment
  std::string authority;             // who acted, "AE-DU"; empty for a commit
  std::optional<Origin> origin;      // nothing for a commit
  RecordContent content;

  [[nodiscard]] RecordKind kind() const { return static_cast<RecordKind>(content.index()); }
  template <class Archive>
  void serialize(Archive& ar);
  friend bool operator==(const Record&, const Record&) = default;
};

// Canonical bytes: the leaf.
Bytes encode_record(const Record& record);
// kUnknownVersion; kNotAscending for containers; the codec's errors.
Result<Record> decode_record(ByteView bytes);
Record make_commit_record(const CommitRecord& content);

// The containers that a declared or amended record names; none of any other.
std::span<const Handle> containers_of(const Record& record);
// The declaration a record is about; nullptr for a commit and what concerns an accusation.
const Hash* declaration_of(const Record& record);
// The WCO response code that a trader's software knows ("01" accepted, "03" rejected, "05" control,
// "06" documents, "07" amended, "08" release, "10" invalidated, "16" exit), "" where there is none.
std::string_view wco_response(const Record& record);

// A verdict's detail as the body store keeps it; its digest is
// tagged_hash_bytes("detail", encode(StoredDetail)) (F11).
struct StoredDetail {
  crypto::Salt salt;  // HMAC of the verdict record's origin
  Bytes detail;       // canonical bytes of rules::Verdict
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(salt), SANAD_FIELD(detail));
  }
};
Hash detail_digest(ByteView stored_detail);

// ------------------------------------------------------------------ serialisation

template <std::size_t I = 0>
void emplace_content(RecordContent& content, std::size_t index) {
  if constexpr (I < std::variant_size_v<RecordContent>) {
    if (index == I) {
      content.emplace<I>();
    } else {
      emplace_content<I + 1>(content, index);
    }
  }
}

template <class Archive>
void Record::serialize(Archive& ar) {
  RecordKind kind = this->kind();
  ar(SANAD_FIELD(version), SANAD_FIELD(kind), SANAD_FIELD(height), SANAD_FIELD(time_ms),
     SANAD_FIELD_MAX(consignments, kRecordConsignmentsMax), SANAD_FIELD(n),
     SANAD_FIELD_MAX(authority, 16), SANAD_FIELD(origin));
  if constexpr (Archive::is_loading::value) {
    emplace_content(content, static_cast<std::size_t>(kind));
  }
  std::visit([&ar](auto& value) { ar(::cereal::make_nvp("content", value)); }, content);
}

}  // namespace sanad::chaincode

namespace sanad::crypto {
template <>
struct AlternativeNames<chaincode::Origin> {
  static constexpr std::array<std::string_view, 2> kNames = {"statement", "record"};
};
}  // namespace sanad::crypto
