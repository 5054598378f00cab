// Segments of a journal: any bytes; and a journal that the input dictates, whole, cut short, with
// one byte changed, and with one sector that never reached the disk. What is read is always what
// was written up to some group's end, a cut is never taken for damage and a change never for whole.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "node/replica/journal_format.h"

namespace {

using namespace sanad;
using namespace sanad::node;
using namespace sanad::node::journal_format;
using crypto::Bytes;
using crypto::ByteView;
using crypto::Hash;

// A group fills whole sectors, its word is one byte.
constexpr std::size_t kWrittenMax = std::size_t{64} << 10;

Hash owner() { return crypto::sha256(crypto::as_bytes("fuzz")); }

struct Written {
  Bytes bytes;
  Hash link;
  std::vector<JournalEntry> entries;  // of whole groups
};

// A byte of the input below 64 ends a group; any other is the kind of an entry, whose length and
// bytes follow.
Written write(ByteView script) {
  Written written;
  const Hash link = crypto::sha256(script.first(std::min<std::size_t>(script.size(), 8)));
  Opening opening{kVersion, owner(), 3, link, {}};
  opening.secret.bytes.fill(7);
  SegmentWriter writer(opening);
  std::vector<JournalEntry> group;
  const auto end_group = [&] {
    crypto::append(written.bytes, writer.end_group());
    for (JournalEntry& entry : group) written.entries.push_back(std::move(entry));
    group.clear();
  };
  while (!script.empty() && written.bytes.size() < kWrittenMax) {
    const std::uint8_t word = script[0];
    script = script.subspan(1);
    if (word < 64 || script.empty()) {
      end_group();
      continue;
    }
    const std::size_t length = std::min<std::size_t>(script[0] * std::size_t{8}, script.size() - 1);
    const ByteView bytes = script.subspan(1, length);
    writer.add(word, bytes);
    group.push_back({word, Bytes(bytes.begin(), bytes.end()), 0});
    script = script.subspan(1 + length);
  }
  end_group();
  written.link = writer.link();
  return written;
}

void check_prefix(const Scanned& scanned, const Written& written) {
  assert(scanned.entries.size() <= written.entries.size());
  for (std::size_t i = 0; i < scanned.entries.size(); ++i) {
    assert(scanned.entries[i].kind == written.entries[i].kind);
    assert(scanned.entries[i].bytes == written.entries[i].bytes);
  }
}

void damage(const Written& written, std::size_t where, std::uint8_t flip) {
  const std::size_t at = where % written.bytes.size();
  const Scanned cut = scan(ByteView(written.bytes).first(at));
  assert(cut.tail != Tail::kDamaged);
  check_prefix(cut, written);

  Bytes changed = written.bytes;
  changed[at] ^= flip;
  const Scanned flipped = scan(changed);
  assert((flipped.tail == Tail::kWhole) == (flip == 0));
  check_prefix(flipped, written);

  changed = written.bytes;
  const std::size_t sector = at / kSector * kSector;
  const std::size_t end = std::min(sector + kSector, changed.size());
  std::fill(changed.begin() + static_cast<std::ptrdiff_t>(sector),
            changed.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
  check_prefix(scan(changed), written);
}

void check_any(ByteView bytes) {
  const Scanned scanned = scan(bytes);
  assert(scanned.good_bytes <= bytes.size() && scanned.damage_at <= bytes.size());
  assert((scanned.tail == Tail::kWhole) == (scanned.good_bytes == bytes.size()));
  const Scanned again = scan(bytes.first(scanned.good_bytes));
  assert(again.tail == Tail::kWhole && again.link == scanned.link);
  assert(again.entries.size() == scanned.entries.size());
}

void check_names(ByteView bytes) {
  const std::string_view text = crypto::as_text(bytes);
  if (const auto number = segment_number(text)) assert(segment_name(*number) == text);
  if (bytes.size() < 8) return;
  const std::uint64_t number = crypto::read_u64be(bytes);
  assert(segment_number(segment_name(number)) == number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  check_any(input);
  check_names(input);
  if (size < 5) return 0;
  const Written written = write(input.subspan(5));
  const Scanned whole = scan(written.bytes);
  assert(whole.tail == Tail::kWhole && whole.good_bytes == written.bytes.size());
  assert(whole.link == written.link && whole.opening && whole.opening->number == 3);
  assert(whole.entries.size() == written.entries.size());
  check_prefix(whole, written);
  damage(written, crypto::read_u32be(input), input[4]);
  return 0;
}
