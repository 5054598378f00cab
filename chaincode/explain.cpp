#include "chaincode/explain.h"

#include <algorithm>

#include "chaincode/block_run.h"

namespace sanad::chaincode {
namespace {

// The body as it might have been declared. Salts do not enter a verdict.
Result<Body> changed_body(Body body, const ChangedField& change) {
  const auto id = static_cast<std::uint8_t>(change.id);
  std::erase_if(body.opened, [id](const crypto::OpenedField& field) { return field.id == id; });
  std::erase_if(body.sealed, [id](const crypto::SealedField& field) { return field.id == id; });
  if (change.value) {
    SANAD_TRY_STATUS(check_field(change.id, *change.value));
    SANAD_TRY_STATUS(crypto::check_field_value(*change.value));
    const auto place =
        std::find_if(body.opened.begin(), body.opened.end(),
                     [id](const crypto::OpenedField& field) { return field.id > id; });
    body.opened.insert(place, {id, *change.value, {}});
  }
  SANAD_TRY_STATUS(check_body(body));
  return body;
}

Result<Judgement> judge_changed(const JudgeInput& input, const Body& body,
                                const ChangedField& change) {
  SANAD_TRY(const Body changed, changed_body(body, change));
  JudgeInput altered = input;
  altered.identifiers = live_keys(changed);
  auto judgement = judge(altered, changed);
  if (!judgement) return Error{Errc::kUnknownStatement, "no rule set judges the changed flow"};
  return std::move(*judgement);
}

}  // namespace

Result<Explanation> explain(const Contracts& contracts, const ExplainRequest& request) {
  std::optional<Result<Explanation>> found;
  const JudgeObserver observer = [&](const StatementOrigin& statement, const JudgeInput& input,
                                     const Body& body, const Judgement& judgement) {
    if (statement != request.statement) return;
    Result<Judgement> shown = judgement;
    if (request.change) shown = judge_changed(input, body, *request.change);
    if (!shown) {
      found = shown.error();
      return;
    }
    // The verdict's record follows the one that caused it.
    found = Explanation{std::move(shown->verdict), std::move(shown->detail), input.cause + 1,
                        std::move(shown->facts)};
  };
  run_block(contracts, request.block, request.previous, request.first_record_index, &observer);
  if (!found) {
    return Error{Errc::kUnknownStatement, "statement " + std::to_string(request.statement.index) +
                                              " of submission " +
                                              request.statement.submission.hex()};
  }
  return std::move(*found);
}

}  // namespace sanad::chaincode
