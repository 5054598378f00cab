#include "tools/importers/kcs.h"

#include <algorithm>

#include "tools/importers/decimal.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;

enum Column : std::size_t {
  kId,
  kDate,
  kOffice,
  kProcess,
  kImportType,
  kUse,
  kPayment,
  kMode,
  kDeclarant,
  kImporter,
  kSeller,
  kCourier,
  kHs,
  kDeparture,
  kOrigin,
  kRate,
  kRegime,
  kMarking,
  kMass,
  kPrice,
  kFraud,
  kCritical,
};

constexpr std::array<std::string_view, 22> kColumns = {
    "Declaration ID",
    "Date",
    "Office ID",
    "Process Type",
    "Import Type",
    "Import Use",
    "Payment Type",
    "Mode of Transport",
    "Declarant ID",
    "Importer ID",
    "Seller ID",
    "Courier ID",
    "HS6 Code",
    "Country of Departure",
    "Country of Origin",
    "Tax Rate",
    "Tax Type",
    "Country of Origin Indicator",
    "Net Mass",
    "Item Price",
    "Fraud",
    "Critical Fraud",
};

constexpr int kGramsPerKilogram = 3;       // 10^3
constexpr int kMinorUnitsOfWon = 0;        // ISO 4217: KRW has none
constexpr int kBasisPointsPerPercent = 2;  // 10^2
constexpr std::size_t kIdDigitsMax = 20;

bool is_all(std::string_view text, char first, char last) {
  return std::all_of(text.begin(), text.end(), [=](char c) { return c >= first && c <= last; });
}

// Takes the cells of one row; the first fault sticks with its column.
class RowTaker {
 public:
  RowTaker(const CsvRow& source, InputRow& row) : cells_(source.cells), row_(row) {}

  std::optional<RejectedRow> run() {
    take_identity();
    take_codes();
    take_amount(kRate, "duty_rate", kBasisPointsPerPercent);
    take_amount(kMass, "net_mass", kGramsPerKilogram);
    take_amount(kPrice, "value", kMinorUnitsOfWon);
    if (!cells_[kPrice].empty()) set(kPrice, "currency", "KRW");
    take_labels();
    return std::move(fault_);
  }

 private:
  void refuse(Column column, std::string reason) {
    if (!fault_) fault_ = RejectedRow{0, std::string(kColumns[column]), std::move(reason), {}};
  }

  void set(Column column, std::string_view field, std::string_view value) {
    if (const Status status = set_field(row_.declaration, field, value); !status) {
      refuse(column, status.error().detail);
    }
  }
  // An empty cell is a missing field.
  void copy(Column column, std::string_view field) {
    if (!cells_[column].empty()) set(column, field, cells_[column]);
  }

  void take_identity() {
    const std::string& id = cells_[kId];
    if (id.empty() || id.size() > kIdDigitsMax || !is_all(id, '0', '9')) {
      refuse(kId, "not a number of at most 20 digits");
    }
    set(kId, "declaration_id", id.empty() ? "0" : id);
    set(kId, "ucr", "KCS-" + id);
    set(kId, "flow", "import");
    if (cells_[kDate].size() != 10) return refuse(kDate, "not a day written as 2020-01-31");
    set(kDate, "date", cells_[kDate]);
    const std::string& office = cells_[kOffice];
    if (office.empty() || office.size() > 3 || !is_all(office, '0', '9')) {
      return refuse(kOffice, "not an office number of 1 to 3 digits");
    }
    set(kOffice, "office", office);
    row_.declaration.member = member_of_office(office);
    set(kOffice, "destination", std::string_view(row_.declaration.member).substr(0, 2));
  }

  void take_codes() {
    std::string procedure = cells_[kProcess];
    if (!cells_[kImportType].empty()) procedure += "-" + cells_[kImportType];
    if (!procedure.empty()) set(kProcess, "procedure", procedure);
    copy(kUse, "use");
    copy(kPayment, "payment");
    copy(kMode, "mode");
    copy(kDeclarant, "declarant");
    copy(kImporter, "importer");
    copy(kSeller, "exporter");
    copy(kCourier, "carrier");
    copy(kHs, "hs");
    take_country(kDeparture, "departure");
    take_country(kOrigin, "origin");
    copy(kRegime, "duty_regime");
    copy(kMarking, "origin_marking");
  }

  void take_country(Column column, std::string_view field) {
    const std::string& country = cells_[column];
    if (country.empty()) return;
    if (country.size() != 2 || !is_all(country, 'A', 'Z')) {
      return refuse(column, "not a country of two capital letters");
    }
    set(column, field, country);
  }

  void take_amount(Column column, std::string_view field, int scale) {
    if (cells_[column].empty()) return;
    const Result<ScaledDecimal> amount = parse_decimal(cells_[column], scale);
    if (!amount) return refuse(column, amount.error().detail);
    if (amount->value < 0) return refuse(column, "below zero");
    row_.rounded = row_.rounded || amount->rounded;
    set(column, field, std::to_string(amount->value));
  }

  void take_labels() {
    const std::string& fraud = cells_[kFraud];
    const std::string& critical = cells_[kCritical];
    if (fraud != "0" && fraud != "1" && !fraud.empty()) return refuse(kFraud, "neither 0 nor 1");
    if (critical.size() > 1 || !is_all(critical, '0', '2')) {
      return refuse(kCritical, "none of 0, 1 and 2");
    }
    if (!fraud.empty()) row_.fraud = fraud == "1";
    row_.critical_fraud = critical.empty() ? 0 : critical.front() - '0';
  }

  const std::vector<std::string>& cells_;
  InputRow& row_;
  std::optional<RejectedRow> fault_;
};

}  // namespace

std::string_view member_of_office(std::string_view office) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOffices = {{
      {"40", "AE-DU"},
      {"20", "SA"},
      {"30", "AE-AZ"},
      {"16", "KW"},
      {"13", "QA"},
      {"10", "BH"},
  }};
  for (const auto& [number, member] : kOffices) {
    if (number == office) return member;
  }
  return "OM";
}

std::string KcsReader::header() {
  std::string line;
  for (const std::string_view column : kColumns) {
    line += (line.empty() ? "" : ",") + std::string(column);
  }
  return line;
}

Result<KcsReader> KcsReader::open(std::istream& input) {
  CsvReader rows(input);
  const auto first = rows.next();
  const auto* header = std::get_if<CsvRow>(&first);
  if (header == nullptr)
    return Error{Errc::kBadRow, "line 1: no header; expected " + KcsReader::header()};
  if (header->cells.size() != kColumns.size()) {
    return Error{Errc::kBadRow, "line 1: " + std::to_string(header->cells.size()) +
                                    " columns in the header, expected 22: " + KcsReader::header()};
  }
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    if (header->cells[i] != kColumns[i]) {
      return Error{Errc::kBadRow, "line 1: column " + std::to_string(i + 1) + " is \"" +
                                      header->cells[i] + "\", expected \"" +
                                      std::string(kColumns[i]) + "\""};
    }
  }
  return KcsReader(std::move(rows));
}

InputItem KcsReader::next() {
  auto read = rows_.next();
  if (std::holds_alternative<InputEnd>(read)) return InputEnd{};
  if (auto* rejected = std::get_if<RejectedRow>(&read)) return std::move(*rejected);
  CsvRow& source = std::get<CsvRow>(read);
  if (source.cells.size() != kColumns.size()) {
    return RejectedRow{source.line, "",
                       std::to_string(source.cells.size()) + " columns instead of 22",
                       std::move(source.text)};
  }
  InputRow row{source.line, {}, {}, false, {}, 0};
  auto fault = RowTaker(source, row).run();
  if (fault) {
    fault->line = source.line;
    fault->text = std::move(source.text);
    return std::move(*fault);
  }
  row.text = std::move(source.text);
  return row;
}

}  // namespace sanad::tools
