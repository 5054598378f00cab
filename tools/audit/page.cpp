#include "tools/audit/page.h"

#include <algorithm>

#include "tools/commands/report.h"
#include "tools/declaration.h"

namespace sanad::tools {
namespace {

struct Bar {
  std::string label;
  std::uint64_t value = 0;
};

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">"
    "<title>Audit of a Sanad ledger</title><style>"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}"
    ".ok{background:#e3f4e3;border-left:.5rem solid #1b6e1b;padding:.5rem 1rem}"
    ".bad{background:#fbe4e4;border-left:.5rem solid #a11;padding:.5rem 1rem}"
    "td,th{text-align:left;padding:.1rem 1rem .1rem 0}td.n{text-align:right}"
    "code{overflow-wrap:anywhere}svg{width:100%;height:auto}text{font:13px system-ui,sans-serif}"
    "</style></head><body>\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Bars from the left, a label before and the number after each: what the chart shows can be read.
std::string chart(const std::string& title, const std::vector<Bar>& bars) {
  constexpr std::uint64_t kRow = 24;
  constexpr std::uint64_t kLeft = 190;
  constexpr std::uint64_t kWidest = 480;
  std::uint64_t most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.value);
  std::string text = "<h2>" + escaped(title) + "</h2>\n";
  if (bars.empty()) return text + "<p>None.</p>\n";
  text += "<svg role=\"img\" aria-label=\"" + escaped(title) + "\" viewBox=\"0 0 800 " +
          std::to_string(bars.size() * kRow) + "\">\n";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::uint64_t y = i * kRow;
    const std::uint64_t width = bars[i].value * kWidest / most;
    text += "<text x=\"" + std::to_string(kLeft - 8) + "\" y=\"" + std::to_string(y + 16) +
            "\" text-anchor=\"end\">" + escaped(bars[i].label) + "</text><rect x=\"" +
            std::to_string(kLeft) + "\" y=\"" + std::to_string(y + 3) + "\" width=\"" +
            std::to_string(width) + "\" height=\"17\" fill=\"#245a8d\"/><text x=\"" +
            std::to_string(kLeft + width + 6) + "\" y=\"" + std::to_string(y + 16) + "\">" +
            grouped(bars[i].value) + "</text>\n";
  }
  return text + "</svg>\n";
}

template <class Names, class Counts>
std::vector<Bar> bars_of(const Names& names, const Counts& counts, bool with_zeros) {
  std::vector<Bar> bars;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (with_zeros || counts[i] > 0) bars.push_back({std::string(names[i]), counts[i]});
  }
  return bars;
}

std::string days_charts(const StatisticsCounts& counts) {
  std::vector<Bar> days;
  std::array<std::uint64_t, chaincode::kRecordKindNames.size()> kinds{};
  std::string table = "<h2>Records per day and kind</h2>\n<table><tr><th>day</th>";
  for (const auto name : chaincode::kRecordKindNames) table += "<th>" + std::string(name) + "</th>";
  table += "</tr>\n";
  for (const DayCounts& day : counts.days) {
    Bar bar{day_text(static_cast<std::int64_t>(day.day))};
    table += "<tr><td>" + bar.label + "</td>";
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      bar.value += day.kinds[i];
      kinds[i] += day.kinds[i];
      table += "<td class=\"n\">" + grouped(day.kinds[i]) + "</td>";
    }
    table += "</tr>\n";
    days.push_back(std::move(bar));
  }
  return chart("Records per day", days) +
         chart("Records by kind", bars_of(chaincode::kRecordKindNames, kinds, false)) + table +
         "</table>\n";
}

std::string row(const std::string& name, const std::string& value) {
  return "<tr><td>" + escaped(name) + "</td><td><code>" + escaped(value) + "</code></td></tr>\n";
}

}  // namespace

std::string audit_page(const std::string& network, const AuditFindings& found,
                       const AuditCost& cost, std::uint64_t made_ms) {
  std::string page(kHead);
  page += "<h1>Audit of " + escaped(network) + "</h1>\n";
  page += found.fault ? "<p class=\"bad\"><strong>Does not hold.</strong> " +
                            escaped(found.fault->text()) + "</p>\n"
          : !found.is_final()
              ? "<p class=\"bad\"><strong>Not proved final above block " +
                    std::to_string(found.certified_height) + ".</strong></p>\n"
              : "<p class=\"ok\"><strong>Holds.</strong> Every certificate, signature, "
                "record, tree and state was checked or computed again from genesis.</p>\n";
  page +=
      "<table>\n" + row("made", time_text(made_ms)) +
      row("blocks that hold", grouped(found.blocks)) + row("records", grouped(found.records)) +
      row("submissions", grouped(found.submissions)) +
      row("statements executed again", grouped(found.statements)) +
      row("signatures", grouped(found.signatures)) +
      row("last block", std::to_string(found.tip.height) + ", " + time_text(found.tip.time_ms)) +
      row("proved final up to block", std::to_string(found.certified_height)) +
      row("log root", found.tip.root.hex()) + row("state digest", found.tip.state_digest.hex()) +
      row("records a second", grouped(cost.records_per_s)) + "</table>\n";
  const StatisticsCounts& counts = found.statistics;
  page += days_charts(counts);
  page += chart("Verdicts by lane",
                bars_of(chaincode::enum_names(chaincode::Lane{}), counts.lanes, true));
  page += chart("Releases by their basis",
                bars_of(chaincode::kReleaseBasisNames, counts.releases, true));
  std::vector<Bar> waits;
  for (std::size_t i = 0; i < kWaits.size(); ++i) {
    const bool last = i + 1 == kWaits.size();
    waits.push_back({(last ? "" : "up to ") + std::string(kWaits[i].second), counts.waits[i]});
  }
  page += chart("From declaration to release", waits);
  page += "<p>" + grouped(counts.unreleased) + " declarations were not released. " +
          grouped(counts.overrides) +
          " releases were overrides: the goods were held, or an inspection had found an "
          "offence.</p>\n";
  page += chart("Refusals by reason", bars_of(chaincode::kCodeNames, counts.refusals, false));
  return page + "</body></html>\n";
}

}  // namespace sanad::tools
