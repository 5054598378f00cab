#include "chaincode/rules/vocabulary.h"

#include <algorithm>

namespace sanad::chaincode::rules {
namespace {

constexpr std::array<std::string_view, 19> kPhrases = {
    "unknown",        "a yes/no",   "a count",
    "a date",         "a mass",     "a rate",
    "a rate",         "money",      "an amount per currency",
    "a country",      "a currency", "an HS code",
    "a flow",         "an office",  "a place",
    "a party",        "a code",     "a text",
    "a list of texts"};
static_assert(kPhrases.size() == static_cast<std::size_t>(Type::kTexts) + 1);

constexpr std::array<std::string_view, 14> kTypeWords = {
    "code", "count", "country", "currency", "date",  "flow", "hs",
    "mass", "money", "office",  "party",    "place", "rate", "text"};
constexpr std::array<Type, 14> kTypesOfWords = {
    Type::kCode,  Type::kCount, Type::kCountry, Type::kCurrency,   Type::kDate,
    Type::kFlow,  Type::kHs,    Type::kMass,    Type::kMoneyTable, Type::kOffice,
    Type::kParty, Type::kPlace, Type::kRate,    Type::kText};

constexpr std::array kTerms = {
    Term{"declaration_id", Type::kText, Extract::kTextOfField, FieldId::kDeclarationId},
    Term{"flow", Type::kFlow, Extract::kFlowName, FieldId::kFlow},
    Term{"date", Type::kDate, Extract::kInteger, FieldId::kDate},
    Term{"office", Type::kOffice, Extract::kTextOfField, FieldId::kOffice},
    Term{"procedure", Type::kCode, Extract::kTextOfField, FieldId::kProcedure},
    Term{"use", Type::kCode, Extract::kTextOfField, FieldId::kUse},
    Term{"payment", Type::kCode, Extract::kTextOfField, FieldId::kPayment},
    Term{"mode", Type::kCode, Extract::kTextOfField, FieldId::kMode},
    Term{"declarant", Type::kParty, Extract::kTextOfField, FieldId::kDeclarant},
    Term{"importer", Type::kParty, Extract::kTextOfField, FieldId::kImporter},
    Term{"exporter", Type::kParty, Extract::kTextOfField, FieldId::kExporter},
    Term{"carrier", Type::kParty, Extract::kTextOfField, FieldId::kCarrier},
    Term{"hs", Type::kHs, Extract::kHs, FieldId::kHs},
    Term{"hs6", Type::kHs, Extract::kHsPrefix6, FieldId::kHs},
    Term{"hs4", Type::kHs, Extract::kHsPrefix4, FieldId::kHs},
    Term{"hs_chapter", Type::kHs, Extract::kHsPrefix2, FieldId::kHs},
    Term{"hs_well_formed", Type::kYesNo, Extract::kHsShape, FieldId::kHs},
    Term{"departure", Type::kCountry, Extract::kPacked, FieldId::kDeparture},
    Term{"origin", Type::kCountry, Extract::kPacked, FieldId::kOrigin},
    Term{"destination", Type::kCountry, Extract::kPacked, FieldId::kDestination},
    Term{"duty_rate", Type::kRate, Extract::kBasisPoints, FieldId::kDutyRate},
    Term{"duty_regime", Type::kCode, Extract::kTextOfField, FieldId::kDutyRegime},
    Term{"origin_marking", Type::kCode, Extract::kTextOfField, FieldId::kOriginMarking},
    Term{"net_mass", Type::kMass, Extract::kInteger, FieldId::kNetMass},
    Term{"gross_mass", Type::kMass, Extract::kInteger, FieldId::kGrossMass},
    Term{"packages", Type::kCount, Extract::kInteger, FieldId::kPackages},
    Term{"value", Type::kMoney, Extract::kInteger, FieldId::kValue},
    Term{"currency", Type::kCurrency, Extract::kPacked, FieldId::kCurrency},
    Term{"incoterm", Type::kCode, Extract::kTextOfField, FieldId::kIncoterm},
    Term{"freight_insurance", Type::kMoney, Extract::kInteger, FieldId::kFreightInsurance},
    Term{"ucr", Type::kText, Extract::kTextOfField, FieldId::kUcr},
    Term{"transport_document", Type::kText, Extract::kTextOfField, FieldId::kTransportDocument},
    Term{"containers", Type::kTexts, Extract::kTextOfField, FieldId::kContainers},
    Term{"container_digits_hold", Type::kYesNo, Extract::kContainerDigits, FieldId::kContainers},
    Term{"seals", Type::kTexts, Extract::kTextOfField, FieldId::kSeals},
    Term{"port_of_loading", Type::kPlace, Extract::kTextOfField, FieldId::kPortOfLoading},
    Term{"port_of_discharge", Type::kPlace, Extract::kTextOfField, FieldId::kPortOfDischarge},
    Term{"first_entry", Type::kText, Extract::kTextOfField, FieldId::kFirstEntry},
    Term{"documents", Type::kTexts, Extract::kTextOfField, FieldId::kDocuments},
    Term{"aeo", Type::kText, Extract::kTextOfField, FieldId::kAeo},
    Term{"invoice_hash", Type::kText, Extract::kTextOfField, FieldId::kInvoiceHash},
    Term{"duplicate_ucr", Type::kYesNo, Extract::kFact, FieldId{}, Fact::kDuplicateUcr},
    Term{"duplicate_invoice", Type::kYesNo, Extract::kFact, FieldId{}, Fact::kDuplicateInvoice},
    Term{"duplicate_transport_document", Type::kYesNo, Extract::kFact, FieldId{},
         Fact::kDuplicateTransportDocument},
};

}  // namespace

std::string_view type_phrase(Type type) { return kPhrases[static_cast<std::size_t>(type)]; }

Type type_named(std::string_view word) {
  const auto found = std::find(kTypeWords.begin(), kTypeWords.end(), word);
  return found == kTypeWords.end()
             ? Type::kUnknown
             : kTypesOfWords[static_cast<std::size_t>(found - kTypeWords.begin())];
}

std::span<const std::string_view> type_words() { return kTypeWords; }

std::span<const Term> vocabulary() { return kTerms; }

const Term* find_term(std::string_view name) {
  const auto found = std::find_if(kTerms.begin(), kTerms.end(),
                                  [name](const Term& term) { return term.name == name; });
  return found == kTerms.end() ? nullptr : &*found;
}

std::int64_t packed(std::string_view text) {
  // The eighth byte would reach the sign; no code is that long.
  if (text.size() > 7) return -1;
  std::int64_t number = 0;
  for (const char c : text) number = number * 256 + static_cast<unsigned char>(c);
  return number;
}

std::int64_t hs_number(std::string_view digits) {
  if (digits.empty() || digits.size() > 12) return -1;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    number = number * 11 + (c - '0') + 1;
  }
  return number * hs_span(digits.size());
}

std::int64_t hs_span(std::size_t digits) {
  std::int64_t width = 1;
  for (std::size_t i = digits; i < 12; ++i) width *= 11;
  return width;
}

}  // namespace sanad::chaincode::rules
