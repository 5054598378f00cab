// Reads the Korean customs declaration sets (kcs_train.csv, kcs_valid.csv; CUSTOMS "Real input"):
// 22 columns, import declarations with the labels of their inspections.
//
//   column                     field                  taken as
//   Declaration ID             declaration_id, ucr    digits; UCR = "KCS-" + digits
//   Date                       date                   YYYY-MM-DD
//   Office ID                  office                 40→AE-DU 20→SA 30→AE-AZ 16→KW 13→QA 10→BH,
//                                                     all others→OM; destination = its country
//   Process Type, Import Type  procedure              "B-11"
//   Import Use, Payment Type   use, payment           as written
//   Mode of Transport          mode                   as written
//   Declarant … Courier ID     declarant … carrier    empty is missing
//   HS6 Code                   hs                     as written: 4 % are of editions before 2022
//   Country of …               departure, origin      two capital letters, ZZ (unknown) included
//   Tax Rate                   duty_rate              percent to basis points
//   Tax Type, … Indicator      duty_regime, origin_marking
//   Net Mass                   net_mass               kg to g; 0 is 0, not missing
//   Item Price                 value, currency        KRW (no decimals); 0 is 0, not missing
//   Fraud, Critical Fraud      (kept aside)           the inspection's result
//
// Decimals are exact, rounded half to even to the unit. A row that cannot be taken is returned as
// such, with line, column and reason, and the next one is read. Bounded memory.
#pragma once

#include "tools/importers/csv.h"
#include "tools/importers/input.h"

namespace sanad::tools {

class KcsReader final : public Input {
 public:
  // Reads and checks the header: kBadRow says which column is not the expected one.
  // `input` outlives the reader. Not thread-safe.
  static crypto::Result<KcsReader> open(std::istream& input);

  InputItem next() override;
  // The header line, for a rejects file.
  static std::string header();

 private:
  explicit KcsReader(CsvReader rows) : rows_(std::move(rows)) {}
  CsvReader rows_;
};

// The member that an office's declarations go to. REQUIRES: digits.
std::string_view member_of_office(std::string_view office);

}  // namespace sanad::tools
