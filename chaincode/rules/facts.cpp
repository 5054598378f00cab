#include "chaincode/rules/facts.h"

namespace sanad::chaincode::rules {

void Facts::set(FieldId field, crypto::FieldValue value) {
  const auto id = static_cast<std::size_t>(field);
  assert(id < kFieldsMax);
  if (slots_[id] != 0) {
    values_[slots_[id] - 1U] = std::move(value);
    return;
  }
  assert(values_.size() < 255);
  values_.push_back(std::move(value));
  slots_[id] = static_cast<std::uint8_t>(values_.size());
}

void Facts::clear(FieldId field) {
  const auto id = static_cast<std::size_t>(field);
  assert(id < kFieldsMax);
  slots_[id] = 0;
}

}  // namespace sanad::chaincode::rules
