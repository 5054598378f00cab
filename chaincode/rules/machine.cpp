#include "chaincode/rules/machine.h"

#include <algorithm>
#include <functional>

namespace sanad::chaincode::rules {
namespace {

__extension__ typedef __int128 Wide;

bool contains(const std::vector<Interval>& intervals, std::int64_t value) {
  const auto after =
      std::upper_bound(intervals.begin(), intervals.end(), value,
                       [](std::int64_t key, const Interval& each) { return key < each.first; });
  return after != intervals.begin() && value <= std::prev(after)->last;
}

bool contains(const Items& items, const std::string& text) {
  return std::binary_search(items.texts.begin(), items.texts.end(), text);
}

// −1 unless there are at least so many characters and all are digits.
std::int64_t hs_prefix(std::string_view code, std::size_t digits) {
  if (hs_number(code) < 0 || code.size() < digits) return -1;
  return hs_number(code.substr(0, digits));
}

std::int64_t number_of(Extract extract, const std::string& text) {
  switch (extract) {
    case Extract::kPacked:
      return packed(text);
    case Extract::kFlowName: {
      const auto flow = flow_of(text);
      return flow ? static_cast<std::int64_t>(*flow) : -1;
    }
    case Extract::kHs:
      return hs_number(text);
    case Extract::kHsPrefix2:
      return hs_prefix(text, 2);
    case Extract::kHsPrefix4:
      return hs_prefix(text, 4);
    case Extract::kHsPrefix6:
      return hs_prefix(text, 6);
    case Extract::kHsShape:
      return hs_shape_ok(text) ? 1 : 0;
    default:
      return -1;
  }
}

template <class Holds>
Register compare(const Register& a, const Register& b, Holds holds) {
  if (a.unknown != 0) return a;
  if (b.unknown != 0) return b;
  return {holds(a.value, b.value) ? 1 : 0, 0};
}

// One side that is `decisive` decides, whatever is known of the other.
Register kleene(const Register& a, const Register& b, std::int64_t decisive) {
  if (a.unknown == 0 && a.value == decisive) return a;
  if (b.unknown == 0 && b.value == decisive) return b;
  return a.unknown != 0 ? a : b;
}

}  // namespace

Machine::Machine(const CompiledSet& set, const Facts& facts) : set_(set), facts_(facts) {
  for (const Binding& binding : set.bindings) bind(binding);
}

void Machine::bind(const Binding& binding) {
  const Term& term = *binding.term;
  Register& to = registers_[binding.to];
  if (term.extract == Extract::kFact) {
    const auto fact = facts_.find(term.fact);
    to = fact ? Register{*fact ? 1 : 0, 0} : Register{0, binding.missing};
    return;
  }
  const crypto::FieldValue* value = facts_.find(term.field);
  if (value == nullptr) {
    to = {0, binding.missing};
    return;
  }
  std::int64_t number = -1;  // no fact is negative
  if (term.extract == Extract::kInteger || term.extract == Extract::kBasisPoints) {
    const auto* whole = std::get_if<std::int64_t>(value);
    const FieldSpec* spec = field_spec(static_cast<std::uint8_t>(term.field));
    const bool within = whole != nullptr && *whole >= spec->minimum && *whole <= spec->maximum;
    if (within) number = term.extract == Extract::kBasisPoints ? *whole * 100 : *whole;
  } else if (term.extract == Extract::kTextOfField) {
    const bool listed = term.type == Type::kTexts;
    const bool right = listed ? std::holds_alternative<std::vector<std::string>>(*value)
                              : std::holds_alternative<std::string>(*value);
    if (right) number = static_cast<std::int64_t>(term.field);
  } else if (term.extract == Extract::kContainerDigits) {
    if (const auto* texts = std::get_if<std::vector<std::string>>(value)) {
      number = std::all_of(texts->begin(), texts->end(),
                           [](const std::string& each) { return container_check_digit_ok(each); })
                   ? 1
                   : 0;
    }
  } else if (const auto* text = std::get_if<std::string>(value)) {
    number = number_of(term.extract, *text);
  }
  to = number >= 0 ? Register{number, 0} : Register{0, binding.malformed};
}

void Machine::judge(Findings& findings) {
  const std::uint64_t spent = run(set_.main, &findings);
  assert(spent == set_.code_cost);
}

bool Machine::passes(const HistoryIndex& index) {
  if (index.filter_result == kNoRegister) return true;
  run(index.filter, nullptr);
  const Register& result = registers_[index.filter_result];
  return result.unknown == 0 && result.value == 1;
}

const std::string& Machine::text(const Register& of) const {
  const crypto::FieldValue* value = facts_.find(static_cast<FieldId>(of.value));
  assert(value != nullptr);
  return *std::get_if<std::string>(value);
}

void Machine::test_text(const Instruction& instruction, Register& to) const {
  const Register& a = registers_[instruction.a];
  if (a.unknown != 0) {
    to = a;
    return;
  }
  bool holds = false;
  if (instruction.op == Op::kTextEqual) {
    const Register& b = registers_[instruction.b];
    if (b.unknown != 0) {
      to = b;
      return;
    }
    holds = text(a) == text(b);
  } else {
    const Items& items = set_.items[static_cast<std::size_t>(instruction.immediate)];
    switch (instruction.op) {
      case Op::kTextEqualConstant:
        holds = text(a) == items.texts[0];
        break;
      case Op::kTextStartsWith:
        holds = text(a).starts_with(items.texts[0]);
        break;
      case Op::kTextIn:
        holds = contains(items, text(a));
        break;
      default: {
        const auto* value = facts_.find(static_cast<FieldId>(a.value));
        const auto& texts = *std::get_if<std::vector<std::string>>(value);
        holds = std::any_of(texts.begin(), texts.end(),
                            [&items](const std::string& each) { return contains(items, each); });
      }
    }
  }
  to = {holds ? 1 : 0, 0};
}

// hits / inspections against parts per million: hits × 10^6 against rate × inspections, in 128
// bits.
void Machine::ratio(const Instruction& instruction, Register& to) const {
  const Register& hits = registers_[instruction.a];
  const Register& inspections = registers_[instruction.a + 1U];
  const Register& rate = registers_[instruction.b];
  if (hits.unknown != 0 || rate.unknown != 0) {
    to = hits.unknown != 0 ? hits : rate;
    return;
  }
  const Wide left = Wide{hits.value} * 1'000'000;
  const Wide right = Wide{rate.value} * inspections.value;
  const bool holds = instruction.op == Op::kRatioAtLeast ? left >= right
                     : instruction.op == Op::kRatioAbove ? left > right
                                                         : left == right;
  to = {holds ? 1 : 0, 0};
}

// The amount of a money parameter in a currency.
void Machine::amount(const Instruction& instruction, Register& to) const {
  const Register& currency = registers_[instruction.b];
  if (currency.unknown != 0) {
    to = currency;
    return;
  }
  const auto& amounts = set_.tables[static_cast<std::size_t>(instruction.immediate)].amounts;
  const auto found = std::lower_bound(
      amounts.begin(), amounts.end(), currency.value,
      [](const MoneyTable::Amount& each, std::int64_t key) { return each.currency < key; });
  const bool listed = found != amounts.end() && found->currency == currency.value;
  to = listed ? Register{found->minor_units, 0} : Register{0, instruction.a};
}

void Machine::conclude(const Instruction& instruction, Findings& findings) const {
  const Register& condition = registers_[instruction.a];
  const auto rule = static_cast<std::uint16_t>(instruction.immediate);
  if (condition.unknown != 0) {
    findings.unknown[findings.unknown_count++] = {rule, condition.unknown};
  } else if (condition.value == 1) {
    findings.fired[findings.fired_count++] = rule;
  }
}

// What the hot loop leaves out.
void Machine::run_rare(const Instruction& instruction, Register& to) const {
  const Register& a = registers_[instruction.a];
  switch (instruction.op) {
    case Op::kConstant:
      to = {instruction.immediate, 0};
      return;
    case Op::kRatioAtLeast:
    case Op::kRatioAbove:
    case Op::kRatioEqual:
      return ratio(instruction, to);
    case Op::kAmount:
      return amount(instruction, to);
    case Op::kOrElse:
      to = a.unknown != 0 ? registers_[instruction.b] : a;
      return;
    case Op::kMissing:
      to = {a.unknown != 0 ? 1 : 0, 0};
      return;
    case Op::kMove:
      to = a;
      return;
    default:
      return test_text(instruction, to);
  }
}

std::uint64_t Machine::run(Block block, Findings* findings) {
  std::uint64_t spent = 0;
  const Instruction* const end = set_.code.data() + block.end;
  for (const Instruction* at = set_.code.data() + block.begin; at != end; ++at) {
    const Instruction& instruction = *at;
    spent += instruction.cost;
    Register& to = registers_[instruction.to];
    const Register& a = registers_[instruction.a];
    switch (instruction.op) {
      case Op::kEqual:
        to = compare(a, registers_[instruction.b], std::equal_to<>());
        break;
      case Op::kLess:
        to = compare(a, registers_[instruction.b], std::less<>());
        break;
      case Op::kLessEqual:
        to = compare(a, registers_[instruction.b], std::less_equal<>());
        break;
      case Op::kEqualConstant:
        to = compare(a, {instruction.immediate, 0}, std::equal_to<>());
        break;
      case Op::kAtMostConstant:
        to = compare(a, {instruction.immediate, 0}, std::less_equal<>());
        break;
      case Op::kAtLeastConstant:
        to = compare(a, {instruction.immediate, 0}, std::greater_equal<>());
        break;
      case Op::kInIntervals: {
        const auto& items = set_.items[static_cast<std::size_t>(instruction.immediate)];
        to = a.unknown != 0 ? a : Register{contains(items.intervals, a.value) ? 1 : 0, 0};
        break;
      }
      case Op::kAnd:
        to = kleene(a, registers_[instruction.b], 0);
        break;
      case Op::kOr:
        to = kleene(a, registers_[instruction.b], 1);
        break;
      case Op::kNot:
        to = {1 - a.value, a.unknown};
        break;
      case Op::kRule:
        conclude(instruction, *findings);
        break;
      default:
        run_rare(instruction, to);
    }
  }
  return spent;
}

}  // namespace sanad::chaincode::rules
