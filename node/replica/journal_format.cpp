#include "node/replica/journal_format.h"

#include <algorithm>
#include <charconv>

namespace sanad::node::journal_format {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Hash;
using crypto::HmacKey;

constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSuffix = ".log";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kMarkFromEnd = kMarkBytes + Hash::kSize;  // the frame's link follows
constexpr std::size_t kFlippedMax = 4;  // bytes of a mark that differ, while it is still that mark

// Where a group stands in its segment.
struct Place {
  std::uint64_t group = 0;
  std::uint64_t offset = 0;
};

Hash next_link(const Hash& link, std::uint8_t kind, ByteView bytes) {
  crypto::Sha256 sha;
  return sha.update(link.view()).update(ByteView(&kind, 1)).update(bytes).finish();
}

Bytes mark_of(const HmacKey& secret, const Place& place) {
  Bytes mark;
  crypto::append_u64be(mark, place.group);
  crypto::append_u64be(mark, place.offset);
  const Hash check = crypto::hmac_sha256(secret, mark);
  crypto::append(mark, check.view().first(kMarkBytes - mark.size()));
  return mark;
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

// The opening frame begins a chain of its own at the link that it names.
std::optional<Opening> opening_of(ByteView segment) {
  if (segment.size() < kFrameOverhead) return std::nullopt;
  const std::size_t length = crypto::read_u32be(segment);
  auto opening = crypto::decode<Opening>(
      segment.subspan(5, std::min(length, segment.size() - kFrameOverhead)));
  if (!opening) return std::nullopt;
  const auto frame = frame_at(segment, 0, opening->previous_link);
  return frame && frame->kind == kOpening ? std::optional(*opening) : std::nullopt;
}

bool is_mark(const HmacKey& secret, ByteView bytes) {
  const Place place{crypto::read_u64be(bytes), crypto::read_u64be(bytes.subspan(8))};
  return std::ranges::equal(mark_of(secret, place), bytes);
}

std::size_t differing(ByteView a, ByteView b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

bool has_zero_sector(ByteView group) {
  for (; group.size() >= kSector; group = group.subspan(kSector)) {
    if (std::ranges::all_of(group.first(kSector), [](std::uint8_t byte) { return byte == 0; })) {
      return true;
    }
  }
  return false;
}

// Of a group that does not hold.
Tail judge_tail(const HmacKey& secret, ByteView segment, const Place& place) {
  const Bytes own = mark_of(secret, place);
  std::size_t own_end = 0;
  for (std::size_t end = place.offset + kSector; end <= segment.size(); end += kSector) {
    const ByteView bytes = segment.subspan(end - kMarkFromEnd, kMarkBytes);
    const std::size_t wrong = differing(bytes, own);
    if (wrong == 0) {
      own_end = end;
    } else if (wrong <= kFlippedMax || is_mark(secret, bytes)) {
      return Tail::kDamaged;  // the own mark once, or one that was written after it
    }
  }
  if (own_end == 0) return Tail::kTorn;
  const ByteView group = segment.subspan(place.offset, own_end - place.offset);
  return own_end == segment.size() && has_zero_sector(group) ? Tail::kTorn : Tail::kDamaged;
}

// Reads groups until one does not hold.
class Reader {
 public:
  Reader(ByteView segment, const Opening& opening)
      : segment_(segment), secret_(opening.secret), link_(opening.previous_link) {}

  void read(Scanned& scanned) {
    while (at_ < segment_.size() && read_frame(scanned)) {
    }
    scanned.damage_at = at_;
    if (place_.offset < segment_.size()) scanned.tail = judge_tail(secret_, segment_, place_);
  }

 private:
  bool read_frame(Scanned& scanned) {
    const std::optional<Frame> frame = frame_at(segment_, at_, link_);
    if (!frame || (frame->kind == kOpening) != (at_ == 0)) return false;
    const std::size_t end = at_ + frame->size;
    if (frame->kind == kGroupEnd) {
      if (frame->bytes.size() < kMarkBytes || end % kSector != 0 ||
          !std::ranges::equal(frame->bytes.last(kMarkBytes), mark_of(secret_, place_))) {
        return false;
      }
      place_ = {place_.group + 1, end};
      for (JournalEntry& entry : group_) scanned.entries.push_back(std::move(entry));
      group_.clear();
      scanned.good_bytes = end;
      scanned.link = frame->link;
    } else if (frame->kind != kOpening) {
      group_.push_back({frame->kind, Bytes(frame->bytes.begin(), frame->bytes.end()), 0});
    }
    link_ = frame->link;
    at_ = end;
    return true;
  }

  ByteView segment_;
  HmacKey secret_;
  Hash link_;
  Place place_;
  std::size_t at_ = 0;
  std::vector<JournalEntry> group_;
};

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

SegmentWriter::SegmentWriter(const Opening& opening)
    : secret_(opening.secret), link_(opening.previous_link) {
  frame(kOpening, crypto::encode(opening));
}

void SegmentWriter::frame(std::uint8_t kind, ByteView bytes) {
  link_ = next_link(link_, kind, bytes);
  crypto::append_u32be(group_, static_cast<std::uint32_t>(bytes.size()));
  group_.push_back(kind);
  crypto::append(group_, bytes);
  crypto::append(group_, link_.view());
}

Bytes SegmentWriter::end_group() {
  const std::size_t beyond = (group_.size() + kFrameOverhead + kMarkBytes) % kSector;
  Bytes end(beyond > 0 ? kSector - beyond : 0);
  crypto::append(end, mark_of(secret_, {group_number_++, size_}));
  frame(kGroupEnd, end);
  size_ += group_.size();
  return std::exchange(group_, {});
}

Scanned scan(ByteView segment) {
  Scanned scanned;
  const std::optional<Opening> opening = opening_of(segment);
  if (opening) {
    Reader(segment, *opening).read(scanned);
    if (scanned.good_bytes > 0) scanned.opening = opening;
  } else if (!segment.empty()) {
    // The first group, the opening alone, is one sector: more is written only after it is durable.
    scanned.tail = segment.size() > kSector ? Tail::kDamaged : Tail::kTorn;
  }
  return scanned;
}

}  // namespace sanad::node::journal_format
