#include "chaincode/bundle_behind.h"

#include <algorithm>

#include "crypto/cose.h"

namespace sanad::chaincode {
namespace {

std::string named(std::uint64_t n) { return "record " + std::to_string(n); }

// The record with this number in the subject's history, if it is here.
const Record* record_at(const BundleFindings& found, std::uint64_t n) {
  const bool here = n > found.since && n - found.since <= found.records.size();
  return here ? &found.records[n - found.since - 1] : nullptr;
}

// True if this statement is what the record says happened.
struct Matches {
  const Statement& statement;
  const Record& record;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&statement);
  }
  [[nodiscard]] bool of(const Handle& consignment) const {
    return record.consignments.size() == 1 && record.consignments.front() == consignment;
  }
  bool operator()(const Declared& r) const {
    const auto* s = as<Declare>();
    return s && s->commitment == r.declaration && of(s->consignment);
  }
  bool operator()(const Amended& r) const {
    const auto* s = as<Amend>();
    return s && s->declaration == r.declaration && s->commitment == r.commitment &&
           of(s->consignment);
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

class StatementCheck {
 public:
  StatementCheck(const KnownActors* actors, const Hash& network, const BundleFindings& found)
      : actors_(actors), network_(network), found_(found) {}

  Status run(const BundleStatement& one, const StatementOrigin& origin) const;

 private:
  [[nodiscard]] Status check_records(const Statement& statement, const StatementOrigin& origin,
                                     const PublicKey& signer) const;

  const KnownActors* actors_;
  const Hash& network_;
  const BundleFindings& found_;
};

Status StatementCheck::run(const BundleStatement& one, const StatementOrigin& origin) const {
  const auto signed_by = crypto::parse_cose(one.cose);
  if (!signed_by) return refused_for(Unproved::kStatementMalformed, signed_by.error());
  if (const Status holds = crypto::verify_cose(*signed_by); !holds) {
    return refused_for(Unproved::kStatementSignature, holds.error());
  }
  if (crypto::cose_id(signed_by->kid, signed_by->payload) != origin.submission ||
      one.index != origin.index) {
    return Error{Unproved::kStatementOrigin};
  }
  const auto payload = crypto::decode<SubmissionPayload>(signed_by->payload);
  if (!payload) return refused_for(Unproved::kStatementMalformed, payload.error());
  if (payload->network != network_) return Error{Unproved::kStatementNetwork};
  if (!crypto::verify_inclusion(crypto::leaf_hash(one.statement), one.index, payload->count,
                                one.path, payload->root)) {
    return Error{Unproved::kStatementPath};
  }
  const auto statement = crypto::decode<Statement>(one.statement);
  if (!statement) return refused_for(Unproved::kStatementMalformed, statement.error());
  return check_records(*statement, origin, signed_by->kid);
}

Status StatementCheck::check_records(const Statement& statement, const StatementOrigin& origin,
                                     const PublicKey& signer) const {
  if (actors_ != nullptr && !actors_->knows(signer)) {
    return Error{Unproved::kStatementSigner, signer.hex()};
  }
  for (std::size_t i = 0; i < found_.records.size(); ++i) {
    const Record& record = found_.records[i];
    if (record.origin != Origin(origin)) continue;
    const std::string name = named(found_.since + i + 1);
    if (actors_ != nullptr && !actors_->is(signer, record.authority)) {
      return Error{Unproved::kStatementAuthority, name + " names " + record.authority};
    }
    if (!std::visit(Matches{statement, record}, record.content)) {
      return Error{Unproved::kStatementContent, name};
    }
  }
  return {};
}

// Opened facts that name another consignment or container than the subject. The contracts took the
// facts for this one alone; the holder may have sealed its name.
bool names_another(const crypto::Body& body, const Subject& subject) {
  if (const auto* consignment = std::get_if<ConsignmentSubject>(&subject)) {
    const std::string* ucr = opened_text(body, FieldId::kUcr);
    return ucr != nullptr && *ucr != consignment->ucr;
  }
  const auto* container = std::get_if<ContainerSubject>(&subject);
  const auto field = std::find_if(body.opened.begin(), body.opened.end(), [](const auto& one) {
    return one.id == static_cast<std::uint8_t>(FieldId::kContainers);
  });
  if (container == nullptr || field == body.opened.end()) return false;
  const auto* numbers = std::get_if<std::vector<std::string>>(&field->value);
  return numbers == nullptr ||
         std::none_of(numbers->begin(), numbers->end(), [container](const std::string& number) {
           return container_reference(number) == container->number;
         });
}

}  // namespace

bool KnownActors::knows(const PublicKey& key) const {
  const auto same = [&key](const TrustedActor& actor) { return actor.key == key; };
  return std::any_of(current.begin(), current.end(), same) ||
         std::any_of(trusted.begin(), trusted.end(), same);
}

bool KnownActors::is(const PublicKey& key, std::string_view authority) const {
  const auto same = [&](const TrustedActor& actor) {
    return actor.key == key && actor.authority == authority;
  };
  return std::any_of(current.begin(), current.end(), same) ||
         std::any_of(trusted.begin(), trusted.end(), same);
}

// F8: each record that a person caused has that person's signature.
Status check_statements(const Bundle& bundle, const KnownActors* actors, const Hash& network,
                        BundleFindings& found) {
  std::vector<StatementOrigin> origins;
  for (const Record& record : found.records) {
    const auto* origin = record.origin ? std::get_if<StatementOrigin>(&*record.origin) : nullptr;
    if (origin == nullptr) continue;
    if (std::find(origins.begin(), origins.end(), *origin) == origins.end()) {
      origins.push_back(*origin);
    }
  }
  if (origins.size() != bundle.statements.size()) {
    return Error{Unproved::kStatementCount, "the records name " + std::to_string(origins.size()) +
                                                ", the proof has " +
                                                std::to_string(bundle.statements.size())};
  }
  const StatementCheck check(actors, network, found);
  for (std::size_t i = 0; i < origins.size(); ++i) {
    SANAD_TRY_STATUS(check.run(bundle.statements[i], origins[i]));
  }
  if (origins.empty()) return {};
  const std::string each = "each of the " + std::to_string(origins.size()) +
                           " statements behind them is signed by a key";
  if (actors != nullptr) {
    found.proved.push_back(each + " of the authority that the record names");
  } else {
    found.proved.push_back(each);
    found.not_proved.emplace_back("whose keys those are: a policy names no authorities");
  }
  return {};
}

// F5: the facts are those that were committed to.
Status check_bodies(const Bundle& bundle, BundleFindings& found) {
  std::uint32_t last = 0;
  for (const BundleBody& one : bundle.bodies) {
    const Record* holder = record_at(found, one.n);
    const std::string name = named(one.n);
    if (holder == nullptr || one.n <= last) return Error{Unproved::kFactsPlace, name};
    last = one.n;
    const auto* declared = std::get_if<Declared>(&holder->content);
    const auto* amended = std::get_if<Amended>(&holder->content);
    if (!declared && !amended) return Error{Unproved::kFactsPlace, name};
    const auto commitment = crypto::commitment_of(one.body);
    if (!commitment || *commitment != (declared ? declared->declaration : amended->commitment)) {
      return Error{Unproved::kFactsMismatch, name};
    }
    if (names_another(one.body, bundle.subject)) return Error{Unproved::kFactsSubject, name};
    found.proved.push_back("the " + std::to_string(one.body.opened.size()) + " opened facts of " +
                           name + " are exactly those declared");
    if (!one.body.sealed.empty()) {
      found.not_proved.push_back("the " + std::to_string(one.body.sealed.size()) + " facts of " +
                                 name + " that stay sealed");
    }
  }
  return {};
}

// F11: the reasons of a verdict are those it was given with.
Status check_details(const Bundle& bundle, BundleFindings& found) {
  std::uint32_t last = 0;
  for (const BundleDetail& one : bundle.details) {
    const Record* holder = record_at(found, one.n);
    const std::string name = named(one.n);
    if (holder == nullptr || one.n <= last) return Error{Unproved::kReasonsPlace, name};
    last = one.n;
    const auto* verdict = std::get_if<VerdictGiven>(&holder->content);
    if (verdict == nullptr) return Error{Unproved::kReasonsPlace, name};
    if (detail_digest(one.stored) != verdict->detail) {
      return Error{Unproved::kReasonsMismatch, name};
    }
    found.proved.push_back("the reasons of the verdict in " + name +
                           " are those it was given with");
  }
  return {};
}

}  // namespace sanad::chaincode
