// What a submitter signs (LEDGER F5–F8): statements, many under one signature.
//
// On the wire a submission is CBOR of `Submission`; its `cose` is an exact COSE_Sign1 whose payload
// is `SubmissionPayload`, whose root is the RFC 6962 root over the statements' bytes. A statement
// names the body beside it by digest, so nobody but the signer decides which fields are opened.
//
// A declaration is named, ever after, by its authority and the commitment it was first declared
// with (docs/decisions/0002-naming-and-release.md).
//
// Pure and thread-safe.
#pragma once

#include <functional>

#include "chaincode/errors.h"
#include "chaincode/fields.h"
#include "crypto/cose.h"
#include "crypto/handle.h"

namespace sanad::chaincode {

using crypto::Body;
using crypto::Bytes;
using crypto::ByteView;
using crypto::Handle;
using crypto::Hash;
using crypto::PublicKey;

inline constexpr std::size_t kSubmissionBytesMax = 1 << 20;  // with bodies
inline constexpr std::size_t kStatementsMax = 4096;
inline constexpr std::size_t kEvidenceBytesMax = 32 << 10;  // a proposal with all its references
inline constexpr std::size_t kStatementBytesMax = kEvidenceBytesMax + 16;
inline constexpr std::size_t kBodyBytesMax = 65'535;

// Files a declaration. `body` is body_digest() of the body beside it, `commitment` its commitment;
// `consignment` the handle of consignment_reference().
struct Declare {
  Handle consignment;
  Hash commitment;
  Hash body;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(consignment), SANAD_FIELD(commitment), SANAD_FIELD(body));
  }
  friend bool operator==(const Declare&, const Declare&) = default;
};

// Replaces the facts of a declaration of the same consignment and flow. It gets a new verdict, the
// old one stays in the history.
struct Amend {
  Hash declaration;
  Handle consignment;
  Hash commitment;
  Hash body;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(consignment), SANAD_FIELD(commitment),
       SANAD_FIELD(body));
  }
  friend bool operator==(const Amend&, const Amend&) = default;
};

// In what follows a `reason` is body_digest() of a body of kReasonSchema, which may travel beside
// the statement or stay with the signer.
struct Cancel {
  Hash declaration;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const Cancel&, const Cancel&) = default;
};

enum class InspectionResult : std::uint8_t { kConform, kOffence, kSeizure };
inline constexpr std::array<std::string_view, 3> kInspectionResultNames = {"conform", "offence",
                                                                           "seizure"};
constexpr const std::array<std::string_view, 3>& enum_names(InspectionResult) {
  return kInspectionResultNames;
}

struct Inspect {
  Hash declaration;
  InspectionResult result = InspectionResult::kConform;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(result), SANAD_FIELD(reason));
  }
  friend bool operator==(const Inspect&, const Inspect&) = default;
};

struct Hold {
  Hash declaration;
  Hash reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const Hold&, const Hold&) = default;
};

// An officer's release. The reason is required for an override: lifting a hold, or a release after
// an inspection that found an offence.
struct Release {
  Hash declaration;
  std::optional<Hash> reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(reason));
  }
  friend bool operator==(const Release&, const Release&) = default;
};

enum class MoveEvent : std::uint8_t { kDeparted, kArrived, kGateOut };
inline constexpr std::array<std::string_view, 3> kMoveEventNames = {"departed", "arrived",
                                                                    "gate-out"};
constexpr const std::array<std::string_view, 3>& enum_names(MoveEvent) { return kMoveEventNames; }

// The goods moved. Where to is in the reason's body, if anywhere.
struct Move {
  Hash declaration;
  MoveEvent event = MoveEvent::kDeparted;
  std::optional<Hash> reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration), SANAD_FIELD(event), SANAD_FIELD(reason));
  }
  friend bool operator==(const Move&, const Move&) = default;
};

// A validator shows that another one signed what contradicts itself (accusation.h). Signed with its
// consensus key: a submission is never 32 bytes long, as all that consensus signs is.
struct Accuse {
  Bytes evidence;  // canonical bytes of consensus::Evidence
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(evidence, kEvidenceBytesMax));
  }
  friend bool operator==(const Accuse&, const Accuse&) = default;
};

using Statement = std::variant<Declare, Amend, Cancel, Inspect, Hold, Release, Move, Accuse>;

// The alternatives of Statement, in order.
enum class StatementKind : std::uint8_t {
  kDeclare,
  kAmend,
  kCancel,
  kInspect,
  kHold,
  kRelease,
  kMove,
  kAccuse
};
inline constexpr std::array<std::string_view, 8> kStatementKindNames = {
    "declare", "amend", "cancel", "inspect", "hold", "release", "move", "accuse"};
constexpr const std::array<std::string_view, 8>& enum_names(StatementKind) {
  return kStatementKindNames;
}
inline StatementKind kind_of(const Statement& statement) {
  return static_cast<StatementKind>(statement.index());
}

// What a body is known by, in statements and in the body store: H("body", body), which is
// tagged_hash_bytes("body", bytes) of its stored bytes.
Hash body_digest(ByteView body_bytes);
// The digest of the body that the statement names, if it names one.
std::optional<Hash> named_body(const Statement& statement);
// What the statement is about: its declaration, a Declare's own commitment, an accusation's
// evidence_digest().
Hash subject_of(const Statement& statement);

// What a consignment is called: the UCR (field 28), or where there is none
// `<authority>:<declaration id>`, which no UCR can equal.
std::string consignment_reference(const Body& body, std::string_view authority);
// What a container is called: its number with a–z as A–Z, without spaces and hyphens. May be empty.
std::string container_reference(std::string_view number);
// The handle that a declaration with this body must name.
Handle consignment_handle(const crypto::NetworkSecret& secret, const Body& body,
                          std::string_view authority);
// The handles of the containers that a body opens (field 30), ascending, each once; a number that
// says nothing has none.
std::vector<Handle> container_handles(const crypto::NetworkSecret& secret, const Body& body);

// What is signed.
struct SubmissionPayload {
  Hash network;
  std::uint64_t valid_until_ms = 0;
  std::uint64_t nonce = 0;  // makes equal contents different submissions; any value
  std::uint32_t count = 0;
  Hash root;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(network), SANAD_FIELD(valid_until_ms), SANAD_FIELD(nonce), SANAD_FIELD(count),
       SANAD_FIELD(root));
  }
};

// The wire form. Statements are canonical bytes of Statement, bodies canonical bytes of Body;
// bodies[i] belongs to statements[i].
struct Submission {
  Bytes cose;
  std::vector<Bytes> statements;
  std::vector<std::optional<Bytes>> bodies;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(cose, 2048), SANAD_FIELD_MAX(statements, kStatementsMax),
       SANAD_FIELD_MAX(bodies, kStatementsMax));
  }
};

// One statement with the body that goes with it, as a client sends them.
struct StatementWithBody {
  Statement statement;
  std::optional<Bytes> body;  // its canonical bytes
};

// A declaration or amendment whose commitment and digest are computed from its body.
Result<StatementWithBody> make_declare(const Handle& consignment, const Body& body);
Result<StatementWithBody> make_amend(const Hash& declaration, const Handle& consignment,
                                     const Body& body);
// A reason's body: its digest is what statements name. Text that somebody typed still has to pass
// check_reason_body() before it is encoded.
Body make_reason(std::string text, const crypto::Salt& salt);

struct SubmissionTerms {
  Hash network;
  std::uint64_t valid_until_ms = 0;
  std::uint64_t nonce = 0;
};
// Signs. REQUIRES: 1 to kStatementsMax statements. The result may still be over
// kSubmissionBytesMax: the caller splits by size.
Submission build_submission(const crypto::SigningKey& key, const SubmissionTerms& terms,
                            std::vector<StatementWithBody> statements);

// The JSON form of a submission, from which the canonical bytes are rebuilt: who signs writes the
// same statements, so the signature holds for both.
struct SubmissionDocument {
  PublicKey key;
  std::uint64_t valid_until_ms = 0;
  std::uint64_t nonce = 0;
  std::vector<Statement> statements;
  std::vector<std::optional<Body>> bodies;
  crypto::Signature signature;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD(valid_until_ms), SANAD_FIELD(nonce),
       SANAD_FIELD_MAX(statements, kStatementsMax), SANAD_FIELD_MAX(bodies, kStatementsMax),
       SANAD_FIELD(signature));
  }
};
// The wire bytes; they still go through check_submission().
Bytes submission_bytes(const SubmissionDocument& document, const Hash& network);

// A submission that passed every check that needs no state, but perhaps that of its signature
// (check_but_signature). Immutable.
class CheckedSubmission {
 public:
  [[nodiscard]] const Hash& id() const {
    return id_;
  }  // of what was signed, never of the signature
  [[nodiscard]] const PublicKey& key() const { return key_; }
  [[nodiscard]] std::uint64_t valid_until_ms() const { return valid_until_ms_; }
  [[nodiscard]] const std::vector<Statement>& statements() const { return statements_; }
  // bodies()[i] belongs to statements()[i].
  [[nodiscard]] const std::vector<std::optional<Body>>& bodies() const { return bodies_; }
  // The wire bytes that were checked.
  [[nodiscard]] const Bytes& raw() const { return raw_; }
  // What is kept with blocks: the wire form with every body left out (LEDGER F11).
  [[nodiscard]] Bytes core_bytes() const;
  // What is kept in the body store: canonical bytes by body_digest(), in statement order.
  struct StoredBody {
    Hash digest;
    ByteView bytes;  // lives as long as this object
  };
  [[nodiscard]] std::vector<StoredBody> stored_bodies() const;
  // Canonical bytes of statement i, as they are under the signed root. REQUIRES: i is in range.
  [[nodiscard]] ByteView statement_bytes(std::size_t i) const { return wire_.statements[i]; }
  [[nodiscard]] ByteView cose_bytes() const { return wire_.cose; }

 private:
  friend Result<CheckedSubmission> check_but_signature(ByteView bytes, const Hash& network);
  CheckedSubmission() = default;

  Bytes raw_;
  Submission wire_;
  Hash id_;
  PublicKey key_;
  std::uint64_t valid_until_ms_ = 0;
  std::vector<Statement> statements_;
  std::vector<std::optional<Body>> bodies_;
};

// The only door: canonical bytes within the limits, for this network, count and root as signed,
// every statement and body well-formed and bound to each other, signature valid under the key. A
// declare or amend needs its body; a reason's body is optional. Costs one signature check and about
// 12 µs a declaration. Errors name the statement ("statement 3: field hs: …").
Result<CheckedSubmission> check_submission(ByteView bytes, const Hash& network);
// The same without the signature: for bytes whose signature was checked elsewhere, or is next.
Result<CheckedSubmission> check_but_signature(ByteView bytes, const Hash& network);
Status check_signature(const CheckedSubmission& submission);

// The wire bytes again from core_bytes() and the body store: `body(digest)` gives stored bytes or
// nothing (then the body stays out, and check_submission() refuses a declare or amend without its
// own). Errors: `core` is not what core_bytes() writes.
Result<Bytes> join_submission(ByteView core,
                              const std::function<std::optional<Bytes>(const Hash&)>& body);
// The document that submission_bytes() makes the same bytes of.
SubmissionDocument submission_document(const CheckedSubmission& submission);
// The digests of all bodies that the submission may have had beside it.
Result<std::vector<Hash>> named_bodies(ByteView core);

}  // namespace sanad::chaincode

namespace sanad::crypto {
template <>
struct AlternativeNames<chaincode::Statement> {
  static constexpr auto kNames = chaincode::kStatementKindNames;
};
}  // namespace sanad::crypto
