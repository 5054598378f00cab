// R1: what was synced is read back; a torn tail is cut; anything else that is not what was written
// keeps the node from voting.
#include "node/replica/journal.h"

#include <catch2/catch.hpp>

#include "node/replica/journal_format.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {
namespace {

using node::Journal;
using node::JournalEntry;
using node::JournalOptions;
using node::ReplicaErrc;

constexpr const char* kFolder = "data/journal";

JournalOptions options(std::uint8_t owner = 1) {
  JournalOptions made;
  made.folder = kFolder;
  made.owner.bytes.fill(owner);
  made.segment_bytes = 4096;
  return made;
}

crypto::Bytes entry_of(std::size_t number, std::size_t size = 100) {
  crypto::Bytes bytes(size, static_cast<std::uint8_t>(number + 1));
  bytes[0] = static_cast<std::uint8_t>(number);
  return bytes;
}

Journal::Opened open_good(node::FileSystem& disk) {
  auto opened = Journal::open(disk, options());
  if (!opened) FAIL(opened.error().message());
  return std::move(*opened);
}

// Groups of two entries each.
void write_groups(Journal& journal, std::size_t first, std::size_t groups) {
  for (std::size_t i = first; i < first + groups; ++i) {
    journal.append(2, entry_of(2 * i));
    journal.append(3, entry_of(2 * i + 1));
    REQUIRE(journal.sync().ok());
  }
}

// The entries are numbers 0, 1, 2 … in order; returns how many.
std::size_t require_in_order(const std::vector<JournalEntry>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    REQUIRE(entries[i].bytes == entry_of(i));
    REQUIRE(entries[i].kind == 2 + i % 2);
  }
  return entries.size();
}

std::string newest_segment(const SimulatedDisk& disk) {
  std::string newest;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".log")) newest = std::max(newest, path);
  }
  return newest;
}

TEST_CASE("R1: a journal gives back what was synced, in order, over many segments") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    CHECK(opened.entries.empty());
    for (std::size_t i = 0; i < 60; ++i) {
      write_groups(*opened.journal, i, 1);
      if (opened.journal->wants_rotation()) REQUIRE(opened.journal->rotate().ok());
    }
    CHECK(opened.journal->segment() > 3);
  }
  auto again = open_good(disk);
  CHECK(require_in_order(again.entries) == 120);
  CHECK(again.entries.front().segment == 1);
  CHECK(again.journal->stats().cut_bytes == 0);
}

TEST_CASE("R1: what was appended but not synced is not there") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 3);
    opened.journal->append(2, entry_of(6));
    CHECK(opened.journal->dirty());
  }
  CHECK(require_in_order(open_good(disk).entries) == 6);
}

TEST_CASE("R1: a clean end is accepted, and then nothing may be missing") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 3);
    REQUIRE(opened.journal->close().ok());
  }
  SECTION("accepted") { CHECK(require_in_order(open_good(disk).entries) == 6); }
  SECTION("the last group is missing") {
    crypto::Bytes* bytes = disk.bytes(newest_segment(disk));
    bytes->resize(bytes->size() - 350);
    CHECK(Journal::open(disk, options()).error() == ReplicaErrc::kJournalDamaged);
  }
}

TEST_CASE("R1: after a power cut at any step everything synced is there, whatever else is left") {
  // What the journal was told to keep before the step that lost the power.
  const auto run = [](SimulatedDisk& disk) {
    std::size_t synced = 0;
    auto opened = Journal::open(disk, options());
    if (!opened) return synced;
    for (std::size_t i = 0; i < 24; ++i) {
      opened->journal->append(2, entry_of(2 * i));
      opened->journal->append(3, entry_of(2 * i + 1));
      if (!opened->journal->sync()) return synced;
      synced = 2 * (i + 1);
      if (opened->journal->wants_rotation() && !opened->journal->rotate()) return synced;
    }
    return synced;
  };
  SimulatedDisk whole;
  REQUIRE(run(whole) == 48);
  std::size_t cuts = 0;
  for (std::uint64_t step = 1; step <= whole.steps(); ++step) {
    for (const Unsynced left :
         {Unsynced::kDropped, Unsynced::kSubset, Unsynced::kTorn, Unsynced::kGarbage}) {
      SimulatedDisk disk;
      disk.set_fault(SimulatedDisk::Fault{step, node::LedgerErrc::kIo, true});
      const std::size_t synced = run(disk);
      REQUIRE(disk.fault_happened());
      const auto after = disk.after_power_cut(left, step * 4 + static_cast<std::uint64_t>(left));
      INFO("step " << step << ", unsynced " << static_cast<int>(left));
      auto opened = Journal::open(*after, options());
      if (!opened) FAIL(opened.error().message());
      REQUIRE(require_in_order(opened->entries) >= synced);
      REQUIRE(opened->entries.size() <= synced + 2);
      ++cuts;
    }
  }
  CHECK(cuts == whole.steps() * 4);
}

TEST_CASE("R1: what a start finds of a process that was killed survives a power cut from then on") {
  const auto run = [](SimulatedDisk& disk) {
    auto opened = Journal::open(disk, options());
    for (std::size_t i = 0; opened && i < 12; ++i) {
      opened->journal->append(2, entry_of(2 * i, 900));
      opened->journal->append(3, entry_of(2 * i + 1, 900));
      if (!opened->journal->sync()) return;
      if (opened->journal->wants_rotation() && !opened->journal->rotate()) return;
    }
  };
  SimulatedDisk whole;
  run(whole);
  for (std::uint64_t step = 1; step <= whole.steps(); ++step) {
    for (const Unsynced left :
         {Unsynced::kDropped, Unsynced::kSubset, Unsynced::kTorn, Unsynced::kGarbage}) {
      INFO("killed at step " << step << ", unsynced " << static_cast<int>(left));
      SimulatedDisk disk;
      disk.set_fault(SimulatedDisk::Fault{step, node::LedgerErrc::kIo, true});
      run(disk);
      disk.clear_fault();  // the machine goes on, only the process is gone
      const std::size_t found = open_good(disk).entries.size();
      const auto after = disk.after_power_cut(left, step);
      REQUIRE(open_good(*after).entries.size() == found);
    }
  }
}

TEST_CASE("R1: a flipped bit in what later groups prove durable is damage, at any byte") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 4);
  }
  const std::string path = newest_segment(disk);
  const crypto::Bytes good = *disk.bytes(path);
  // The last group may be one that was never synced; all before it was.
  REQUIRE(node::journal_format::scan(good).good_bytes == good.size());
  for (std::size_t at = 0; at < good.size() - node::journal_format::kSector; at += 3) {
    *disk.bytes(path) = good;
    (*disk.bytes(path))[at] ^= static_cast<std::uint8_t>(1 << (at % 8));
    INFO("byte " << at);
    const auto opened = Journal::open(disk, options());
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error() == ReplicaErrc::kJournalDamaged);
    REQUIRE(opened.error().detail.find(path) != std::string::npos);
    REQUIRE(opened.error().detail.find("offset") != std::string::npos);
  }
}

TEST_CASE("R1: a flipped bit in the last group's entries is damage while its end stands") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 2);
  }
  crypto::Bytes* bytes = disk.bytes(newest_segment(disk));
  (*bytes)[bytes->size() - 200] ^= 0x10;
  CHECK(Journal::open(disk, options()).error() == ReplicaErrc::kJournalDamaged);
}

// A disk whose newest segment ends in a group with one entry, and how long it was before that
// group.
struct LastGroup {
  explicit LastGroup(const crypto::Bytes& entry) {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 2);
    path = newest_segment(disk);
    before = disk.bytes(path)->size();
    opened.journal->append(3, entry);
    REQUIRE(opened.journal->sync().ok());
    good = *disk.bytes(path);
  }
  // What opening the journal says when the file has these bytes; a disk can be opened only once.
  [[nodiscard]] crypto::Result<std::size_t> entries_of(const crypto::Bytes& bytes) const {
    const auto copy = disk.after_power_cut(Unsynced::kDropped, 1);
    *copy->bytes(path) = bytes;
    const auto opened = Journal::open(*copy, options());
    if (!opened) return opened.error();
    return opened->entries.size();
  }

  SimulatedDisk disk;
  std::string path;
  std::size_t before = 0;
  crypto::Bytes good;
};

// Ends of all groups that can be, as whoever knows the format and the owner can make them.
crypto::Bytes planted_ends(std::size_t shift, std::uint64_t own_offset) {
  crypto::Bytes entry(shift, 'x');
  for (std::uint64_t group = 0; group < 12; ++group) {
    for (const std::uint64_t offset : {std::uint64_t{0}, own_offset, own_offset + 512}) {
      for (const std::uint8_t key : {std::uint8_t{0}, options().owner.bytes[0]}) {
        crypto::HmacKey guess;
        guess.bytes.fill(key);
        crypto::Bytes end;
        crypto::append_u64be(end, group);
        crypto::append_u64be(end, offset);
        const crypto::Hash check = crypto::hmac_sha256(guess, end);
        crypto::append(end, check.view().first(16));
        end.resize(64);
        crypto::append(entry, end);
      }
    }
  }
  return entry;
}

TEST_CASE("R1: bytes that a batch's author planted are not a group's end") {
  for (std::size_t shift = 0; shift < 64; ++shift) {
    INFO("shift " << shift);
    const LastGroup last(planted_ends(shift, 3 * 512));
    REQUIRE(last.before == 3 * 512);
    REQUIRE(*last.entries_of(last.good) == 5);
    crypto::Bytes torn = last.good;
    torn.resize(torn.size() - 100);
    const auto entries = last.entries_of(torn);
    if (!entries) FAIL(entries.error().message());
    REQUIRE(*entries == 4);
  }
}

TEST_CASE("R1: a flipped bit in the last group is damage, at any byte, its end's too") {
  const LastGroup last(entry_of(4, 700));
  for (std::size_t at = last.before; at < last.good.size(); ++at) {
    crypto::Bytes bytes = last.good;
    bytes[at] ^= static_cast<std::uint8_t>(1 << (at % 8));
    INFO("byte " << at - last.before << " of " << last.good.size() - last.before);
    const auto entries = last.entries_of(bytes);
    REQUIRE_FALSE(entries.ok());
    REQUIRE(entries.error() == ReplicaErrc::kJournalDamaged);
  }
}

TEST_CASE("R1: the last group cut anywhere, or without any of its sectors, is torn") {
  const LastGroup last(entry_of(4, 1500));
  for (std::size_t size = last.before; size < last.good.size(); ++size) {
    INFO("cut after " << size - last.before << " bytes of " << last.good.size() - last.before);
    const auto entries = last.entries_of({last.good.begin(), last.good.begin() + long(size)});
    if (!entries) FAIL(entries.error().message());
    REQUIRE(*entries == 4);
  }
  using node::journal_format::kSector;
  REQUIRE(last.before % kSector == 0);
  REQUIRE(last.good.size() % kSector == 0);
  for (std::size_t at = last.before; at < last.good.size(); at += kSector) {
    crypto::Bytes bytes = last.good;
    std::fill_n(bytes.begin() + long(at), kSector, std::uint8_t{0});
    INFO("without the sector at " << at - last.before);
    const auto entries = last.entries_of(bytes);
    if (!entries) FAIL(entries.error().message());
    REQUIRE(*entries == 4);
  }
}

TEST_CASE("R1: missing files, cut segments and old copies are damage") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    for (std::size_t i = 0; i < 40; ++i) {
      write_groups(*opened.journal, i, 1);
      if (opened.journal->wants_rotation()) REQUIRE(opened.journal->rotate().ok());
    }
    REQUIRE(opened.journal->segment() >= 3);
  }
  const std::string first = std::string(kFolder) + "/" + node::journal_format::segment_name(1);
  SECTION("a segment in between") {
    REQUIRE(disk.remove(std::string(kFolder) + "/" + node::journal_format::segment_name(2)).ok());
  }
  SECTION("the first segment") { REQUIRE(disk.remove(first).ok()); }
  SECTION("the newest segment") { REQUIRE(disk.remove(newest_segment(disk)).ok()); }
  SECTION("the end of an older segment") {
    crypto::Bytes* bytes = disk.bytes(first);
    bytes->resize(bytes->size() - 100);
  }
  SECTION("an empty older segment") { disk.bytes(first)->clear(); }
  SECTION("two segments changed places") {
    std::swap(*disk.bytes(first),
              *disk.bytes(std::string(kFolder) + "/" + node::journal_format::segment_name(2)));
  }
  SECTION("the second copy of the generation") {
    REQUIRE(disk.remove(std::string(kFolder) + ".generation").ok());
  }
  SECTION("a flipped bit in the second copy") {
    (*disk.bytes(std::string(kFolder) + ".generation"))[5] ^= 1;
  }
  const auto opened = Journal::open(disk, options());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error() == ReplicaErrc::kJournalDamaged);
}

TEST_CASE("R1: the copy of a folder from before the last start is refused (HOSTILE 115)") {
  SimulatedDisk disk;
  write_groups(*open_good(disk).journal, 0, 2);
  std::map<std::string, crypto::Bytes> copy;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".log")) copy[path] = *disk.bytes(path);
  }
  write_groups(*open_good(disk).journal, 2, 2);
  write_groups(*open_good(disk).journal, 4, 2);
  for (const std::string& path : disk.paths()) {
    if (!path.ends_with(".log")) continue;
    if (copy.contains(path)) {
      *disk.bytes(path) = copy[path];
    } else {
      REQUIRE(disk.remove(path).ok());
    }
  }
  CHECK(Journal::open(disk, options()).error() == ReplicaErrc::kJournalDamaged);
}

TEST_CASE("R1: a journal in another format is refused, and said to be that") {
  SimulatedDisk disk;
  write_groups(*open_good(disk).journal, 0, 1);
  node::journal_format::Generation older;
  older.version = 1;
  older.owner = options().owner;
  crypto::Bytes bytes = crypto::encode(older);
  crypto::append(bytes, crypto::sha256(bytes).view());
  *disk.bytes(std::string(kFolder) + ".generation") = bytes;
  CHECK(Journal::open(disk, options()).error() == ReplicaErrc::kJournalVersion);
}

TEST_CASE("R1: a journal of another member is refused") {
  SimulatedDisk disk;
  write_groups(*open_good(disk).journal, 0, 1);
  CHECK(Journal::open(disk, options(2)).error() == ReplicaErrc::kJournalForeign);
}

TEST_CASE("R1: pruned segments are gone, the others hold") {
  SimulatedDisk disk;
  {
    auto opened = open_good(disk);
    write_groups(*opened.journal, 0, 2);
    REQUIRE(opened.journal->rotate().ok());
    REQUIRE(opened.journal->rotate().ok());
    opened.journal->append(2, entry_of(0));
    opened.journal->append(3, entry_of(1));
    REQUIRE(opened.journal->sync().ok());
    REQUIRE(opened.journal->prune_below(opened.journal->segment()).ok());
    CHECK(opened.journal->stats().segments == 1);
    CHECK_FALSE(disk.exists(std::string(kFolder) + "/" + node::journal_format::segment_name(1)));
  }
  CHECK(require_in_order(open_good(disk).entries) == 2);
}

TEST_CASE("HOSTILE 109: after a sync that failed the journal takes nothing any more") {
  SimulatedDisk disk;
  auto opened = open_good(disk);
  write_groups(*opened.journal, 0, 1);
  opened.journal->append(2, entry_of(2));
  disk.set_fault(SimulatedDisk::Fault{disk.steps() + 2, node::LedgerErrc::kIo, false});
  CHECK_FALSE(opened.journal->sync().ok());
  REQUIRE(disk.fault_happened());
  CHECK(opened.journal->sync().error() == ReplicaErrc::kDiskFailed);
  CHECK(opened.journal->rotate().error() == ReplicaErrc::kDiskFailed);
  CHECK(opened.journal->close().error() == ReplicaErrc::kDiskFailed);
}

}  // namespace
}  // namespace sanad::tests
