// What a rule may know of one declaration (RULES C2): its opened fields, and yes/no facts that the
// contracts found out about it.
//
// A field that is absent is *unknown* (C5), which is something else than 0 or an empty text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "chaincode/fields.h"

namespace sanad::chaincode::rules {

// Facts that the clearance contract establishes; yes/no, unknown until set.
enum class Fact : std::uint8_t {
  kDuplicateUcr,                // `duplicate_ucr`
  kDuplicateInvoice,            // `duplicate_invoice`
  kDuplicateTransportDocument,  // `duplicate_transport_document`
};
inline constexpr std::size_t kFactCount = 3;

// Not thread-safe while it is filled; reading is.
class Facts {
 public:
  // REQUIRES: the id is below kFieldsMax.
  void set(FieldId field, crypto::FieldValue value);
  void set(Fact fact, bool value) { facts_[static_cast<std::size_t>(fact)] = value; }
  // Makes a field unknown again.
  void clear(FieldId field);

  // Null where the field is unknown.
  [[nodiscard]] const crypto::FieldValue* find(FieldId field) const {
    const std::uint8_t slot = slots_[static_cast<std::size_t>(field) % kFieldsMax];
    return slot == 0 ? nullptr : &values_[slot - 1U];
  }
  [[nodiscard]] std::optional<bool> find(Fact fact) const {
    return facts_[static_cast<std::size_t>(fact)];
  }

  static constexpr std::size_t kFieldsMax = 64;

 private:
  std::array<std::uint8_t, kFieldsMax> slots_{};  // 1 + position in values_, 0: unknown
  std::vector<crypto::FieldValue> values_;
  std::array<std::optional<bool>, kFactCount> facts_{};
};

}  // namespace sanad::chaincode::rules
