#include "crypto/codec.h"

#include <algorithm>
#include <cstring>

namespace sanad::crypto {
namespace {

constexpr std::uint8_t kUnsigned = 0;
constexpr std::uint8_t kNegative = 1;
constexpr std::uint8_t kByteString = 2;
constexpr std::uint8_t kTextString = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kFalse = 0xF4;
constexpr std::uint8_t kTrue = 0xF5;
constexpr std::uint8_t kNull = 0xF6;

// Length of the UTF-8 sequence that starts `text` and is neither malformed nor a control character
// (Unicode 15, table 3-7); 0 if there is none.
std::size_t clean_sequence(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto follows = [&at](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return follows(1) && !(lead == 0xC2 && at(1) < 0xA0) ? 2 : 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  const bool overlong = lead == 0xF0 && at(1) < 0x90;
  const bool beyond = lead == 0xF4 && at(1) >= 0x90;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}

}  // namespace

bool is_clean_text(std::string_view text) {
  // Nearly all of it is ASCII, and checking that takes no branch for each character.
  bool plain = true;
  for (const char c : text) plain &= (c >= 0x20) & (c < 0x7F);
  if (plain) return true;
  while (!text.empty()) {
    const std::size_t length = clean_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// ------------------------------------------------------------------ writer

void CborWriter::grow(std::size_t more) {
  Bytes grown(std::max(2 * capacity_, size_ + more));
  std::memcpy(grown.data(), begin_, size_);
  large_ = std::move(grown);
  begin_ = large_.data();
  capacity_ = large_.size();
}

void CborWriter::put(std::uint8_t byte) {
  if (size_ == capacity_) grow(1);
  begin_[size_++] = byte;
}

void CborWriter::put(ByteView bytes) {
  if (bytes.empty()) return;
  if (capacity_ - size_ < bytes.size()) grow(bytes.size());
  std::memcpy(begin_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void CborWriter::count_item() {
  if (depth_ > 0) ++levels_[static_cast<std::size_t>(depth_ - 1)].items;
}

void CborWriter::item_head(std::uint8_t major, std::uint64_t argument) {
  count_item();
  const auto lead = static_cast<std::uint8_t>(major << 5);
  if (argument < 24) return put(static_cast<std::uint8_t>(lead | argument));
  const int size_code = argument <= 0xFF         ? 0
                        : argument <= 0xFFFF     ? 1
                        : argument <= 0xFFFFFFFF ? 2
                                                 : 3;
  put(static_cast<std::uint8_t>(lead | (24 + size_code)));
  for (int shift = (8 << size_code) - 8; shift >= 0; shift -= 8) {
    put(static_cast<std::uint8_t>(argument >> shift));
  }
}

void CborWriter::push(std::size_t expected) {
  assert(depth_ < kDepthMax);
  levels_[static_cast<std::size_t>(depth_++)] = {size_, expected, 0};
}

void CborWriter::write_signed(std::int64_t value) {
  if (value >= 0) return item_head(kUnsigned, static_cast<std::uint64_t>(value));
  item_head(kNegative, ~static_cast<std::uint64_t>(value));
}

void CborWriter::write_bool(bool value) {
  count_item();
  put(value ? kTrue : kFalse);
}

void CborWriter::write_null() {
  count_item();
  put(kNull);
}

void CborWriter::write_bytes(ByteView bytes) {
  item_head(kByteString, bytes.size());
  put(bytes);
}

void CborWriter::write_text(std::string_view text) {
  assert(is_clean_text(text));
  item_head(kTextString, text.size());
  put(as_bytes(text));
}

void CborWriter::begin_array(std::size_t items) {
  item_head(kArray, items);
  push(items);
}

void CborWriter::end_array() {
  [[maybe_unused]] const Level& level = levels_[static_cast<std::size_t>(--depth_)];
  assert(level.items == level.expected);
}

void CborWriter::begin_struct() {
  count_item();
  push(kUnknown);
  put(std::uint8_t{0});  // the head, patched at the end: fewer than 24 fields fit in one byte
}

void CborWriter::end_struct() {
  const Level& level = levels_[static_cast<std::size_t>(--depth_)];
  assert(level.items < 24);
  begin_[level.head_at] = static_cast<std::uint8_t>(kArray << 5 | level.items);
}

// ------------------------------------------------------------------ reader

Status CborReader::finish() {
  if (!failed() && at_ != bytes_.size()) {
    item_at_ = at_;
    fail(Errc::kTrailingBytes);
  }
  if (!failed()) return {};
  return Error{error_, "at byte " + std::to_string(error_at_)};
}

void CborReader::fail(Errc code) {
  if (failed()) return;
  error_ = code;
  error_at_ = item_at_;
  at_ = bytes_.size();
}

CborReader::Head CborReader::read_head() {
  if (failed()) return {};
  item_at_ = at_;
  if (depth_ > 0) {
    std::size_t& left = left_[static_cast<std::size_t>(depth_ - 1)];
    if (left == 0) return fail(Errc::kFieldCount), Head{};
    --left;
  }
  if (at_ == bytes_.size()) return fail(Errc::kTruncated), Head{};
  const std::uint8_t lead = bytes_[at_++];
  const std::uint8_t major = lead >> 5;
  const std::uint8_t info = lead & 31;
  if (info < 24) return {major, info};
  if (info > 27 || major == 7) return fail(Errc::kNotCanonical), Head{};
  const std::size_t length = std::size_t{1} << (info - 24);
  if (bytes_.size() - at_ < length) return fail(Errc::kTruncated), Head{};
  std::uint64_t argument = 0;
  for (std::size_t i = 0; i < length; ++i) argument = argument << 8 | bytes_[at_++];
  const std::uint64_t shorter_max = info == 24 ? 23 : (std::uint64_t{1} << (length * 4)) - 1;
  if (argument <= shorter_max) return fail(Errc::kNotCanonical), Head{};
  return {major, argument};
}

std::uint64_t CborReader::read_unsigned(std::uint64_t max) {
  const Head head = read_head();
  if (failed()) return 0;
  if (head.major != kUnsigned) return fail(Errc::kUnexpectedType), 0;
  if (head.argument > max) return fail(Errc::kOutOfRange), 0;
  return head.argument;
}

std::int64_t CborReader::read_signed(std::int64_t min, std::int64_t max) {
  const Head head = read_head();
  if (failed()) return 0;
  if (head.major > kNegative) return fail(Errc::kUnexpectedType), 0;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (head.argument > kMax) return fail(Errc::kOutOfRange), 0;
  const auto magnitude = static_cast<std::int64_t>(head.argument);
  const std::int64_t value = head.major == kNegative ? -1 - magnitude : magnitude;
  if (value < min || value > max) return fail(Errc::kOutOfRange), 0;
  return value;
}

bool CborReader::read_bool() {
  const Head head = read_head();
  if (failed()) return false;
  if (head.major != 7 || (head.argument != 20 && head.argument != 21)) {
    return fail(Errc::kUnexpectedType), false;
  }
  return head.argument == 21;
}

bool CborReader::read_null() {
  if (failed() || at_ == bytes_.size() || bytes_[at_] != kNull) return false;
  read_head();
  return !failed();
}

ByteView CborReader::read_string(std::uint8_t major, std::size_t max) {
  const Head head = read_head();
  if (failed()) return {};
  if (head.major != major) return fail(Errc::kUnexpectedType), ByteView{};
  if (head.argument > max) return fail(Errc::kTooLong), ByteView{};
  if (head.argument > bytes_.size() - at_) return fail(Errc::kTruncated), ByteView{};
  const ByteView view = bytes_.subspan(at_, head.argument);
  at_ += view.size();
  return view;
}

ByteView CborReader::read_bytes(std::size_t max) { return read_string(kByteString, max); }

std::string_view CborReader::read_text(std::size_t max) {
  const std::string_view text = as_text(read_string(kTextString, max));
  if (!is_clean_text(text)) return fail(Errc::kBadUtf8), std::string_view{};
  return text;
}

void CborReader::push(std::size_t items) {
  if (depth_ == kDepthMax) return fail(Errc::kTooDeep);
  left_[static_cast<std::size_t>(depth_++)] = items;
}

std::size_t CborReader::begin_array(std::size_t max) {
  const Head head = read_head();
  if (!failed() && head.major != kArray) fail(Errc::kUnexpectedType);
  if (!failed() && head.argument > max) fail(Errc::kTooLong);
  // Every item takes a byte at least: a count beyond the bytes left is a lie.
  if (!failed() && head.argument > bytes_.size() - at_) fail(Errc::kTruncated);
  if (!failed()) push(static_cast<std::size_t>(head.argument));
  return failed() ? 0 : static_cast<std::size_t>(head.argument);
}

void CborReader::begin_struct() { begin_array(23); }

void CborReader::end_array() {
  if (failed()) return;
  --depth_;
  if (left_[static_cast<std::size_t>(depth_)] != 0) fail(Errc::kFieldCount);
}

}  // namespace sanad::crypto
