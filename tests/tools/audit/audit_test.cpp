// sanad audit: a whole history holds when it is executed again, and what does not is named.
#include "tools/audit/audit.h"

#include "tests/tools/audit/real_ledger.h"
#include "tools/audit/page.h"

namespace sanad::tests {

using tools::AuditFindings;

namespace {

AuditFindings audited(const RealLedger& ledger, tools::AuditRange range = {}) {
  auto reader = checked(
      tools::open_segments(tools::ledger_folder(ledger.data()), ledger.contracts().network()));
  tools::Audit audit(ledger.contracts(), reader, range);
  while (audit.next()) {
  }
  return audit.findings();
}

std::string audit_fault(const RealLedger& ledger) {
  const AuditFindings found = audited(ledger);
  return found.fault ? found.fault->text() : "no fault";
}

bool names(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("audit: a last block under another one's certificate is not said to be final") {
  RealLedger ledger;
  end_in_what_is_not_proved(ledger, 5);
  const AuditFindings found = audited(ledger);
  if (found.fault) FAIL(found.fault->text());
  CHECK(found.certified_height == 4);
  CHECK_FALSE(found.is_final());
  const std::string page = tools::audit_page("test", found, {}, 0);
  CHECK(page.find("Not proved final above block 4") != std::string::npos);
  CHECK(page.find("Holds.") == std::string::npos);
}

TEST_CASE("audit: a history holds, and is counted") {
  for (const std::uint64_t segment_bytes : {node::kSegmentBytesMax, std::uint64_t{4096}}) {
    RealLedger ledger(segment_bytes);
    ledger.grow(9);
    const AuditFindings found = audited(ledger);
    if (found.fault) FAIL(found.fault->text());
    CHECK(found.blocks == 10);
    CHECK(found.records == 1 + 2 * 7 + 7 * 5);
    CHECK(found.submissions == 9);
    CHECK(found.statements == 18);
    CHECK(found.signatures == 9 * (3 + 1 + 1));
    CHECK(found.certified_height == 9);
    const tools::StatisticsCounts& counts = found.statistics;
    REQUIRE(counts.days.size() == 1);
    CHECK(counts.days[0].kinds[static_cast<std::size_t>(RecordKind::kDeclared)] == 18);
    CHECK(counts.lanes[static_cast<std::size_t>(Lane::kGreen)] == 4);
    CHECK(counts.lanes[static_cast<std::size_t>(Lane::kYellow)] == 14);
    CHECK(counts.releases[static_cast<std::size_t>(ReleaseBasis::kGreen)] == 4);
    CHECK(counts.waits[0] == 4);
    CHECK(counts.unreleased == 14);
    CHECK(counts.overrides == 0);
  }
}

TEST_CASE("audit: a range bounds what is checked and what is counted") {
  RealLedger ledger;
  ledger.grow(9);
  const AuditFindings found = audited(ledger, {.from = 4, .to = 6});
  CHECK_FALSE(found.fault);
  CHECK(found.tip.height == 6);
  CHECK(found.statistics.days.at(0).kinds[static_cast<std::size_t>(RecordKind::kDeclared)] == 6);
}

TEST_CASE("audit: contracts that came to another result are found in the first record") {
  crypto::NetworkSecret other = sample_secret();
  other.key.bytes[0] ^= 1;
  RealLedger ledger(other);
  ledger.grow(3);
  const std::string fault = audit_fault(ledger);
  names(fault, "block 1, record 1, ");
  names(fault, "executing its block again gives another record");
  names(fault, "records-00000000.seg at offset ");
}

TEST_CASE("audit: what was tampered with is named") {
  RealLedger ledger;
  ledger.grow(4);
  const auto records = frames_of_file(ledger.file("records"));
  auto frames = records;
  std::swap(frames[1 + 9], frames[1 + 12]);  // two verdicts of one block
  write_frames(ledger.file("records"), frames);
  names(audit_fault(ledger), "block 2, record 9, ");
  frames = records;
  auto commit = checked(decode_record(frames[1 + 14]));
  std::get<CommitRecord>(commit.content).beacon.bytes[5] ^= 1;
  frames[1 + 14] = encode_record(commit);
  write_frames(ledger.file("records"), frames);
  names(audit_fault(ledger), "block 2, record 14, ");
  names(audit_fault(ledger), "another beacon");
  write_frames(ledger.file("records"), records);

  const auto bodies = frames_of_file(ledger.file("bodies"));
  frames = bodies;
  frames[1 + 6].back() ^= 1;  // a verdict's detail
  write_frames(ledger.file("bodies"), frames);
  names(audit_fault(ledger), "block 2, body 2, ");
  frames = bodies;
  frames[1 + 4].back() ^= 1;  // what a statement opens
  write_frames(ledger.file("bodies"), frames);
  names(audit_fault(ledger), "block 2, batch 0, ");
  write_frames(ledger.file("bodies"), bodies);
  CHECK(audit_fault(ledger) == "no fault");
}

TEST_CASE("audit: it goes on from what it kept, as if it had never stopped") {
  RealLedger ledger(4096);
  ledger.grow(5);
  const auto file = ledger.data() / "audit.state";
  const auto folder = tools::ledger_folder(ledger.data());
  const auto open = [&] {
    return checked(tools::open_segments(folder, ledger.contracts().network()));
  };
  for (const std::uint64_t stop : {0U, 1U, 4U, 5U}) {
    auto reader = open();
    tools::Audit audit(ledger.contracts(), reader, {.to = stop});
    while (audit.next()) {
    }
    REQUIRE(audit.so_far().tip.height == stop);
    REQUIRE(tools::write_snapshot(file, audit.snapshot()).ok());
    if (stop == 4) ledger.grow(9);
    auto again = open();
    tools::Audit later(ledger.contracts(), again, {});
    REQUIRE(later.resume(checked(tools::read_snapshot(file))).ok());
    while (later.next()) {
    }
    const AuditFindings whole = audited(ledger);
    const AuditFindings found = later.findings();
    if (found.fault) FAIL(found.fault->text());
    CHECK(found.tip == whole.tip);
    CHECK(found.records == whole.records);
    CHECK(found.signatures == whole.signatures);
    CHECK(found.statistics == whole.statistics);
  }
  tools::AuditSnapshot snapshot = checked(tools::read_snapshot(file));
  auto reader = open();
  CHECK_FALSE(tools::Audit(ledger.contracts(), reader, {.from = 2}).resume(snapshot).ok());
  snapshot.histories[0].log.append(Hash{});
  CHECK_FALSE(tools::Audit(ledger.contracts(), reader, {}).resume(snapshot).ok());
  Bytes bytes = bytes_of_file(file);
  bytes[bytes.size() / 2] ^= 1;
  write_bytes(file, bytes);
  const auto damaged = tools::read_snapshot(file);
  REQUIRE_FALSE(damaged.ok());
  names(damaged.error().message(), "not as it was written");
}

TEST_CASE("audit: statistics follow declarations from hold to override") {
  tools::Statistics statistics;
  const auto add = [&statistics](std::uint64_t time_ms, RecordContent content) {
    Record record;
    record.time_ms = time_ms;
    record.authority = "KW";
    record.content = std::move(content);
    statistics.add(record, true);
  };
  const Hash one = crypto::sha256(crypto::as_bytes("one"));
  const Hash two = crypto::sha256(crypto::as_bytes("two"));
  constexpr std::uint64_t kDayMs = 86'400'000;
  add(5, Declared{one, {}});
  add(6, Declared{two, {}});
  add(7, HeldBack{one, {}});
  add(kDayMs, Inspected{two, InspectionResult::kOffence, {}});
  add(kDayMs + 1, Released{one, ReleaseBasis::kOfficer, Hash{}});
  add(3 * kDayMs, Refused{StatementKind::kRelease, Code::kNotInspected, two});
  const auto& counts = statistics.counts();
  REQUIRE(counts.days.size() == 3);
  CHECK(counts.days[1].day == 1);
  CHECK(counts.overrides == 1);
  CHECK(counts.unreleased == 1);
  CHECK(counts.waits[4] == 1);  // up to a day
  CHECK(counts.refusals[static_cast<std::size_t>(Code::kNotInspected)] == 1);
  add(9 * kDayMs, Released{two, ReleaseBasis::kTwoOfficers, Hash{}});
  CHECK(counts.overrides == 2);
  CHECK(counts.unreleased == 0);
  CHECK(counts.waits[7] == 1);
}

TEST_CASE("audit: the page stands alone, and shows what was found") {
  AuditFindings found;
  found.blocks = 1;
  found.records = 1'234'567;
  found.statistics.lanes[3] = 42;
  std::string page = tools::audit_page("dev<net>", found, {}, kGenesisMs);
  names(page, "dev&lt;net&gt;");
  names(page, "1,234,567");
  names(page, "Holds.");
  names(page, ">42</text>");
  for (const std::string outside : {"http:", "https:", "src=", "href=", "<script", "url("}) {
    CHECK(page.find(outside) == std::string::npos);
  }
  found.fault = tools::Fault{"a <reason>", 7};
  page = tools::audit_page("dev", found, {}, kGenesisMs);
  names(page, "Does not hold.");
  names(page, "block 7: a &lt;reason&gt;");
}

}  // namespace sanad::tests
