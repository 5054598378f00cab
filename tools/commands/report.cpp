#include "tools/commands/report.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "chaincode/unproved.h"
#include "node/ledger/errc.h"
#include "tools/declaration.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

constexpr std::uint64_t kProgressEveryMs = 100;

// Columns that a text takes: UTF-8 continuation bytes take none.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

ExitCode exit_code_of(const std::error_code& code) {
  for (const Errc one : {Errc::kNoAnswer, Errc::kRefused, Errc::kBadAnswer, Errc::kExpired,
                         Errc::kProcess, Errc::kInvalid}) {
    if (code == make_error_code(one)) return kExitNetwork;
  }
  if (code == make_error_code(Errc::kVaultDamaged)) return kExitDamaged;
  if (code.category() == chaincode::unproved_category()) return kExitProofInvalid;
  if (code == make_error_code(Errc::kDiffers)) return kExitCheckFailed;
  if (code == make_error_code(Errc::kNotFound)) return kExitCheckFailed;
  if (code == make_error_code(node::LedgerErrc::kDamaged)) return kExitDamaged;
  return kExitUsage;
}

}  // namespace

ExitCode report(const crypto::Error& error) {
  std::cerr << "sanad: " << error.message() << "\n";
  return exit_code_of(error.code);
}

ExitCode report_usage(const std::string& message) {
  std::cerr << "sanad: " << message << "\n";
  return kExitUsage;
}

std::string format_table(const std::vector<std::vector<std::string>>& rows,
                         const std::vector<std::size_t>& right) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - columns_of(row[i]), ' ');
      const bool to_right = std::find(right.begin(), right.end(), i) != right.end();
      line += (i == 0 ? "" : "  ") + (to_right ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (&row != &rows.front()) continue;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      line = (i == 0 ? "" : line + "  ") + std::string(widths[i], '-');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string time_text(std::uint64_t ms) {
  constexpr std::uint64_t kMsPerDay = 86'400'000;
  const auto padded = [](std::uint64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
  };
  const std::uint64_t in_day = ms % kMsPerDay;
  return day_text(static_cast<std::int64_t>(ms / kMsPerDay)) + " " + padded(in_day / 3'600'000, 2) +
         ":" + padded(in_day / 60'000 % 60, 2) + ":" + padded(in_day / 1'000 % 60, 2) + "." +
         padded(in_day % 1'000, 3) + " UTC";
}

std::string json_string(std::string_view text) {
  return boost::json::serialize(boost::json::string(text.data(), text.size()));
}

std::string json_array(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) {
    if (&value != &values.front()) text += ',';
    text += value;
  }
  text += ']';
  return text;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return json(name, json_string(value));
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t value) {
  return json(name, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  return json(name, value ? "true" : "false");
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += json_string(name);
  members_ += ':';
  members_ += value;
  return *this;
}

std::string JsonObject::str() const {
  std::string text = "{";
  text += members_;
  text += '}';
  return text;
}

Progress::Progress() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (width_ > 0) std::cerr << "\r" << std::string(width_, ' ') << "\r" << std::flush;
}

void Progress::show(const std::string& line) {
  if (!on_terminal_ || now_ms() < shown_at_ms_ + kProgressEveryMs) return;
  shown_at_ms_ = now_ms();
  const std::size_t width = columns_of(line);
  std::cerr << "\r" << line << std::string(width_ > width ? width_ - width : 0, ' ') << std::flush;
  width_ = std::max(width_, width);
}

}  // namespace sanad::tools
