#include "chaincode/bundle.h"

#include <algorithm>

#include "crypto/codec_json.h"
#include "crypto/log_tree.h"
#include "crypto/note.h"

namespace sanad::chaincode {
namespace {

using crypto::CoseSign1;

Error not_proved(std::string what) { return {crypto::Errc::kBadProof, std::move(what)}; }

std::string record_name(std::size_t n) { return "record " + std::to_string(n); }

// Everything about one bundle, check by check; findings_ fills up on the way.
class BundleCheck {
 public:
  BundleCheck(const Bundle& bundle, const Trust& trust) : bundle_(bundle), trust_(trust) {}

  Result<BundleFindings> run() {
    if (bundle_.version != 1) return not_proved("a bundle of a version that is not known");
    SANAD_TRY_STATUS(check_handle());
    SANAD_TRY_STATUS(check_checkpoint());
    SANAD_TRY_STATUS(check_commit());
    SANAD_TRY_STATUS(check_history());
    SANAD_TRY_STATUS(check_statements());
    SANAD_TRY_STATUS(check_bodies());
    SANAD_TRY_STATUS(check_details());
    return std::move(findings_);
  }

 private:
  Status check_handle();
  Status check_checkpoint();
  Status check_commit();
  Status check_history();
  Status check_record(std::size_t at);
  Status check_statements();
  Status check_statement(const BundleStatement& one, const StatementOrigin& origin);
  Status check_bodies();
  Status check_details();
  void prove(std::string what) { findings_.proved.push_back(std::move(what)); }
  [[nodiscard]] const Record* record(std::uint32_t n) const {
    return n >= 1 && n <= findings_.records.size() ? &findings_.records[n - 1] : nullptr;
  }
  [[nodiscard]] const std::string* authority_of(const PublicKey& key) const;

  const Bundle& bundle_;
  const Trust& trust_;
  crypto::Checkpoint checkpoint_;
  CommitRecord commit_;
  BundleFindings findings_;
};

// F6: the handle is this UCR's.
Status BundleCheck::check_handle() {
  if (bundle_.ucr.empty()) return not_proved("the bundle names no UCR");
  findings_.handle = crypto::make_handle("consignment", bundle_.handle_salt, bundle_.ucr);
  return {};
}

// F14: cosigned by a quorum; no line that is not a known validator's.
Status BundleCheck::check_checkpoint() {
  const auto parsed = crypto::SignedNote::parse(note_text(bundle_.checkpoint));
  if (!parsed) return not_proved("the checkpoint is malformed: " + parsed.error().message());
  crypto::CheckpointPolicy policy{trust_.origin(), {}, trust_.quorum()};
  for (const TrustedValidator& one : trust_.validators) {
    policy.keys.push_back(
        {cosigner_name(trust_.network, one.id), crypto::NoteKeyType::kCosignature, one.cosigner});
  }
  for (const TrustedValidator& one : trust_.validators) {
    policy.keys.push_back({policy.origin, crypto::NoteKeyType::kEd25519, one.log});
  }
  SANAD_TRY(const auto lines, crypto::verify_lines(*parsed, policy.keys));
  if (lines.size() != parsed->lines.size()) {
    return not_proved(
        "the checkpoint has a signature line of nobody in the trust file, or one twice");
  }
  SANAD_TRY(const auto verified, crypto::verify_checkpoint(*parsed, policy));
  checkpoint_ = verified.checkpoint;
  for (const crypto::VerifiedLine& line : lines) {
    if (line.key >= trust_.validators.size()) continue;
    findings_.cosigned_by.push_back(trust_.validators[line.key].id);
  }
  findings_.tree_size = checkpoint_.size;
  findings_.cosigned_at_s = verified.time_s;
  prove("the checkpoint of " + std::to_string(checkpoint_.size) + " records is cosigned by " +
        std::to_string(verified.cosigners) + " of " + std::to_string(trust_.validators.size()) +
        " validators; " + std::to_string(policy.quorum) + " are needed");
  return {};
}

// F10: the checkpoint's last leaf is a commit record, which leads to everything else.
Status BundleCheck::check_commit() {
  if (checkpoint_.size == 0) return not_proved("the checkpoint is of an empty log");
  const Status included =
      crypto::verify_inclusion(crypto::leaf_hash(bundle_.commit_record), checkpoint_.size - 1,
                               checkpoint_.size, bundle_.commit_path, checkpoint_.root);
  if (!included) return not_proved("the commit record is not the last record of the checkpoint");
  SANAD_TRY(const Record last, decode_record(bundle_.commit_record));
  const auto* commit = std::get_if<CommitRecord>(&last.content);
  if (commit == nullptr) return not_proved("the last record of the checkpoint ends no block");
  commit_ = *commit;
  findings_.height = commit_.height;
  findings_.as_of_ms = commit_.time_ms;
  prove("the log's last record ends block " + std::to_string(commit_.height));
  return {};
}

// F16: exactly these records, in this order.
Status BundleCheck::check_history() {
  const Hash key = crypto::index_key("consignment", findings_.handle.view());
  SANAD_TRY(const auto value, crypto::verify_index(commit_.index_root, key, bundle_.index_proof));
  if (!value) {
    if (!bundle_.records.empty()) return not_proved("the index holds nothing for this consignment");
    prove(
        "the index of all consignments holds nothing under this handle: nothing was ever recorded "
        "there; whether it is the UCR's handle, only a member can tell");
    return {};
  }
  if (value->n != bundle_.records.size()) {
    return not_proved("the consignment has " + std::to_string(value->n) + " records, the bundle " +
                      std::to_string(bundle_.records.size()));
  }
  crypto::LogFrontier history;
  for (std::size_t i = 0; i < bundle_.records.size(); ++i) {
    SANAD_TRY_STATUS(check_record(i));
    history.append(crypto::leaf_hash(bundle_.records[i]));
  }
  if (history.root() != value->root) {
    return not_proved("the records are not those of the index: one was changed or moved");
  }
  prove("all " + std::to_string(value->n) +
        " records of the consignment are here, in order; none was left out");
  return {};
}

Status BundleCheck::check_record(std::size_t at) {
  const std::string name = record_name(at + 1);
  auto decoded = decode_record(bundle_.records[at]);
  if (!decoded) return not_proved(name + ": " + decoded.error().message());
  const auto& handles = decoded->consignments;
  if (std::find(handles.begin(), handles.end(), findings_.handle) == handles.end()) {
    return not_proved(name + " does not name this consignment");
  }
  if (decoded->n != at + 1) {
    return not_proved(name + " carries the number " + std::to_string(decoded->n));
  }
  const std::uint64_t earliest = at == 0 ? 0 : findings_.records.back().height;
  if (decoded->height < earliest || decoded->height > commit_.height) {
    return not_proved(name + " is of block " + std::to_string(decoded->height) + ", out of order");
  }
  findings_.records.push_back(std::move(*decoded));
  return {};
}

const std::string* BundleCheck::authority_of(const PublicKey& key) const {
  for (const TrustedActor& actor : trust_.actors) {
    if (actor.key == key) return &actor.authority;
  }
  return nullptr;
}

// True if this statement is what the record says happened.
struct Matches {
  const Statement& statement;
  const Handle& handle;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&statement);
  }
  bool operator()(const Declared& r) const {
    const auto* s = as<Declare>();
    return s && s->commitment == r.declaration && s->consignment == handle;
  }
  bool operator()(const Amended& r) const {
    const auto* s = as<Amend>();
    return s && s->declaration == r.declaration && s->commitment == r.commitment &&
           s->consignment == handle;
  }
  bool operator()(const Cancelled& r) const {
    const auto* s = as<Cancel>();
    return s && s->declaration == r.declaration && s->reason == r.reason;
  }
  bool operator()(const Inspected& r) const {
    const auto* s = as<Inspect>();
    return s && s->declaration == r.declaration && s->result == r.result && s->reason == r.reason;
  }
  bool operator()(const HeldBack& r) const {
    const auto* s = as<Hold>();
    return s && s->declaration == r.declaration && s->reason == r.reason;
  }
  bool operator()(const Approved& r) const {
    const auto* s = as<Release>();
    return s && s->declaration == r.declaration && s->reason == r.reason;
  }
  bool operator()(const Released& r) const {
    const auto* s = as<Release>();
    return s && s->declaration == r.declaration && s->reason == r.reason;
  }
  bool operator()(const Moved& r) const {
    const auto* s = as<Move>();
    return s && s->declaration == r.declaration && s->event == r.event && s->reason == r.reason;
  }
  bool operator()(const Refused& r) const {
    return kind_of(statement) == r.statement && subject_of(statement) == r.subject;
  }
  bool operator()(const VerdictGiven&) const { return false; }
  bool operator()(const CommitRecord&) const { return false; }
  bool operator()(const Accused&) const { return false; }  // in no history
};

// F8: each record that a person caused has that person's signature.
Status BundleCheck::check_statements() {
  std::vector<StatementOrigin> origins;
  for (const Record& record : findings_.records) {
    const auto* origin = record.origin ? std::get_if<StatementOrigin>(&*record.origin) : nullptr;
    if (origin == nullptr) continue;
    if (std::find(origins.begin(), origins.end(), *origin) == origins.end()) {
      origins.push_back(*origin);
    }
  }
  if (origins.size() != bundle_.statements.size()) {
    return not_proved("the bundle has " + std::to_string(bundle_.statements.size()) +
                      " signed statements where its records name " +
                      std::to_string(origins.size()));
  }
  for (std::size_t i = 0; i < origins.size(); ++i) {
    SANAD_TRY_STATUS(check_statement(bundle_.statements[i], origins[i]));
  }
  if (!origins.empty()) {
    prove("each of the " + std::to_string(origins.size()) +
          " statements behind them is signed by a key of the authority that the record names");
  }
  return {};
}

Status BundleCheck::check_statement(const BundleStatement& one, const StatementOrigin& origin) {
  SANAD_TRY(const CoseSign1 signed_by, crypto::parse_cose(one.cose));
  SANAD_TRY_STATUS(crypto::verify_cose(signed_by));
  if (crypto::cose_id(signed_by.kid, signed_by.payload) != origin.submission ||
      one.index != origin.index) {
    return not_proved("a signed statement that is not the one its record names");
  }
  SANAD_TRY(const auto payload, crypto::decode<SubmissionPayload>(signed_by.payload));
  if (payload.network != trust_.network_id) return not_proved("signed for another network");
  if (!crypto::verify_inclusion(crypto::leaf_hash(one.statement), one.index, payload.count,
                                one.path, payload.root)) {
    return not_proved("a statement that its signature does not cover");
  }
  SANAD_TRY(const Statement statement, crypto::decode<Statement>(one.statement));
  const std::string* authority = authority_of(signed_by.kid);
  if (authority == nullptr) return not_proved("signed by a key that is not in the trust file");
  for (const Record& record : findings_.records) {
    if (record.origin != Origin(origin)) continue;
    if (record.authority != *authority) {
      return not_proved(record_name(record.n) + " names " + record.authority +
                        ", the signature is " + *authority + "'s");
    }
    if (!std::visit(Matches{statement, findings_.handle}, record.content)) {
      return not_proved(record_name(record.n) + " says something else than its signed statement");
    }
  }
  return {};
}

// F5: the facts are those that were committed to.
Status BundleCheck::check_bodies() {
  std::uint32_t last = 0;
  for (const BundleBody& one : bundle_.bodies) {
    const Record* holder = record(one.n);
    if (holder == nullptr || one.n <= last)
      return not_proved("facts of no record, or out of order");
    last = one.n;
    const auto* declared = std::get_if<Declared>(&holder->content);
    const auto* amended = std::get_if<Amended>(&holder->content);
    if (!declared && !amended) return not_proved(record_name(one.n) + " carries no facts");
    SANAD_TRY(const Hash commitment, crypto::commitment_of(one.body));
    if (commitment != (declared ? declared->declaration : amended->commitment)) {
      return not_proved("the facts of " + record_name(one.n) + " are not those declared");
    }
    // The contracts took the facts for this consignment alone; the holder may have sealed its name.
    const std::string* ucr = opened_text(one.body, FieldId::kUcr);
    if (ucr != nullptr && *ucr != bundle_.ucr) {
      return not_proved("the facts of " + record_name(one.n) + " are of another consignment");
    }
    prove("the " + std::to_string(one.body.opened.size()) + " opened facts of " +
          record_name(one.n) + " are exactly those declared" +
          (one.body.sealed.empty()
               ? ""
               : "; " + std::to_string(one.body.sealed.size()) + " stay sealed"));
  }
  return {};
}

// F11: the reasons of a verdict are those it was given with.
Status BundleCheck::check_details() {
  std::uint32_t last = 0;
  for (const BundleDetail& one : bundle_.details) {
    const Record* holder = record(one.n);
    if (holder == nullptr || one.n <= last) return not_proved("reasons of no record");
    last = one.n;
    const auto* verdict = std::get_if<VerdictGiven>(&holder->content);
    if (verdict == nullptr || detail_digest(one.stored) != verdict->detail) {
      return not_proved("the reasons of " + record_name(one.n) + " are not the verdict's");
    }
    prove("the reasons of the verdict in " + record_name(one.n) + " are those it was given with");
  }
  return {};
}

}  // namespace

std::string Trust::origin() const { return network + "/" + network_id.hex(); }

std::size_t Trust::quorum() const {
  const std::size_t n = validators.size();
  return n == 0 ? 1 : n - (n - 1) / 3;
}

Trust trust_of(const Genesis& genesis, std::uint64_t issued_ms, std::uint32_t maximum_age_days) {
  Trust trust;
  trust.network = genesis.network;
  trust.network_id = network_id(genesis);
  trust.issued_ms = issued_ms;
  trust.maximum_age_days = maximum_age_days;
  for (const Member& member : genesis.members) {
    trust.validators.push_back({member.id, member.name, member.log_key, member.cosigner_key});
  }
  for (const Actor& actor : genesis.actors) trust.actors.push_back({actor.key, actor.authority});
  return trust;
}

std::string cosigner_name(std::string_view network, std::string_view member_id) {
  return std::string(member_id) + "." + std::string(network);
}

std::vector<std::string> note_lines(std::string_view note) {
  std::vector<std::string> lines;
  while (!note.empty()) {
    const std::size_t end = note.find('\n');
    lines.emplace_back(note.substr(0, end));
    note = end == std::string_view::npos ? std::string_view{} : note.substr(end + 1);
  }
  return lines;
}

std::string note_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string format_bundle(const Bundle& bundle) { return crypto::to_json(bundle) + "\n"; }

Result<Bundle> parse_bundle(std::string_view text) {
  SANAD_TRY(Bundle bundle, crypto::from_json<Bundle>(text));
  if (format_bundle(bundle) == text) return bundle;
  return Error{crypto::Errc::kNotCanonical, "a bundle has one text form, and this is another one"};
}

std::string format_trust(const Trust& trust) { return crypto::to_json(trust) + "\n"; }

Result<Trust> parse_trust(std::string_view text) {
  SANAD_TRY(Trust trust, crypto::from_json<Trust>(text));
  const bool usable = trust.version == 1 && !trust.validators.empty() && !trust.network.empty();
  if (usable) return trust;
  return Error{crypto::Errc::kBadText, "a trust file of another version, or without validators"};
}

Result<BundleFindings> verify_bundle(const Bundle& bundle, const Trust& trust) {
  return BundleCheck(bundle, trust).run();
}

}  // namespace sanad::chaincode
