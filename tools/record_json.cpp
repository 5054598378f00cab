#include "tools/record_json.h"

#include "chaincode/rules/evaluate.h"
#include "crypto/codec_json.h"
#include "tools/commands/report.h"
#include "tools/declaration.h"

namespace sanad::tools {
namespace {

std::string value_json(const crypto::FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json_string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  std::vector<std::string> items;
  for (const std::string& item : std::get<2>(value)) items.push_back(json_string(item));
  return json_array(items);
}

std::optional<std::string> verdict_json(crypto::ByteView detail) {
  const auto stored = crypto::decode<chaincode::StoredDetail>(detail);
  if (!stored) return std::nullopt;
  const auto verdict = crypto::decode<chaincode::rules::Verdict>(stored->detail);
  if (!verdict) return std::nullopt;
  return crypto::to_json(*verdict);
}

}  // namespace

std::string facts_json(const crypto::Body& body) {
  JsonObject facts;
  for (const crypto::OpenedField& field : body.opened) {
    facts.json(field_name(body.schema, field.id), value_json(field.value));
  }
  return facts.str();
}

std::string record_json(std::uint64_t index, crypto::ByteView leaf, const chaincode::Record& record,
                        const BesideRecord& beside) {
  JsonObject line;
  line.number("index", index)
      .text("leaf", crypto::to_base64(leaf))
      .json("record", crypto::to_json(record));
  if (beside.body) line.json("facts", facts_json(*beside.body));
  if (!beside.detail.empty()) {
    if (const auto verdict = verdict_json(beside.detail)) line.json("verdict", *verdict);
  }
  return line.str();
}

}  // namespace sanad::tools
