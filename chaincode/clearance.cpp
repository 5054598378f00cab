#include "chaincode/clearance.h"

#include <algorithm>

namespace sanad::chaincode {

// One statement adds to one history, as a rule: its length is read and written once.
std::uint64_t Draft::next_of(const Handle& consignment) {
  if (!history_ || history_->consignment != consignment) {
    keep_history();
    history_ = {consignment, read_history_length(state_, consignment)};
  }
  return ++history_->records;
}

void Draft::keep_history() {
  if (history_) write_history_length(state_, history_->consignment, history_->records);
}

std::uint64_t Draft::add(const std::optional<Handle>& consignment, const Origin& origin,
                         RecordContent content) {
  Record record;
  record.height = place_.height;
  record.time_ms = place_.time_ms;
  if (consignment) {
    record.consignments.push_back(*consignment);
    record.n = next_of(*consignment);
  }
  record.authority = place_.authority;
  record.origin = origin;
  record.content = std::move(content);
  records_.push_back(std::move(record));
  return place_.next_record + records_.size() - 1;
}

void Draft::land(State& state, Effects& effects) {
  keep_history();
  state.adopt(state_.take_writes());
  std::move(records_.begin(), records_.end(), std::back_inserter(effects.records));
  std::move(details_.begin(), details_.end(), std::back_inserter(effects.details));
}

Code Clearance::apply(const Statement& statement, const std::optional<Body>& body) {
  switch (kind_of(statement)) {
    case StatementKind::kDeclare:
      assert(body);
      return declare(std::get<Declare>(statement), *body);
    case StatementKind::kAmend:
      assert(body);
      return amend(std::get<Amend>(statement), *body);
    case StatementKind::kCancel:
      return cancel(std::get<Cancel>(statement));
    case StatementKind::kInspect:
      return inspect(std::get<Inspect>(statement));
    case StatementKind::kHold:
      return hold(std::get<Hold>(statement));
    case StatementKind::kRelease:
      return release(std::get<Release>(statement));
    case StatementKind::kMove:
      return move(std::get<Move>(statement));
    case StatementKind::kAccuse:
      break;
  }
  assert(false);
  return Code::kAccepted;
}

const std::string& Clearance::authority_id() const {
  return acting_.contracts.registry().authority_id(acting_.actor.authority);
}

std::uint64_t Clearance::add(const Declaration& declaration, RecordContent content) {
  return draft_.add(declaration.consignment, acting_.origin, std::move(content));
}

void Clearance::keep(const Hash& name, const Declaration& declaration) {
  write_declaration(draft_.state(), acting_.actor.authority, name, declaration);
}

// Loads the declaration; refuses what is gone for good.
Code Clearance::may_change(const Hash& name, Declaration& declaration) const {
  auto found = read_declaration(draft_.state(), acting_.actor.authority, name);
  if (!found) return Code::kUnknownDeclaration;
  declaration = std::move(*found);
  if (declaration.phase == Phase::kCancelled) return Code::kCancelled;
  if (declaration.phase == Phase::kSeized) return Code::kSeized;
  return Code::kAccepted;
}

Code Clearance::declare(const Declare& statement, const Body& body) {
  if (!acting_.actor.submitter) return Code::kRoleMissing;
  // A commitment fixes its consignment, since none of the fields that name it may be sealed
  // (check_body). What was declared left a record there: a new one needs no second look.
  if (read_history_length(draft_.state(), statement.consignment) > 0 &&
      read_declaration(draft_.state(), acting_.actor.authority, statement.commitment)) {
    return Code::kAlreadyDeclared;
  }
  if (consignment_handle(acting_.contracts.secret(), body, authority_id()) !=
      statement.consignment) {
    return Code::kHandleMismatch;
  }
  Declaration declaration;
  declaration.consignment = statement.consignment;
  declaration.flow = *flow_of(*opened_text(body, FieldId::kFlow));
  declaration.ledger_day = ledger_day(acting_.time_ms);
  const std::uint64_t record =
      add(declaration,
          Declared{statement.commitment, container_handles(acting_.contracts.secret(), body)});
  judge_and_settle(declaration, statement.commitment, body, record);
  keep(statement.commitment, declaration);
  return Code::kAccepted;
}

Code Clearance::amend(const Amend& statement, const Body& body) {
  if (!acting_.actor.submitter) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.phase == Phase::kExited) return Code::kExited;
  if (statement.consignment != declaration.consignment ||
      flow_of(*opened_text(body, FieldId::kFlow)) != declaration.flow) {
    return Code::kConsignmentChanged;
  }
  if (consignment_handle(acting_.contracts.secret(), body, authority_id()) !=
      statement.consignment) {
    return Code::kHandleMismatch;
  }
  declaration.inspection.reset();
  declaration.approver.reset();
  remove_live(draft_.state(), declaration.live);
  acting_.contracts.history().retract_declaration(draft_.state(), facts_of(declaration.facts),
                                                  declaration.ledger_day);
  const std::uint64_t record =
      add(declaration, Amended{statement.declaration, statement.commitment,
                               container_handles(acting_.contracts.secret(), body)});
  judge_and_settle(declaration, statement.declaration, body, record);
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

// The facts as they now stand: judged, live, and in the history.
void Clearance::judge_and_settle(Declaration& declaration, const Hash& name, const Body& body,
                                 std::uint64_t cause) {
  declaration.live = live_keys(body);
  const JudgeInput input{acting_.contracts, acting_.history, draft_.state(),
                         acting_.time_ms,   cause,           declaration.live};
  std::optional<Judgement> judgement = judge(input, body);
  if (judgement && observer_ != nullptr) {
    (*observer_)(acting_.origin, input, body, *judgement);
  }
  const rules::Facts facts = judgement ? std::move(judgement->facts)
                                       : gather_facts(draft_.state(), body, declaration.live);
  declaration.facts = kept_facts(acting_.contracts, facts);
  add_live(draft_.state(), declaration.live);
  acting_.contracts.history().record_declaration(draft_.state(), facts, declaration.ledger_day);
  if (!judgement) return;
  lane_ = judgement->verdict.lane;
  declaration.lane = std::max(declaration.lane.value_or(Lane::kGreen), *lane_);
  const VerdictGiven verdict{name, *lane_, judgement->verdict.rule_set, judgement->detail.digest};
  const std::uint64_t record = draft_.add(declaration.consignment, Origin(cause), verdict);
  draft_.add_detail(std::move(judgement->detail));
  settle(declaration, name, record);
}

// R3, R5: what the verdict does at once.
void Clearance::settle(Declaration& declaration, const Hash& name, std::uint64_t verdict_record) {
  assert(declaration.lane);
  if (*declaration.lane >= Lane::kYellow) {
    declaration.phase = Phase::kLodged;
    return;
  }
  if (declaration.held || declaration.phase == Phase::kReleased) return;
  declaration.phase = Phase::kReleased;
  const auto basis = *declaration.lane == Lane::kGreen ? ReleaseBasis::kGreen : ReleaseBasis::kBlue;
  draft_.add(declaration.consignment, Origin(verdict_record), Released{name, basis, std::nullopt});
}

Code Clearance::cancel(const Cancel& statement) {
  const Registry::Entry& actor = acting_.actor;
  if (!actor.submitter && !actor.officer) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.phase == Phase::kExited) return Code::kExited;
  const bool controlled =
      declaration.held || declaration.lane.value_or(Lane::kGreen) >= Lane::kYellow;
  if (controlled && !actor.officer) return Code::kUnderControl;
  remove_live(draft_.state(), declaration.live);
  acting_.contracts.history().retract_declaration(draft_.state(), facts_of(declaration.facts),
                                                  declaration.ledger_day);
  declaration.phase = Phase::kCancelled;
  declaration.live = {};
  declaration.facts = {};
  declaration.approver.reset();
  add(declaration, Cancelled{statement.declaration, statement.reason});
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

Code Clearance::inspect(const Inspect& statement) {
  if (!acting_.actor.officer) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.inspection) return Code::kAlreadyInspected;
  declaration.inspection = statement.result;
  declaration.approver.reset();
  if (statement.result == InspectionResult::kSeizure) declaration.phase = Phase::kSeized;
  acting_.contracts.history().record_inspection(draft_.state(), facts_of(declaration.facts),
                                                ledger_day(acting_.time_ms),
                                                statement.result != InspectionResult::kConform);
  add(declaration, Inspected{statement.declaration, statement.result, statement.reason});
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

Code Clearance::hold(const Hold& statement) {
  if (!acting_.actor.officer) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.phase == Phase::kExited) return Code::kExited;
  if (declaration.held) return Code::kAlreadyHeld;
  declaration.held = true;
  declaration.approver.reset();
  add(declaration, HeldBack{statement.declaration, statement.reason});
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

Code Clearance::release(const Release& statement) {
  if (!acting_.actor.officer) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.phase == Phase::kExited) return Code::kExited;
  if (declaration.phase == Phase::kReleased && !declaration.held) return Code::kAlreadyReleased;
  if (!declaration.lane) return Code::kNoVerdict;
  const bool red = *declaration.lane == Lane::kRed;
  if (red && !declaration.inspection) return Code::kNotInspected;
  const bool override = declaration.held || declaration.inspection == InspectionResult::kOffence;
  if (override && !statement.reason) return Code::kReasonMissing;
  if (red && declaration.approver == acting_.actor.key) return Code::kSameOfficer;
  if (red && !declaration.approver) {
    declaration.approver = acting_.actor.key;
    add(declaration, Approved{statement.declaration, statement.reason});
    keep(statement.declaration, declaration);
    return Code::kApproved;
  }
  declaration.phase = Phase::kReleased;
  declaration.held = false;
  declaration.approver.reset();
  const auto basis = red ? ReleaseBasis::kTwoOfficers : ReleaseBasis::kOfficer;
  add(declaration, Released{statement.declaration, basis, statement.reason});
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

Code Clearance::move(const Move& statement) {
  const Registry::Entry& actor = acting_.actor;
  if (!actor.submitter && !actor.officer) return Code::kRoleMissing;
  Declaration declaration;
  if (const Code code = may_change(statement.declaration, declaration); code != Code::kAccepted) {
    return code;
  }
  if (declaration.phase == Phase::kExited) return Code::kExited;
  if (statement.event != MoveEvent::kArrived) {
    if (declaration.phase != Phase::kReleased) return Code::kNotReleased;
    if (declaration.held) return Code::kHeld;
  }
  if (statement.event == MoveEvent::kGateOut) declaration.phase = Phase::kExited;
  add(declaration, Moved{statement.declaration, statement.event, statement.reason});
  keep(statement.declaration, declaration);
  return Code::kAccepted;
}

}  // namespace sanad::chaincode
