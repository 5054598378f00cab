#include "tools/generator.h"

#include "crypto/hash.h"

namespace sanad::tools {
namespace {

using chaincode::FieldId;

struct NamedPlace {
  std::string_view office;    // UN/LOCODE of the customs office at a sea port
  std::string_view country;   // ISO 3166-1
  std::string_view currency;  // ISO 4217
  unsigned unit_per_usd;      // minor units of the currency for one US dollar, fixed
};
// By the member's country; AE has two members and two ports.
struct MemberPlace {
  std::string_view member;
  NamedPlace place;
};
constexpr std::array<MemberPlace, 7> kPlaces = {{
    {"AE-DU", {"AEJEA", "AE", "AED", 367}},
    {"AE-AZ", {"AEKHL", "AE", "AED", 367}},
    {"KW", {"KWSWK", "KW", "KWD", 307}},
    {"QA", {"QAHMD", "QA", "QAR", 364}},
    {"SA", {"SAJED", "SA", "SAR", 375}},
    {"BH", {"BHKBS", "BH", "BHD", 376}},
    {"OM", {"OMSLL", "OM", "OMR", 385}},
}};
constexpr NamedPlace kElsewhere = {"AEJEA", "AE", "AED", 367};

constexpr std::array<std::string_view, 10> kOutside = {"CN", "IN", "DE", "JP", "KR",
                                                       "TR", "IT", "VN", "US", "TH"};
constexpr std::array<std::string_view, 4> kPortsOutside = {"CNSHA", "INNSA", "DEHAM", "KRPUS"};
constexpr std::array<std::string_view, 5> kBrokers = {"BRK-1007", "BRK-1011", "BRK-1020",
                                                      "BRK-1032", "BRK-1044"};
constexpr std::array<std::string_view, 4> kCarriers = {"GULF LINES", "SOUTH SEA SHIPPING",
                                                       "ARABIAN FEEDER", "DESERT ROAD"};
constexpr std::array<std::string_view, 4> kIncoterms = {"FOB", "CIF", "EXW", "DAP"};

constexpr std::string_view kProhibitedHs = "930200";
constexpr std::string_view kEmbargoedOrigin = "KP";
constexpr std::uint64_t kHighValueUsd = 2'000'000;
constexpr std::size_t kImportsKept = 64;
constexpr unsigned kTraders = 400;
constexpr std::uint64_t kConsignmentsPerDay = 120;

const NamedPlace& place_of(std::string_view member) {
  for (const MemberPlace& one : kPlaces) {
    if (one.member == member) return one.place;
  }
  return kElsewhere;
}

std::string padded(std::uint64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

std::int64_t& integer(Declaration& declaration, FieldId id) {
  return std::get<std::int64_t>(declaration.fields.at(id));
}

}  // namespace

struct Generator::Goods {
  std::string_view hs6;
  std::string_view national;  // the tariff's further digits: 8 or 12 in all
  std::uint64_t cents_per_kg;
  std::uint64_t kg_per_package;
  unsigned duty_basis_points;
};

struct Generator::Consignment {
  std::uint64_t serial = 0;
  std::string from;  // member, or empty from outside
  std::string to;    // member
  Goods goods{};
  std::string_view origin;
  std::uint64_t packages = 0;
  std::uint64_t mass_g = 0;
  std::uint64_t value_usd_cents = 0;
  std::string exporter;
  std::string importer;
  std::string carrier;
  std::string ucr;
  std::string transport_document;
  std::string container;
  std::string invoice_hash;
  std::string_view incoterm;
  std::string_view port_outside;
};

Generator::Generator(GeneratorPlan plan) : plan_(std::move(plan)), state_(plan_.seed) {
  assert(!plan_.members.empty());
}

std::uint64_t Generator::draw() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

std::uint64_t Generator::below(std::uint64_t bound) { return draw() % bound; }

std::string Generator::trader(std::string_view country) {
  // Squaring makes some traders much more frequent than others, as in life.
  const std::uint64_t share = below(1'000);
  return std::string(country) + "-" +
         std::to_string(100'000 + share * share * kTraders / 1'000'000);
}

std::string Generator::container() {
  const std::string number = "SNDU" + padded(below(1'000'000), 6);
  for (char digit = '0'; digit <= '9'; ++digit) {
    if (chaincode::container_check_digit_ok(number + digit)) return number + digit;
  }
  assert(false);  // one of ten digits is always the check digit
  return number;
}

Generator::Consignment Generator::plan_consignment(bool pair) {
  constexpr std::array<Goods, 14> kGoods = {{
      {"851712", "00", 21'000, 12, 0},
      {"847130", "00", 9'800, 20, 0},
      {"870323", "110000", 1'150, 1'600, 500},
      {"940360", "90", 420, 45, 500},
      {"610910", "000000", 1'900, 18, 500},
      {"330300", "10", 3'600, 14, 500},
      {"180690", "00", 640, 12, 500},
      {"040690", "100000", 560, 20, 500},
      {"300490", "00", 14'500, 9, 0},
      {"401110", "000000", 480, 95, 500},
      {"730890", "90", 210, 800, 500},
      {"690721", "000000", 75, 1'100, 500},
      {"841510", "10", 1'050, 48, 500},
      {"711319", "000000", 1'900'000, 1, 500},
  }};
  Consignment one;
  one.serial = ++serial_;
  one.to = plan_.members[below(plan_.members.size())];
  if (pair) {
    do {
      one.from = plan_.members[below(plan_.members.size())];
    } while (one.from == one.to);
  }
  one.goods = pick(kGoods);
  one.origin = pair && below(3) == 0 ? place_of(one.from).country : pick(kOutside);
  one.packages = 1 + below(24);
  // A package weighs up to a tenth more or less than usual; the price moves by a fifth.
  one.mass_g = one.packages * one.goods.kg_per_package * (900 + below(201));
  one.value_usd_cents = std::max<std::uint64_t>(
      100, one.mass_g * one.goods.cents_per_kg * (80 + below(41)) / 100'000);
  one.exporter = trader(pair ? place_of(one.from).country : one.origin);
  one.importer = trader(place_of(one.to).country);
  one.carrier = pick(kCarriers);
  const std::string serial = padded(one.serial, 7);
  one.ucr = "6" + one.exporter + "-" + serial;
  one.transport_document = serial + padded(below(1'000), 3);
  one.container = container();
  const std::string invoice = "invoice " + std::to_string(plan_.seed) + " " + serial;
  one.invoice_hash = crypto::sha256(crypto::as_bytes(invoice)).hex();
  one.incoterm = pick(kIncoterms);
  one.port_outside = pick(kPortsOutside);
  return one;
}

Declaration Generator::declare(const Consignment& one, bool is_import) {
  const std::string& member = is_import ? one.to : one.from;
  const NamedPlace& here = place_of(member);
  const NamedPlace& there = is_import && !one.from.empty() ? place_of(one.from) : place_of(one.to);
  Declaration d;
  d.member = member;
  auto& f = d.fields;
  const auto text = [](std::string_view value) { return std::string(value); };
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  f[FieldId::kDeclarationId] = member + (is_import ? "-I-" : "-E-") + padded(one.serial, 7);
  f[FieldId::kFlow] = text(is_import ? "import" : "export");
  f[FieldId::kDate] =
      plan_.first_day + number(one.serial / kConsignmentsPerDay) + (is_import ? 2 : 0);
  f[FieldId::kOffice] = text(here.office);
  f[FieldId::kMode] = text("1");
  f[FieldId::kDeclarant] = text(pick(kBrokers));
  f[FieldId::kImporter] = one.importer;
  f[FieldId::kExporter] = one.exporter;
  f[FieldId::kCarrier] = one.carrier;
  f[FieldId::kHs] = text(one.goods.hs6) + text(one.goods.national);
  f[FieldId::kDeparture] = text(!one.from.empty() ? place_of(one.from).country : one.origin);
  f[FieldId::kOrigin] = text(one.origin);
  f[FieldId::kDestination] = text(place_of(one.to).country);
  f[FieldId::kDutyRate] = number(is_import ? one.goods.duty_basis_points : 0);
  f[FieldId::kNetMass] = number(one.mass_g);
  f[FieldId::kGrossMass] = number(one.mass_g + one.mass_g / 12);
  f[FieldId::kPackages] = number(one.packages);
  // Between members the invoice is in dollars, so that both sides name one figure; what comes from
  // outside is valued in the importer's currency.
  const bool in_dollars = !one.from.empty();
  f[FieldId::kValue] =
      number(in_dollars ? one.value_usd_cents : one.value_usd_cents * here.unit_per_usd / 100);
  f[FieldId::kCurrency] = text(in_dollars ? "USD" : here.currency);
  f[FieldId::kIncoterm] = text(one.incoterm);
  f[FieldId::kUcr] = one.ucr;
  // Before departure there is a booking, on arrival the bill of lading and the final invoice.
  f[FieldId::kTransportDocument] = (is_import ? "BL" : "BK") + one.transport_document;
  if (is_import) f[FieldId::kInvoiceHash] = one.invoice_hash;
  f[FieldId::kContainers] = std::vector<std::string>{one.container};
  f[FieldId::kPortOfLoading] =
      text(one.from.empty() ? one.port_outside : place_of(one.from).office);
  f[FieldId::kPortOfDischarge] = text(is_import ? here.office : there.office);
  return d;
}

std::string Generator::choose_case(bool pair) {
  if (below(1'000) >= plan_.cases_per_mille) return {};
  constexpr std::array<std::string_view, 7> kAny = {
      "prohibited", "embargoed",     "bad-container",    "false-preference",
      "high-value", "duplicate-ucr", "duplicate-invoice"};
  constexpr std::array<std::string_view, 5> kPair = {"undervalued", "mass-shift", "code-shift",
                                                     "no-import", "no-export"};
  const std::uint64_t choice = below(pair ? kAny.size() + kPair.size() : kAny.size());
  const std::string_view label = choice < kAny.size() ? kAny[choice] : kPair[choice - kAny.size()];
  const bool needs_earlier = label.starts_with("duplicate");
  return needs_earlier && imports_.empty() ? "high-value" : std::string(label);
}

void Generator::inject(const std::string& label, Declaration& subject) {
  auto& f = subject.fields;
  if (label == "prohibited") f[FieldId::kHs] = std::string(kProhibitedHs);
  if (label == "embargoed") f[FieldId::kOrigin] = std::string(kEmbargoedOrigin);
  if (label == "bad-container") {
    auto& number = std::get<std::vector<std::string>>(f[FieldId::kContainers]).front();
    number.back() = number.back() == '9' ? '0' : static_cast<char>(number.back() + 1);
  }
  if (label == "false-preference") {
    f[FieldId::kDutyRegime] = std::string("PREF");
    f[FieldId::kOrigin] = std::string(subject.text(FieldId::kDeparture) == "IN" ? "DE" : "IN");
  }
  if (label == "high-value") {
    f[FieldId::kImporter] = "NEW-" + std::to_string(serial_);
    f[FieldId::kValue] = static_cast<std::int64_t>(kHighValueUsd * 1'000);
  }
  if (label == "undervalued") integer(subject, FieldId::kValue) /= 2;
  if (label == "mass-shift")
    integer(subject, FieldId::kNetMass) += integer(subject, FieldId::kNetMass) / 5;
  if (label == "code-shift") f[FieldId::kHs] = std::string("392690000000");
  if (label == "duplicate-ucr" || label == "duplicate-invoice") {
    const Declaration& earlier = imports_[below(imports_.size())];
    const FieldId shared = label == "duplicate-ucr" ? FieldId::kUcr : FieldId::kInvoiceHash;
    f[shared] = earlier.fields.at(shared);
  }
}

void Generator::remember(const Declaration& import) {
  if (imports_.size() < kImportsKept) {
    imports_.push_back(import);
  } else {
    imports_[below(kImportsKept)] = import;
  }
}

std::vector<Generated> Generator::next() {
  const bool pair = plan_.members.size() > 1 && below(10) < 6;
  const Consignment one = plan_consignment(pair);
  const std::string label = choose_case(pair);
  std::vector<Generated> made;
  // A duplicate is an import alone: the export with its UCR was declared long ago.
  const bool has_export = pair && label != "no-export" && !label.starts_with("duplicate");
  if (has_export) made.push_back({declare(one, false), label});
  if (label == "no-import") return made;
  Declaration import = declare(one, true);
  inject(label, import);
  if (label.empty()) remember(import);
  made.push_back({std::move(import), label});
  return made;
}

std::string format_label(const Generated& one) {
  // Ids, flows and labels are of our own making: no character of theirs needs escaping.
  return "{\"declaration_id\":\"" + one.declaration.text(FieldId::kDeclarationId) +
         "\",\"member\":\"" + one.declaration.member + "\",\"flow\":\"" +
         one.declaration.text(FieldId::kFlow) + "\",\"case\":\"" + one.label + "\"}";
}

}  // namespace sanad::tools
