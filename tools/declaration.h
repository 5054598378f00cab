// A declaration as its owner knows it, before it is salted and committed: traders by their own ids,
// not as tokens (LEDGER F6).
//
// Text form, one JSON object on one line, used by `sanad declare --file`, `sanad generate` and
// `sanad import lines`:
//
//   {"member":"AE-DU","declaration_id":"AE-DU-26-000017","flow":"export","date":"2026-03-01",
//    "hs":"851712","value":1250000,"currency":"AED","containers":["CSQU3054383"]}
//
// Names are those of chaincode/fields.h. Integers may be numbers or digits in quotes; `date` is a
// calendar day; "member" may be left out where the command says which member declares.
#pragma once

#include <functional>
#include <map>

#include "chaincode/fields.h"
#include "crypto/handle.h"
#include "tools/errc.h"

namespace sanad::tools {

inline constexpr std::size_t kDeclarationTextMax = 65'536;

struct Declaration {
  std::string member;
  std::map<chaincode::FieldId, crypto::FieldValue> fields;

  friend bool operator==(const Declaration&, const Declaration&) = default;
  // The text of a field; empty where it is absent or no text.
  [[nodiscard]] std::string text(chaincode::FieldId id) const;
};

// Sets a field from text: integers in decimal, `date` as 2026-03-01, lists with commas between
// items. kBadDeclaration for an unknown name (with the nearest one) or a text that the field's kind
// cannot take; its bounds are checked by make_body().
crypto::Status set_field(Declaration& declaration, std::string_view name, std::string_view text);

crypto::Result<Declaration> parse_declaration(std::string_view json);
std::string format_declaration(const Declaration& declaration);

// Upper case, without outer spaces, inner ones single: what party tokens are made of.
std::string normalised_party(std::string_view id);

// The body that commits to the declaration: parties as tokens, one salt a field, everything opened.
// kBadDeclaration naming the field that the ledger would refuse.
crypto::Result<crypto::Body> make_body(const Declaration& declaration,
                                       const crypto::NetworkSecret& secret,
                                       const std::function<crypto::Salt()>& fresh_salt);

// Days since 1970-01-01 of "2026-03-01", and back. kBadDeclaration unless the day exists.
crypto::Result<std::int64_t> parse_day(std::string_view text);
std::string day_text(std::int64_t day);

// The name of a field of a declaration, or of the reason beside another statement; its number where
// the schema has none.
std::string field_name(std::uint16_t schema, std::uint8_t field_id);

// A field's value for people: dates as days, lists with commas.
std::string value_text(std::uint8_t field_id, const crypto::FieldValue& value);

}  // namespace sanad::tools
