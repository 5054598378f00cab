#include "node/replica/journal_format.h"

#include <algorithm>
#include <charconv>

#include "crypto/hash.h"

namespace sanad::node::journal_format {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Hash;

constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSuffix = ".log";
constexpr std::size_t kDigits = 16;
constexpr std::string_view kMagic = "sanadEND";
constexpr std::size_t kSector = 512;

Hash next_link(const Hash& link, std::uint8_t kind, ByteView bytes) {
  crypto::Sha256 sha;
  return sha.update(link.view()).update(ByteView(&kind, 1)).update(bytes).finish();
}

// The whole frame at `at`, checked against the link; its bytes, or nothing.
struct Frame {
  std::uint8_t kind = 0;
  ByteView bytes;
  Hash link;
  std::size_t size = 0;
};
std::optional<Frame> frame_at(ByteView segment, std::size_t at, const Hash& link) {
  const ByteView rest = segment.subspan(at);
  if (rest.size() < kFrameOverhead) return std::nullopt;
  const std::uint32_t length = crypto::read_u32be(rest);
  if (length > kJournalEntryMax || rest.size() < kFrameOverhead + length) return std::nullopt;
  Frame frame{rest[4], rest.subspan(5, length), {}, kFrameOverhead + length};
  frame.link = next_link(link, frame.kind, frame.bytes);
  if (!std::ranges::equal(frame.link.view(), rest.subspan(5 + length, Hash::kSize))) {
    return std::nullopt;
  }
  return frame;
}

// Where in `segment`, from `from` on, a group's end stands whose own check holds, and which group
// it ends. Its frame's link is not looked at: what comes before may be damaged.
struct FoundEnd {
  std::size_t at = 0;
  std::uint64_t group = 0;
};
std::vector<FoundEnd> find_ends(const Hash& owner, ByteView segment, std::size_t from) {
  std::vector<FoundEnd> found;
  auto begin = segment.begin() + static_cast<std::ptrdiff_t>(from);
  const ByteView magic = crypto::as_bytes(kMagic);
  while (true) {
    const auto hit = std::search(begin, segment.end(), magic.begin(), magic.end());
    if (segment.end() - hit < static_cast<std::ptrdiff_t>(kGroupEndBytes)) return found;
    const auto at = static_cast<std::size_t>(hit - segment.begin());
    const std::uint64_t group = crypto::read_u64be(segment.subspan(at + 8));
    const std::uint64_t offset = crypto::read_u64be(segment.subspan(at + 16));
    if (std::ranges::equal(group_end(owner, group, offset), segment.subspan(at, kGroupEndBytes))) {
      found.push_back({at, group});
    }
    begin = hit + 1;
  }
}

bool has_zero_sector(ByteView segment, std::size_t from, std::size_t to) {
  for (std::size_t at = from / kSector * kSector; at < to; at += kSector) {
    const std::size_t begin = std::max(at, from);
    const std::size_t end = std::min({at + kSector, to, segment.size()});
    // A sector that the group shares with its neighbours counts by the group's share of it.
    if (begin < end && end - begin >= 16 &&
        std::ranges::all_of(segment.subspan(begin, end - begin),
                            [](std::uint8_t byte) { return byte == 0; })) {
      return true;
    }
  }
  return false;
}

Tail judge_tail(const Hash& owner, ByteView segment, std::size_t from, std::uint64_t group) {
  const std::vector<FoundEnd> ends = find_ends(owner, segment, from);
  if (ends.empty()) return Tail::kTorn;
  if (ends.size() > 1 || ends.front().group != group) return Tail::kDamaged;
  return has_zero_sector(segment, from, ends.front().at) ? Tail::kTorn : Tail::kDamaged;
}

}  // namespace

std::string segment_name(std::uint64_t number) {
  std::string digits = crypto::to_hex([&] {
    Bytes bytes;
    crypto::append_u64be(bytes, number);
    return bytes;
  }());
  return std::string(kPrefix) + digits + std::string(kSuffix);
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* first = name.data() + kPrefix.size();
  const auto [end, error] = std::from_chars(first, first + kDigits, number, 16);
  if (error != std::errc{} || end != first + kDigits || segment_name(number) != name) {
    return std::nullopt;
  }
  return number;
}

Hash append_frame(Bytes& out, const Hash& link, std::uint8_t kind, ByteView bytes) {
  const Hash next = next_link(link, kind, bytes);
  crypto::append_u32be(out, static_cast<std::uint32_t>(bytes.size()));
  out.push_back(kind);
  crypto::append(out, bytes);
  crypto::append(out, next.view());
  return next;
}

Bytes group_end(const Hash& owner, std::uint64_t group, std::uint64_t offset) {
  Bytes bytes(kMagic.begin(), kMagic.end());
  crypto::append_u64be(bytes, group);
  crypto::append_u64be(bytes, offset);
  crypto::Sha256 sha;
  const Hash check = sha.update(owner.view()).update(bytes).finish();
  crypto::append(bytes, check.view().first(8));
  return bytes;
}

Scanned scan(const Hash& owner, ByteView segment) {
  Scanned scanned;
  std::vector<JournalEntry> group;
  std::size_t at = 0;
  std::uint64_t group_number = 0;
  Hash link;
  bool holds = true;
  while (at < segment.size()) {
    // The opening frame begins a chain of its own at the link that it names.
    if (at == 0 && segment.size() >= kFrameOverhead) {
      const std::size_t length = crypto::read_u32be(segment);
      const auto opening = crypto::decode<Opening>(
          segment.subspan(5, std::min(length, segment.size() - kFrameOverhead)));
      if (opening) link = opening->previous_link;
    }
    const std::optional<Frame> frame = frame_at(segment, at, link);
    if (!frame || (frame->kind == kOpening) != (at == 0)) {
      holds = false;
      break;
    }
    link = frame->link;
    if (frame->kind == kGroupEnd) {
      if (!std::ranges::equal(frame->bytes, group_end(owner, group_number, scanned.good_bytes))) {
        holds = false;
        break;
      }
      ++group_number;
      for (JournalEntry& entry : group) scanned.entries.push_back(std::move(entry));
      group.clear();
      scanned.good_bytes = at + frame->size;
      scanned.link = link;
    } else if (frame->kind == kOpening) {
      if (auto opening = crypto::decode<Opening>(frame->bytes)) scanned.opening = *opening;
    } else {
      group.push_back({frame->kind, Bytes(frame->bytes.begin(), frame->bytes.end()), 0});
    }
    at += frame->size;
  }
  if (scanned.good_bytes == 0) scanned.opening.reset();
  scanned.damage_at = at;
  if (scanned.good_bytes < segment.size()) {
    scanned.tail =
        holds ? Tail::kTorn : judge_tail(owner, segment, scanned.good_bytes, group_number);
  }
  return scanned;
}

}  // namespace sanad::node::journal_format
