#include "chaincode/rules/compiler.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "crypto/codec.h"

namespace sanad::chaincode::rules {
namespace {

// Cost units: one is a comparison of two numbers, about a nanosecond. Version kCostVersion.
constexpr std::uint64_t kBindingCost = 4;
constexpr std::uint64_t kContainerDigitsCost = 600;
constexpr std::uint64_t kMeasureCost = 400;   // a read of the state
constexpr std::uint64_t kMeasureDayCost = 4;  // per day of the window
constexpr std::uint64_t kUpkeepCost = 800;    // a read and a write of the state

std::uint64_t search_cost(std::size_t items) { return std::bit_width(items); }

std::uint8_t cost_of(Op op, std::int64_t immediate, const std::vector<Items>& items) {
  const auto list = [&]() -> const Items& { return items[static_cast<std::size_t>(immediate)]; };
  switch (op) {
    case Op::kInIntervals:
      return static_cast<std::uint8_t>(1 + search_cost(list().intervals.size()));
    case Op::kTextEqual:
    case Op::kTextEqualConstant:
    case Op::kTextStartsWith:
      return 4;
    case Op::kTextIn:
      return static_cast<std::uint8_t>(4 + 4 * search_cost(list().texts.size()));
    case Op::kTextsInclude:
      return 255;
    case Op::kAmount:
      return 4;
    default:
      return 1;
  }
}

// Blanks of the source as one blank, at most 200 bytes, cut at a character.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.size() <= 200) return out;
  std::size_t end = 197;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

}  // namespace

Compiler::Compiler(const Syntax& syntax, Checked checked, CompiledSet& set, DiagnosticLog& log)
    : syntax_(syntax), set_(set), log_(log) {
  set_.items = std::move(checked.items);
  set_.tables = std::move(checked.tables);
  set_.tests = std::move(checked.tests);
  set_.causes.emplace_back();
}

void Compiler::run() {
  set_.name = syntax_.name.text;
  set_.version = static_cast<std::uint64_t>(syntax_.version);
  for (const Name& flow : syntax_.flows) {
    set_.flows =
        static_cast<std::uint8_t>(set_.flows | (1U << static_cast<unsigned>(*flow_of(flow.text))));
  }
  if (syntax_.flows.empty()) set_.flows = 0xff;
  set_.outcome = syntax_.outcome;
  add_bindings();
  add_measures();
  set_.main.begin = static_cast<std::uint32_t>(set_.code.size());
  add_definitions();
  add_rules();
  set_.main.end = static_cast<std::uint32_t>(set_.code.size());
  add_costs();
  set_.registers = registers_;
  if (registers_ > kRegistersMax) {
    log_.add("E0509", syntax_.name.span, "This rule set is too large to be run at one go",
             "split it into two rule sets");
  }
}

RegisterId Compiler::temporary(std::size_t count) {
  const std::size_t first = next_register_;
  next_register_ += count;
  registers_ = std::max(registers_, next_register_);
  // A set over the limit is refused at the end; until then its registers only need to be numbers.
  return static_cast<RegisterId>(std::min(first, kRegistersMax));
}

CauseId Compiler::cause(std::string text) {
  const auto [at, fresh] = causes_.try_emplace(text, static_cast<CauseId>(set_.causes.size()));
  if (fresh) set_.causes.push_back(std::move(text));
  return at->second;
}

// Every fact that anything mentions has a register, in the vocabulary's order.
void Compiler::add_bindings() {
  std::vector<bool> used(vocabulary().size());
  bool money = false;
  for (const Node& node : syntax_.nodes) {
    if (node.term == nullptr) continue;
    used[static_cast<std::size_t>(node.term - vocabulary().data())] = true;
    money = money || node.term->type == Type::kMoney;
  }
  for (const Term& term : vocabulary()) {
    const bool needed = used[static_cast<std::size_t>(&term - vocabulary().data())];
    if (!needed && !(money && term.name == "currency")) continue;
    Binding binding;
    binding.term = &term;
    binding.to = temporary();
    const std::string name(term.extract == Extract::kFact
                               ? term.name
                               : field_spec(static_cast<std::uint8_t>(term.field))->name);
    binding.missing = cause(name + " is missing");
    switch (term.extract) {
      case Extract::kHsPrefix2:
      case Extract::kHsPrefix4:
      case Extract::kHsPrefix6:
        binding.malformed = cause(name + " is too short or not an HS code");
        break;
      default:
        binding.malformed = cause(name + " is not " + std::string(type_phrase(term.type)));
    }
    facts_[&term] = binding.to;
    set_.bindings.push_back(binding);
  }
}

std::vector<const Term*> Compiler::key_terms(const MeasureSyntax& measure) const {
  std::vector<const Term*> terms;
  for (const NodeId key : measure.keys) terms.push_back(node_of(key).term);
  std::sort(terms.begin(), terms.end());  // positions in one array: the vocabulary's order
  return terms;
}

std::string Compiler::label(const MeasureSyntax& measure) const {
  std::string text = measure.family == Family::kCount ? "count" : "hit rate";
  text += " of declarations with same ";
  bool first = true;
  for (const Term* term : key_terms(measure)) {
    text += (first ? "" : " and ") + std::string(term->name);
    first = false;
  }
  if (measure.filter != kNoNode) {
    const Span span = node_of(measure.filter).span;
    text += " where " + one_line(std::string_view(set_.text).substr(span.offset, span.length));
  }
  return text + " in the last " + std::to_string(measure.window_days) + " days";
}

// Measures that mean the same share a register, whatever they are called where.
void Compiler::add_measures() {
  std::map<std::tuple<std::uint32_t, std::int64_t, std::int64_t>, RegisterId> known;
  for (const DefinitionSyntax& definition : syntax_.definitions) {
    const Node& value = node_of(definition.value);
    if (value.kind == NodeKind::kMeasure) {
      measure_names_.try_emplace(&syntax_.measures[value.measure], definition.name.text);
    }
  }
  for (const MeasureSyntax& measure : syntax_.measures) {
    const std::uint32_t index = add_index(measure);
    const auto [at, fresh] = known.try_emplace({index, measure.window_days, measure.at_least});
    if (fresh) {
      at->second = temporary(measure.family == Family::kCount ? 1 : 2);
      add_measure(measure, index, at->second);
    }
    measures_.push_back(at->second);
  }
  if (set_.measures.size() > kMeasuresMax) {
    log_.add("E0501", syntax_.name.span,
             "A file reads at most " + std::to_string(kMeasuresMax) + " different histories");
  }
}

void Compiler::add_measure(const MeasureSyntax& measure, std::uint32_t at, RegisterId to) {
  MeasureRead read;
  read.index = at;
  read.window_days = measure.window_days;
  read.at_least = measure.at_least;
  read.to = to;
  const std::string name = label(measure);
  const auto named = measure_names_.find(&measure);
  const std::int64_t least = measure.family == Family::kHitRate
                                 ? std::max<std::int64_t>(1, measure.at_least)
                                 : measure.at_least;
  read.too_few = cause("fewer than " + std::to_string(least) +
                       (measure.family == Family::kHitRate ? " inspections: " : " declarations: ") +
                       (named == measure_names_.end() ? name : std::string(named->second)));
  HistoryIndex& index = set_.indexes[read.index];
  index.window_days = std::max(index.window_days, measure.window_days);
  set_.measures.push_back(read);
  set_.measure_texts.push_back(
      measure.at_least == 0 ? name : name + " at least " + std::to_string(measure.at_least));
}

std::uint32_t Compiler::add_index(const MeasureSyntax& measure) {
  std::string text = measure.family == Family::kCount ? "count" : "hit rate";
  const std::vector<const Term*> terms = key_terms(measure);
  for (const Term* term : terms) text += " " + std::string(term->name);
  if (measure.filter != kNoNode) text += " where " + canonical(measure.filter);
  const auto [at, fresh] =
      indexes_.try_emplace(text, static_cast<std::uint32_t>(set_.indexes.size()));
  if (!fresh) return at->second;
  HistoryIndex index;
  index.family = measure.family;
  index.terms = terms;
  for (const Term* term : terms) index.keys.push_back(facts_.at(term));
  if (measure.filter != kNoNode) {
    const std::size_t mark = next_register_;
    index.filter.begin = static_cast<std::uint32_t>(set_.code.size());
    index.filter_result = emit(measure.filter);
    index.filter.end = static_cast<std::uint32_t>(set_.code.size());
    next_register_ = mark;
  }
  const crypto::Hash id = crypto::tagged_hash("history index", text);
  index.key_prefix = "h" + std::string(crypto::as_text(id.view().first(16)));
  index.canonical = std::move(text);
  set_.indexes.push_back(std::move(index));
  return at->second;
}

void Compiler::add_definitions() {
  for (const DefinitionSyntax& definition : syntax_.definitions) {
    const std::size_t width = node_of(definition.value).type == Type::kRatio ? 2 : 1;
    const RegisterId to = temporary(width);
    const std::size_t mark = next_register_;
    const RegisterId from = emit(definition.value);
    for (std::size_t i = 0; i < width; ++i) {
      set_.code.push_back(
          {Op::kMove, 1, static_cast<RegisterId>(to + i), static_cast<RegisterId>(from + i), 0, 0});
    }
    next_register_ = mark;
    definitions_.push_back(to);
  }
}

// In the order of ids, so that what fires is found in the order in which it is reported (C3).
void Compiler::add_rules() {
  std::vector<const RuleSyntax*> rules;
  for (const RuleSyntax& rule : syntax_.rules) rules.push_back(&rule);
  std::sort(rules.begin(), rules.end(),
            [](const RuleSyntax* a, const RuleSyntax* b) { return a->id.text < b->id.text; });
  for (const RuleSyntax* rule : rules) {
    RuleHeading heading;
    heading.id = rule->id.text;
    heading.title = rule->title;
    heading.owner = rule->owner;
    heading.legal_basis = rule->legal_basis;
    heading.review_by = rule->review_by;
    const std::size_t mark = next_register_;
    const std::size_t first = set_.code.size();
    const RegisterId condition = emit(rule->condition);
    set_.code.push_back(
        {Op::kRule, 1, 0, condition, 0, static_cast<std::int64_t>(set_.rules.size())});
    next_register_ = mark;
    for (std::size_t i = first; i < set_.code.size(); ++i) heading.cost += set_.code[i].cost;
    CompiledRule& compiled = set_.rules.emplace_back();
    compiled.score = rule->score;
    compiled.lane_at_least = rule->lane_at_least;
    for (const NodeId id : rule->explained) explain(id, compiled);
    set_.headings.push_back(std::move(heading));
  }
}

// Facts, definitions and measures keep their registers to the end of a run.
void Compiler::explain(NodeId id, CompiledRule& rule) {
  const Node& node = node_of(id);
  Explained& explained = rule.explained.emplace_back();
  explained.type = node.type;
  explained.from = emit(id);
  explained.name = node.kind == NodeKind::kMeasure ? label(syntax_.measures[node.measure])
                                                   : std::string(node.text);
}

// C12: all operators, without credit for what a run might skip.
void Compiler::add_costs() {
  for (std::uint32_t i = set_.main.begin; i < set_.main.end; ++i) {
    set_.code_cost += set_.code[i].cost;
  }
  std::uint64_t binding = 0;
  for (const Binding& each : set_.bindings) {
    binding +=
        each.term->extract == Extract::kContainerDigits ? kContainerDigitsCost : kBindingCost;
  }
  set_.cost = set_.code_cost + binding;
  for (const MeasureRead& read : set_.measures) {
    const std::int64_t days = set_.indexes[read.index].window_days;
    set_.cost += kMeasureCost + kMeasureDayCost * static_cast<std::uint64_t>(days);
  }
  set_.upkeep_cost = set_.indexes.empty() ? 0 : binding;
  for (const HistoryIndex& index : set_.indexes) {
    set_.upkeep_cost +=
        kUpkeepCost + kMeasureDayCost * static_cast<std::uint64_t>(index.window_days);
    for (std::uint32_t i = index.filter.begin; i < index.filter.end; ++i) {
      set_.upkeep_cost += set_.code[i].cost;
    }
  }
}

RegisterId Compiler::add(Op op, RegisterId a, RegisterId b, std::int64_t immediate) {
  const RegisterId to = temporary();
  set_.code.push_back({op, cost_of(op, immediate, set_.items), to, a, b, immediate});
  return to;
}

}  // namespace sanad::chaincode::rules
