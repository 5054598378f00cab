// The fields of a declaration (docs/formats.md): ids are stable, and every field but the first
// three is optional.
//
// A value that breaks its field's kind, bounds or length makes a submission invalid (check_body).
// An identifier that merely fails its own check (container digit, HS length, LOCODE shape) never
// does: real data often fails, so these are facts for the rules (the *_ok functions below).
//
// Pure and thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "chaincode/errors.h"
#include "crypto/commitment.h"

namespace sanad::chaincode {

enum class FieldId : std::uint8_t {
  kDeclarationId = 1,
  kFlow = 2,
  kDate = 3,
  kOffice = 4,
  kProcedure = 5,
  kUse = 6,
  kPayment = 7,
  kMode = 8,
  kDeclarant = 9,
  kImporter = 10,
  kExporter = 11,
  kCarrier = 12,
  kHs = 13,
  kDeparture = 14,
  kOrigin = 15,
  kDestination = 16,
  kDutyRate = 17,
  kDutyRegime = 18,
  kOriginMarking = 19,
  kNetMass = 20,
  kGrossMass = 21,
  kPackages = 22,
  kValue = 23,
  kCurrency = 24,
  kSupplementaryQuantity = 25,
  kIncoterm = 26,
  kFreightInsurance = 27,
  kUcr = 28,
  kTransportDocument = 29,
  kContainers = 30,
  kSeals = 31,
  kPortOfLoading = 32,
  kPortOfDischarge = 33,
  kFirstEntry = 34,
  kDocuments = 35,
  kAeo = 36,
  kInvoiceHash = 37,
};
inline constexpr std::uint8_t kFieldIdMax = 37;

enum class FieldKind : std::uint8_t { kInteger, kText, kList };

// The characters that a text (each item of a list) may hold, beyond the codec's "clean UTF-8".
enum class Characters : std::uint8_t {
  kAny,
  kUcr,    // A–Z 0–9 - /
  kFlow,   // one of flow_names
  kToken,  // exactly 32 lower-case hex digits (LEDGER F6)
  kHash,   // exactly 64 lower-case hex digits
};

struct FieldSpec {
  FieldId id;
  std::string_view name;  // as in JSON, rules and error texts
  FieldKind kind;
  std::string_view unit;         // of integers: "day", "g", "minor units", "basis points", "count"
  std::int64_t minimum = 0;      // of integers, inclusive
  std::int64_t maximum = 0;      // of integers, inclusive
  std::uint16_t length_max = 0;  // bytes of a text, or of each item of a list; at least 1 is needed
  std::uint16_t items_max = 0;   // items of a list; at least 1
  Characters characters = Characters::kAny;
};

// All fields, ascending by id without gaps: entry i has id i + 1.
std::span<const FieldSpec> field_specs();
// nullptr for an id or name that does not exist.
const FieldSpec* field_spec(std::uint8_t id);
const FieldSpec* find_field(std::string_view name);

// Field 2, as its text says.
enum class Flow : std::uint8_t { kImport, kExport, kReExport, kTransit, kTemporary };
inline constexpr std::array<std::string_view, 5> kFlowNames = {"import", "export", "re-export",
                                                               "transit", "temporary"};
constexpr const std::array<std::string_view, 5>& enum_names(Flow) { return kFlowNames; }
std::optional<Flow> flow_of(std::string_view text);

// Body schemas: a declaration's fields, and a free-text reason (its field 1, at most 512 bytes).
inline constexpr std::uint16_t kDeclarationSchema = 1;
inline constexpr std::uint16_t kReasonSchema = 2;

// One opened value against its field's spec: kUnknownField, kFieldKind or kFieldValue.
Status check_field(FieldId id, const crypto::FieldValue& value);

// Static checks of a declaration's body: schema 1, known ids in strictly ascending order over
// opened and sealed, opened values within their specs, fields 1–3 opened, a UCR not sealed (its
// handle could not be checked). O(fields). Errors name the field.
Status check_body(const crypto::Body& body);
// Static checks of a reason's body: schema 2, exactly field 1, a clean text of 1 to 512 bytes,
// opened or sealed.
Status check_reason_body(const crypto::Body& body);

// The opened value, or nullptr where the field is sealed or absent.
const crypto::FieldValue* opened_field(const crypto::Body& body, FieldId id);
const std::string* opened_text(const crypto::Body& body, FieldId id);

// ISO 6346: 3 capital letters (owner), U, J or Z, 6 digits and the check digit
// (letters 10, 12 … without multiples of 11; weights 2^i; mod 11; 10 → 0).
bool container_check_digit_ok(std::string_view number);
// 2, 4, 6, 8 or 12 digits. Whether an edition has the code is for the rules' lists.
bool hs_shape_ok(std::string_view code);
// UN/LOCODE: two capital letters, then three of A–Z 2–9.
bool locode_shape_ok(std::string_view code);
// 1 to 35 of A–Z 0–9 - /.
bool ucr_ok(std::string_view ucr);

}  // namespace sanad::chaincode
