#include "chaincode/fields.h"

#include <algorithm>

namespace sanad::chaincode {
namespace {

using enum FieldId;
using crypto::FieldValue;

// Days up to 2149; money up to 10^15 minor units; mass up to 10^9 t. Small enough that sums and
// products of a few of them stay far from the limits of 128 bits.
constexpr std::int64_t kDayMax = 65'535;
constexpr std::int64_t kMoneyMax = 1'000'000'000'000'000;
constexpr std::int64_t kMassMax = 1'000'000'000'000'000;

constexpr FieldSpec integer(FieldId id, std::string_view name, std::string_view unit,
                            std::int64_t maximum) {
  return {id, name, FieldKind::kInteger, unit, 0, maximum};
}
constexpr FieldSpec text(FieldId id, std::string_view name, std::uint16_t length_max,
                         Characters characters = Characters::kAny) {
  return {id, name, FieldKind::kText, "", 0, 0, length_max, 0, characters};
}
constexpr FieldSpec list(FieldId id, std::string_view name, std::uint16_t length_max) {
  return {id, name, FieldKind::kList, "", 0, 0, length_max, crypto::kFieldListMax};
}

constexpr std::array<FieldSpec, kFieldIdMax> kSpecs = {
    text(kDeclarationId, "declaration_id", 64),
    text(kFlow, "flow", 16, Characters::kFlow),
    integer(kDate, "date", "day", kDayMax),
    text(kOffice, "office", 17),
    text(kProcedure, "procedure", 16),
    text(kUse, "use", 16),
    text(kPayment, "payment", 16),
    text(kMode, "mode", 16),
    text(kDeclarant, "declarant", 32, Characters::kToken),
    text(kImporter, "importer", 32, Characters::kToken),
    text(kExporter, "exporter", 32, Characters::kToken),
    text(kCarrier, "carrier", 32, Characters::kToken),
    text(kHs, "hs", 18),
    text(kDeparture, "departure", 3),
    text(kOrigin, "origin", 3),
    text(kDestination, "destination", 3),
    integer(kDutyRate, "duty_rate", "basis points", 1'000'000),
    text(kDutyRegime, "duty_regime", 16),
    text(kOriginMarking, "origin_marking", 16),
    integer(kNetMass, "net_mass", "g", kMassMax),
    integer(kGrossMass, "gross_mass", "g", kMassMax),
    integer(kPackages, "packages", "count", 1'000'000'000),
    integer(kValue, "value", "minor units", kMoneyMax),
    text(kCurrency, "currency", 3),
    text(kSupplementaryQuantity, "supplementary_quantity", 35),
    text(kIncoterm, "incoterm", 16),
    integer(kFreightInsurance, "freight_insurance", "minor units", kMoneyMax),
    text(kUcr, "ucr", 35, Characters::kUcr),
    text(kTransportDocument, "transport_document", 70),
    list(kContainers, "containers", 17),
    list(kSeals, "seals", 35),
    text(kPortOfLoading, "port_of_loading", 17),
    text(kPortOfDischarge, "port_of_discharge", 17),
    text(kFirstEntry, "first_entry", 16),
    list(kDocuments, "documents", crypto::kFieldItemMax),
    text(kAeo, "aeo", 64),
    text(kInvoiceHash, "invoice_hash", 64, Characters::kHash),
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// No early end: a branch for each character costs more than the rest of them.
bool is_hex(std::string_view text) {
  bool good = true;
  for (const char c : text) good &= is_digit(c) | ((c >= 'a') & (c <= 'f'));
  return good;
}

bool characters_ok(Characters characters, std::string_view value) {
  switch (characters) {
    case Characters::kAny:
      return true;
    case Characters::kUcr:
      return ucr_ok(value);
    case Characters::kFlow:
      return flow_of(value).has_value();
    case Characters::kToken:
      return value.size() == 32 && is_hex(value);
    case Characters::kHash:
      return value.size() == 64 && is_hex(value);
  }
  return false;
}

std::string expected(const FieldSpec& spec) {
  switch (spec.characters) {
    case Characters::kUcr:
      return "1 to 35 of A-Z 0-9 - /";
    case Characters::kFlow:
      return "import, export, re-export, transit or temporary";
    case Characters::kToken:
      return "a token of 32 lower-case hex digits";
    case Characters::kHash:
      return "64 lower-case hex digits";
    case Characters::kAny:
      break;
  }
  return "1 to " + std::to_string(spec.length_max) + " bytes";
}

Error wrong_value(const FieldSpec& spec, const std::string& what) {
  return {Errc::kFieldValue, "field " + std::string(spec.name) + ": " + what};
}

Status check_text(const FieldSpec& spec, std::string_view value) {
  if (value.empty() || value.size() > spec.length_max || !characters_ok(spec.characters, value)) {
    return wrong_value(spec, "expected " + expected(spec));
  }
  return {};
}

Status check_list(const FieldSpec& spec, const std::vector<std::string>& items) {
  if (items.empty() || items.size() > spec.items_max) {
    return wrong_value(spec, "expected 1 to " + std::to_string(spec.items_max) + " items");
  }
  for (const std::string& item : items) SANAD_TRY_STATUS(check_text(spec, item));
  return {};
}

Status check_integer(const FieldSpec& spec, std::int64_t value) {
  if (value < spec.minimum || value > spec.maximum) {
    return wrong_value(spec, "expected " + std::to_string(spec.minimum) + " to " +
                                 std::to_string(spec.maximum) + " " + std::string(spec.unit));
  }
  return {};
}

// A letter's value: 10 for A, then upwards without multiples of 11.
int letter_value(char letter) {
  const int position = letter - 'A';
  const int value = 10 + position;
  return value + (value > 10 ? 1 : 0) + (value >= 21 ? 1 : 0) + (value >= 31 ? 1 : 0);
}

}  // namespace

std::span<const FieldSpec> field_specs() { return kSpecs; }

const FieldSpec* field_spec(std::uint8_t id) {
  return id >= 1 && id <= kFieldIdMax ? &kSpecs[id - 1U] : nullptr;
}

const FieldSpec* find_field(std::string_view name) {
  const auto found = std::find_if(kSpecs.begin(), kSpecs.end(),
                                  [name](const FieldSpec& spec) { return spec.name == name; });
  return found == kSpecs.end() ? nullptr : &*found;
}

std::optional<Flow> flow_of(std::string_view text) {
  const auto found = std::find(kFlowNames.begin(), kFlowNames.end(), text);
  if (found == kFlowNames.end()) return std::nullopt;
  return static_cast<Flow>(found - kFlowNames.begin());
}

Status check_field(FieldId id, const FieldValue& value) {
  const FieldSpec* spec = field_spec(static_cast<std::uint8_t>(id));
  if (spec == nullptr) {
    return Error{Errc::kUnknownField, "field " + std::to_string(static_cast<unsigned>(id))};
  }
  if (value.index() != static_cast<std::size_t>(spec->kind)) {
    static constexpr std::array<std::string_view, 3> kKinds = {"an integer", "a text", "a list"};
    return Error{Errc::kFieldKind, "field " + std::string(spec->name) + ": expected " +
                                       std::string(kKinds[static_cast<std::size_t>(spec->kind)])};
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) return check_integer(*spec, *number);
  if (const auto* words = std::get_if<std::string>(&value)) return check_text(*spec, *words);
  return check_list(*spec, std::get<std::vector<std::string>>(value));
}

Status check_body(const crypto::Body& body) {
  if (body.schema != kDeclarationSchema) {
    return Error{Errc::kUnknownSchema, "schema " + std::to_string(body.schema) + ", expected " +
                                           std::to_string(kDeclarationSchema)};
  }
  for (const crypto::OpenedField& field : body.opened) {
    SANAD_TRY_STATUS(check_field(static_cast<FieldId>(field.id), field.value));
  }
  for (const crypto::SealedField& field : body.sealed) {
    if (field_spec(field.id) == nullptr) {
      return Error{Errc::kUnknownField, "field " + std::to_string(field.id)};
    }
    if (field.id == static_cast<std::uint8_t>(kUcr)) {
      return Error{Errc::kFieldMissing, "field ucr is sealed: its handle could not be checked"};
    }
  }
  for (const FieldId id : {kDeclarationId, kFlow, kDate}) {
    if (opened_field(body, id) == nullptr) {
      return Error{Errc::kFieldMissing,
                   "field " + std::string(kSpecs[static_cast<std::size_t>(id) - 1].name) +
                       " must be present and opened"};
    }
  }
  return {};
}

Status check_reason_body(const crypto::Body& body) {
  if (body.schema != kReasonSchema) {
    return Error{Errc::kUnknownSchema, "schema " + std::to_string(body.schema) + ", expected " +
                                           std::to_string(kReasonSchema)};
  }
  if (body.opened.size() + body.sealed.size() != 1 ||
      (body.opened.empty() ? body.sealed.front().id : body.opened.front().id) != 1) {
    return Error{Errc::kUnknownField, "a reason has exactly field 1"};
  }
  if (body.opened.empty()) return {};
  const auto* words = std::get_if<std::string>(&body.opened.front().value);
  if (words == nullptr) return Error{Errc::kFieldKind, "a reason is a text"};
  if (words->empty()) return Error{Errc::kFieldValue, "a reason has at least one character"};
  return crypto::check_field_value(*words);
}

const FieldValue* opened_field(const crypto::Body& body, FieldId id) {
  const auto found = std::lower_bound(
      body.opened.begin(), body.opened.end(), static_cast<std::uint8_t>(id),
      [](const crypto::OpenedField& field, std::uint8_t wanted) { return field.id < wanted; });
  if (found == body.opened.end() || found->id != static_cast<std::uint8_t>(id)) return nullptr;
  return &found->value;
}

const std::string* opened_text(const crypto::Body& body, FieldId id) {
  const FieldValue* value = opened_field(body, id);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

bool container_check_digit_ok(std::string_view number) {
  if (number.size() != 11) return false;
  if (!std::all_of(number.begin(), number.begin() + 3, is_capital)) return false;
  if (number[3] != 'U' && number[3] != 'J' && number[3] != 'Z') return false;
  if (!std::all_of(number.begin() + 4, number.end(), is_digit)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    const int value = i < 4 ? letter_value(number[i]) : number[i] - '0';
    sum += value << i;
  }
  return sum % 11 % 10 == number[10] - '0';
}

bool hs_shape_ok(std::string_view code) {
  const bool length_ok = code.size() == 2 || code.size() == 4 || code.size() == 6 ||
                         code.size() == 8 || code.size() == 12;
  return length_ok && std::all_of(code.begin(), code.end(), is_digit);
}

bool locode_shape_ok(std::string_view code) {
  return code.size() == 5 && is_capital(code[0]) && is_capital(code[1]) &&
         std::all_of(code.begin() + 2, code.end(),
                     [](char c) { return is_capital(c) || (c >= '2' && c <= '9'); });
}

bool ucr_ok(std::string_view ucr) {
  return !ucr.empty() && ucr.size() <= 35 && std::all_of(ucr.begin(), ucr.end(), [](char c) {
    return is_capital(c) || is_digit(c) || c == '-' || c == '/';
  });
}

}  // namespace sanad::chaincode
