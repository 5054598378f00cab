#include "chaincode/rules/history.h"

#include <algorithm>

#include "chaincode/rules/day_counts.h"
#include "chaincode/rules/machine.h"

namespace sanad::chaincode::rules {
namespace {

// LEB128: prefix-free, so that joined key parts cannot be read in two ways.
void append_number(crypto::Bytes& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out.push_back(static_cast<std::uint8_t>(number | 0x80U));
  out.push_back(static_cast<std::uint8_t>(number));
}

}  // namespace

crypto::Bytes Machine::state_key(const HistoryIndex& index, CauseId& unknown) const {
  const auto prefix = crypto::as_bytes(index.key_prefix);
  crypto::Bytes key(prefix.begin(), prefix.end());
  for (std::size_t i = 0; i < index.keys.size(); ++i) {
    const Register& part = registers_[index.keys[i]];
    if (part.unknown != 0) {
      unknown = part.unknown;
      return {};
    }
    if (is_text(index.terms[i]->type)) {
      append_number(key, text(part).size());
      crypto::append(key, crypto::as_bytes(text(part)));
    } else {
      append_number(key, static_cast<std::uint64_t>(part.value));
    }
  }
  return key;
}

void Machine::read_measures(const Context& context) {
  // Measures of one index follow each other often: its value is read once.
  std::uint32_t held = UINT32_MAX;
  CauseId unknown = 0;
  std::optional<crypto::Bytes> value;
  for (const MeasureRead& read : set_.measures) {
    const HistoryIndex& index = set_.indexes[read.index];
    const bool ratio = index.family == Family::kHitRate;
    if (held != read.index) {
      held = read.index;
      unknown = 0;
      value.reset();
      const crypto::Bytes key = state_key(index, unknown);
      if (unknown == 0) value = context.history.read(key);
    }
    Tally sum;
    if (value) {
      sum = tally(*value, index.family, context.ledger_day - read.window_days + 1,
                  context.ledger_day);
    }
    // A rate of nothing is unknown, whatever the rule asks for.
    const std::int64_t least = ratio ? std::max<std::int64_t>(1, read.at_least) : read.at_least;
    CauseId cause = unknown;
    if (cause == 0 && sum.total < least) cause = read.too_few;
    registers_[read.to] = {ratio ? sum.hits : sum.total, cause};
    if (ratio) registers_[read.to + 1U] = {sum.total, cause};
  }
}

HistoryIndexes::HistoryIndexes(std::span<const RuleSet> rule_sets) {
  for (const RuleSet& rule_set : rule_sets) {
    const auto& indexes = rule_set.compiled().indexes;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.rule_set.compiled().indexes[entry.index].key_prefix == indexes[i].key_prefix;
      });
      if (same == entries_.end()) {
        entries_.push_back({rule_set, i, indexes[i].window_days});
      } else {
        same->window_days = std::max(same->window_days, indexes[i].window_days);
      }
    }
  }
}

struct HistoryIndexes::Change {
  Family family;
  Tally by;
};

void HistoryIndexes::change(State& state, const Facts& facts, std::int64_t ledger_day,
                            const Change& change) const {
  std::optional<Machine> machine;
  const CompiledSet* loaded = nullptr;
  for (const Entry& entry : entries_) {
    const CompiledSet& set = entry.rule_set.compiled();
    const HistoryIndex& index = set.indexes[entry.index];
    if (index.family != change.family) continue;
    if (loaded != &set) {
      machine.emplace(set, facts);
      loaded = &set;
    }
    CauseId unknown = 0;
    const crypto::Bytes key = machine->state_key(index, unknown);
    if (unknown != 0 || !machine->passes(index)) continue;
    const auto held = state.read(key);
    DayCounts counts = held ? DayCounts(index.family, *held) : DayCounts(index.family);
    counts.add(ledger_day, change.by);
    counts.prune(entry.window_days);
    if (!counts.empty()) {
      state.write(key, counts.encode());
    } else if (held) {
      state.remove(key);
    }
  }
}

void HistoryIndexes::record_declaration(State& state, const Facts& facts,
                                        std::int64_t ledger_day) const {
  change(state, facts, ledger_day, {Family::kCount, {1, 0}});
}

void HistoryIndexes::retract_declaration(State& state, const Facts& facts,
                                         std::int64_t ledger_day) const {
  change(state, facts, ledger_day, {Family::kCount, {-1, 0}});
}

void HistoryIndexes::record_inspection(State& state, const Facts& facts, std::int64_t ledger_day,
                                       bool offence) const {
  change(state, facts, ledger_day, {Family::kHitRate, {1, offence ? 1 : 0}});
}

void HistoryIndexes::retract_inspection(State& state, const Facts& facts, std::int64_t ledger_day,
                                        bool offence) const {
  change(state, facts, ledger_day, {Family::kHitRate, {-1, offence ? -1 : 0}});
}

}  // namespace sanad::chaincode::rules
