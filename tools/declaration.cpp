#include "tools/declaration.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>

namespace sanad::tools {
namespace {

using chaincode::FieldId;
using chaincode::FieldKind;
using chaincode::FieldSpec;
using crypto::Error;
using crypto::FieldValue;
using crypto::Result;
using crypto::Status;

constexpr std::string_view kPartyKind = "party";

bool is_party(FieldId id) { return id >= FieldId::kDeclarant && id <= FieldId::kCarrier; }

Error refuse(const std::string& why) { return {Errc::kBadDeclaration, why}; }

Result<std::int64_t> parse_integer(const FieldSpec& spec, std::string_view text) {
  if (spec.id == FieldId::kDate && text.find('-') != std::string_view::npos &&
      text.front() != '-') {
    return parse_day(text);
  }
  std::int64_t value = 0;
  const auto [end, errc] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (errc != std::errc() || end != text.data() + text.size()) {
    return refuse(std::string(spec.name) + ": \"" + std::string(text.substr(0, 64)) +
                  "\" is not a whole number of " + std::string(spec.unit));
  }
  return value;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

Result<const FieldSpec*> known_field(std::string_view name) {
  if (const FieldSpec* spec = chaincode::find_field(name)) return spec;
  std::string known;
  for (const FieldSpec& spec : chaincode::field_specs()) {
    if (spec.name.substr(0, 2) == name.substr(0, 2)) known += " " + std::string(spec.name);
  }
  return refuse("there is no field \"" + std::string(name.substr(0, 64)) + "\"" +
                (known.empty() ? "" : "; perhaps" + known));
}

Status set_json_field(Declaration& declaration, std::string_view name,
                      const boost::json::value& value) {
  SANAD_TRY(const FieldSpec* spec, known_field(name));
  if (value.is_string()) {
    const std::string_view text{value.get_string().data(), value.get_string().size()};
    return set_field(declaration, name, text);
  }
  if (value.is_int64() && spec->kind == FieldKind::kInteger) {
    declaration.fields[spec->id] = value.get_int64();
    return {};
  }
  if (value.is_array() && spec->kind == FieldKind::kList) {
    std::vector<std::string> items;
    for (const boost::json::value& item : value.get_array()) {
      if (!item.is_string()) return refuse(std::string(name) + ": its items are texts in quotes");
      items.emplace_back(item.get_string().data(), item.get_string().size());
    }
    declaration.fields[spec->id] = std::move(items);
    return {};
  }
  return refuse(std::string(name) + ": not the kind of value that this field has");
}

void json_text(std::string& out, std::string_view text) {
  out += boost::json::serialize(boost::json::string(text.data(), text.size()));
}

void json_value(std::string& out, FieldId id, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json_text(out, *text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (id == FieldId::kDate) return json_text(out, day_text(*number));
    out += std::to_string(*number);
    return;
  }
  out += '[';
  for (const std::string& item : std::get<2>(value)) {
    if (out.back() != '[') out += ',';
    json_text(out, item);
  }
  out += ']';
}

}  // namespace

std::string Declaration::text(FieldId id) const {
  const auto found = fields.find(id);
  if (found == fields.end()) return {};
  const auto* value = std::get_if<std::string>(&found->second);
  return value == nullptr ? std::string() : *value;
}

Status set_field(Declaration& declaration, std::string_view name, std::string_view text) {
  SANAD_TRY(const FieldSpec* spec, known_field(name));
  if (text.empty()) return refuse(std::string(name) + ": leave the field out instead of empty");
  switch (spec->kind) {
    case FieldKind::kInteger: {
      SANAD_TRY(declaration.fields[spec->id], parse_integer(*spec, text));
      return {};
    }
    case FieldKind::kText:
      declaration.fields[spec->id] = std::string(text);
      return {};
    case FieldKind::kList:
      declaration.fields[spec->id] = split_list(text);
      return {};
  }
  return refuse("unknown kind of field");
}

Result<Declaration> parse_declaration(std::string_view json) {
  if (json.size() > kDeclarationTextMax) return refuse("longer than 65536 bytes");
  boost::json::parse_options options;
  options.max_depth = 4;
  boost::system::error_code error;
  const boost::json::value root =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), error, {}, options);
  if (error) return refuse("not JSON: " + error.message());
  if (!root.is_object()) return refuse("not a JSON object");
  Declaration declaration;
  for (const auto& [key, value] : root.get_object()) {
    const std::string_view name{key.data(), key.size()};
    if (name != "member") {
      SANAD_TRY_STATUS(set_json_field(declaration, name, value));
    } else if (value.is_string()) {
      declaration.member.assign(value.get_string().data(), value.get_string().size());
    } else {
      return refuse("member: a text in quotes, such as \"AE-DU\"");
    }
  }
  return declaration;
}

std::string format_declaration(const Declaration& declaration) {
  std::string out = "{";
  if (!declaration.member.empty()) {
    out += "\"member\":";
    json_text(out, declaration.member);
  }
  for (const auto& [id, value] : declaration.fields) {
    if (out.size() > 1) out += ',';
    json_text(out, chaincode::field_spec(static_cast<std::uint8_t>(id))->name);
    out += ':';
    json_value(out, id, value);
  }
  return out + "}";
}

std::string normalised_party(std::string_view id) {
  std::string normal;
  for (const char c : id) {
    if (c == ' ') {
      if (!normal.empty() && normal.back() != ' ') normal += ' ';
    } else {
      normal += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  if (!normal.empty() && normal.back() == ' ') normal.pop_back();
  return normal;
}

Result<crypto::Body> make_body(const Declaration& declaration, const crypto::NetworkSecret& secret,
                               const std::function<crypto::Salt()>& fresh_salt) {
  crypto::Body body;
  body.schema = chaincode::kDeclarationSchema;
  for (const auto& [id, value] : declaration.fields) {
    crypto::OpenedField field{static_cast<std::uint8_t>(id), value, fresh_salt()};
    if (is_party(id)) {
      const std::string party = normalised_party(declaration.text(id));
      if (party.empty()) return refuse("a party without an id; leave the field out instead");
      field.value = crypto::party_token(secret, kPartyKind, party).hex();
    }
    body.opened.push_back(std::move(field));
  }
  if (const Status status = chaincode::check_body(body); !status) {
    return refuse(status.error().message());
  }
  return body;
}

Result<std::int64_t> parse_day(std::string_view text) {
  using namespace std::chrono;
  const auto number = [text](std::size_t at, std::size_t length) {
    int value = -1;
    const char* end = text.data() + at + length;
    return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const year_month_day day{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                             std::chrono::day{static_cast<unsigned>(number(8, 2))}};
    const bool digits = number(0, 4) >= 0 && number(5, 2) >= 0 && number(8, 2) >= 0;
    if (digits && day.ok()) return std::int64_t{sys_days{day}.time_since_epoch().count()};
  }
  return refuse("\"" + std::string(text.substr(0, 32)) + "\" is not a day; write it as 2026-03-01");
}

std::string day_text(std::int64_t day) {
  using namespace std::chrono;
  if (day < -719'468 || day > 2'932'896) return std::to_string(day);
  const year_month_day date{sys_days{days{static_cast<int>(day)}}};
  const auto padded = [](std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
  };
  return padded(static_cast<int>(date.year()), 4) + "-" +
         padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2);
}

std::string field_name(std::uint16_t schema, std::uint8_t field_id) {
  if (schema == chaincode::kReasonSchema && field_id == 1) return "reason";
  const chaincode::FieldSpec* spec = chaincode::field_spec(field_id);
  const bool known = schema == chaincode::kDeclarationSchema && spec != nullptr;
  return known ? std::string(spec->name) : std::to_string(field_id);
}

std::string value_text(std::uint8_t field_id, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return field_id == static_cast<std::uint8_t>(FieldId::kDate) ? day_text(*number)
                                                                 : std::to_string(*number);
  }
  std::string joined;
  for (const std::string& item : std::get<2>(value)) {
    joined += (joined.empty() ? "" : ",") + item;
  }
  return joined;
}

}  // namespace sanad::tools
