#include "chaincode/errors.h"

#include <array>

namespace sanad::chaincode {

const std::error_category& error_category() {
  static constexpr std::array<std::string_view, 17> kTexts = {
      "no error",
      "the submission is too large",
      "wrong number of statements",
      "the submission is for another network",
      "the statements are not the signed ones",
      "a statement came without its body",
      "a body came with a statement that names none",
      "a body is not the one that its statement names",
      "unknown field",
      "a field has a value of another kind",
      "a field's value is not allowed",
      "a required field is missing",
      "unknown body schema",
      "the genesis cannot be used",
      "a rule set cannot be used",
      "no such verdict in the block",
      "not a record of a known version",
  };
  static const crypto::TableCategory kCategory("sanad.chaincode", kTexts);
  return kCategory;
}

}  // namespace sanad::chaincode
