#include "chaincode/judgement.h"

namespace sanad::chaincode {
namespace {

// What was not declared repeats nothing: "no", not unknown.
void set_duplicate(rules::Facts& facts, rules::Fact fact, const StateReader& now,
                   const std::optional<LiveKey>& key) {
  facts.set(fact, key && is_live(now, *key));
}

// LEDGER F11: salted with an HMAC of the record's origin, else the digest would let a trader test
// guesses about the rules.
DetailBody make_detail(const JudgeInput& input, const rules::Verdict& verdict) {
  const Origin origin = input.cause;
  StoredDetail stored;
  stored.salt = crypto::detail_salt(input.contracts.secret(), crypto::encode(origin));
  stored.detail = crypto::encode(verdict);
  DetailBody body;
  body.bytes = crypto::encode(stored);
  body.digest = detail_digest(body.bytes);
  return body;
}

}  // namespace

std::int64_t ledger_day(std::uint64_t time_ms) {
  constexpr std::uint64_t kDayMs = 86'400'000;
  return static_cast<std::int64_t>(time_ms / kDayMs);
}

rules::Facts gather_facts(const StateReader& now, const Body& body, const LiveKeys& identifiers) {
  rules::Facts facts;
  for (const crypto::OpenedField& field : body.opened) {
    facts.set(static_cast<FieldId>(field.id), field.value);
  }
  set_duplicate(facts, rules::Fact::kDuplicateUcr, now, identifiers.ucr);
  set_duplicate(facts, rules::Fact::kDuplicateInvoice, now, identifiers.invoice);
  set_duplicate(facts, rules::Fact::kDuplicateTransportDocument, now,
                identifiers.transport_document);
  return facts;
}

std::optional<Judgement> judge(const JudgeInput& input, const Body& body) {
  const std::string* flow_text = opened_text(body, FieldId::kFlow);
  assert(flow_text != nullptr);
  const std::optional<Flow> flow = flow_of(*flow_text);
  assert(flow);
  const rules::RuleSet* rule_set = input.contracts.rule_set(*flow);
  if (rule_set == nullptr) return std::nullopt;
  Judgement judgement;
  judgement.facts = gather_facts(input.now, body, input.identifiers);
  const rules::Context context{ledger_day(input.time_ms), input.history};
  judgement.verdict = rules::evaluate(*rule_set, judgement.facts, context);
  judgement.detail = make_detail(input, judgement.verdict);
  return judgement;
}

}  // namespace sanad::chaincode
