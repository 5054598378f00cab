// The life of a declaration: lodged → verdict → inspected → released → gone by the gate.
//
// Rules, all checked at execution (docs/decisions/0002-naming-and-release.md)
//   R1  Nothing is released without a verdict. A declaration whose flow no rule set judges waits.
//   R2  Its lane is the highest of its verdicts: an amendment never leads out of yellow or red.
//   R3  Green and blue are released in the block of their verdict, unless held.
//   R4  Yellow takes one officer of the authority. Red takes an inspection result and two officers
//       with different keys: the first is recorded as `approved`, the second releases.
//   R5  An amendment, a hold and an inspection end an approval given before; an amendment also ends
//   the
//       inspection, and reopens a release if its lane is yellow or red.
//   R6  An override (lifting a hold, releasing after an offence) carries the digest of a reason.
//   R7  Cancelling what is yellow, red or held takes an officer. Nothing leads out of a seizure.
//   R8  Goods depart and pass the gate only when released and not held; after the gate a
//   declaration
//       takes inspections (audit) only.
//
// Pure. Not thread-safe: one statement at a time.
#pragma once

#include "chaincode/declaration.h"
#include "chaincode/judgement.h"
#include "chaincode/record.h"

namespace sanad::chaincode {

// What one statement does before it lands: writes over the state so far, and records in order.
class Draft {
 public:
  struct Place {
    std::uint64_t height = 0;
    std::uint64_t time_ms = 0;
    std::uint64_t next_record = 0;  // index of the first record drafted
    std::string_view authority;     // whose key acts
  };
  // `so_far` outlives the draft.
  Draft(const StateReader& so_far, const Place& place) : state_(so_far), place_(place) {}

  [[nodiscard]] State& state() { return state_; }
  // Adds a record to the consignment's history, or to none; gives its index.
  std::uint64_t add(const std::optional<Handle>& consignment, const Origin& origin,
                    RecordContent content);
  void add_detail(DetailBody detail) { details_.push_back(std::move(detail)); }
  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

  // Moves everything drafted to where it is to land.
  void land(State& state, Effects& effects);

 private:
  struct History {
    Handle consignment;
    std::uint64_t records = 0;
  };
  std::uint64_t next_of(const Handle& consignment);
  void keep_history();

  State state_;
  Place place_;
  std::optional<History> history_;  // as long as it now is; in the state only once it lands
  std::vector<Record> records_;
  std::vector<DetailBody> details_;
};

// A statement that an authority's key signed, with what it may look at.
struct Acting {
  const Contracts& contracts;
  const StateReader& history;  // as of the end of the previous block
  std::uint64_t time_ms = 0;   // the block's
  const Registry::Entry& actor;
  StatementOrigin origin;
};

// Called with everything that a verdict was made from, while it still stands; for explain().
using JudgeObserver = std::function<void(const StatementOrigin& statement, const JudgeInput& input,
                                         const Body& body, const Judgement& judgement)>;

// Applies one statement to a draft.
class Clearance {
 public:
  Clearance(const Acting& acting, Draft& draft, const JudgeObserver* observer)
      : acting_(acting), draft_(draft), observer_(observer) {}

  // kAccepted, kApproved, or why not: then the draft is of no use. `body` is the declaration's
  // where the statement has one, else unused. REQUIRES: not an accusation.
  Code apply(const Statement& statement, const std::optional<Body>& body);
  // Of the verdict that apply() gave, if any.
  [[nodiscard]] std::optional<Lane> lane() const { return lane_; }

 private:
  Code declare(const Declare& statement, const Body& body);
  Code amend(const Amend& statement, const Body& body);
  Code cancel(const Cancel& statement);
  Code inspect(const Inspect& statement);
  Code hold(const Hold& statement);
  Code release(const Release& statement);
  Code move(const Move& statement);

  void judge_and_settle(Declaration& declaration, const Hash& name, const Body& body,
                        std::uint64_t cause);
  void settle(Declaration& declaration, const Hash& name, std::uint64_t verdict_record);
  [[nodiscard]] Code may_change(const Hash& name, Declaration& declaration) const;
  std::uint64_t add(const Declaration& declaration, RecordContent content);
  void keep(const Hash& name, const Declaration& declaration);
  [[nodiscard]] const std::string& authority_id() const;

  const Acting& acting_;
  Draft& draft_;
  const JudgeObserver* observer_;
  std::optional<Lane> lane_;
};

}  // namespace sanad::chaincode
