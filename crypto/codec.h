// Canonical bytes (LEDGER F1, F2): deterministic CBOR (RFC 8949 §4.2.1) as cereal archives.
//
// A type is described once, by a member that lists its fields (one with rules of its own may call
// ar.fail(code) when Archive::is_loading::value):
//
//   struct Ref {
//     std::uint64_t seq = 0;
//     Bytes payload;
//     template <class Archive>
//     void serialize(Archive& ar) {
//       ar(SANAD_FIELD(seq), SANAD_FIELD_MAX(payload, 1024));
//     }
//   };
//
// From that list come CBOR (here) and JSON (codec_json.h).
//
//   C++ type                          CBOR
//   struct with serialize()           array of its fields in order, fewer than 24
//   unsigned/signed integers, bool    shortest integer; false/true
//   Fixed<Tag, N>                     byte string of N bytes
//   Bytes, std::string                byte string; text (UTF-8, no control characters)
//   std::vector<T>                    array
//   std::optional<T>                  null or the value
//   std::variant<T...>                [index, value]
//   enumeration with enum_names()     its number; enumerators are 0, 1, 2 … without gaps
//
// Reading is a gate: anything that encode() would not have written is refused with a code and a
// byte offset, `encode(decode(b)) == b` always, and memory used is bounded by the size of the
// input.
#pragma once

#include <cereal/cereal.hpp>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include "crypto/bytes.h"
#include "crypto/hash.h"

// A field of a struct, named as the member is.
#define SANAD_FIELD(member) ::cereal::make_nvp(#member, member)
// The same for a Bytes, std::string or std::vector of at most `limit` bytes (items).
#define SANAD_FIELD_MAX(member, limit) \
  ::cereal::make_nvp(#member, ::sanad::crypto::at_most(member, limit))

namespace sanad::crypto {

// Lengths allowed where a field names no limit of its own.
inline constexpr std::size_t kDefaultTextMax = 1024;
inline constexpr std::size_t kDefaultBytesMax = 65'535;
inline constexpr std::size_t kDefaultItemsMax = 4096;
inline constexpr int kDepthMax = 8;

template <class Container>
struct AtMost {
  Container& container;
  std::size_t limit;
};
template <class Container>
AtMost<Container> at_most(Container& container, std::size_t limit) {
  return {container, limit};
}

// An enumeration with names: `constexpr auto enum_names(Lane)` returns a std::array of
// std::string_view, one per enumerator, found by argument-dependent lookup.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  enum_names(value).size();
};

// Names of a variant's alternatives in JSON, where `{"name": value}` is clearer than the index:
//   template <> struct crypto::AlternativeNames<V> {
//     static constexpr std::array<std::string_view, 2> kNames = {"declare", "amend"};
//   };
template <class Variant>
struct AlternativeNames;

template <class T>
concept CodecInteger = std::integral<T> && !std::same_as<T, bool>;

template <class T, class Archive>
concept Struct = requires(T value, Archive& archive) {
  value.serialize(archive);
};

// Writes one value. Encoding cannot fail: limits are checked by whoever builds the value.
class CborWriter : public cereal::OutputArchive<CborWriter> {
 public:
  CborWriter() : OutputArchive(this) {}
  CborWriter(const CborWriter&) = delete;  // it points into itself
  CborWriter& operator=(const CborWriter&) = delete;
  // REQUIRES (all three): every begin has had its end.
  // A copy of exactly the size: most of what is kept is far smaller than the buffer.
  [[nodiscard]] Bytes take() const { return Bytes(view().begin(), view().end()); }
  // What is written so far, until the next call of anything.
  [[nodiscard]] ByteView view() const {
    assert(depth_ == 0);
    return ByteView(begin_, size_);
  }
  // Starts again; the memory is kept.
  void clear() {
    assert(depth_ == 0);
    size_ = 0;
  }

  void write_unsigned(std::uint64_t value) { item_head(0, value); }
  void write_signed(std::int64_t value);
  void write_bool(bool value);
  void write_null();
  void write_bytes(ByteView bytes);
  void write_text(std::string_view text);
  void begin_array(std::size_t items);
  void end_array();
  void begin_struct();
  void end_struct();

 private:
  static constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  struct Level {
    std::size_t head_at;
    std::size_t expected;
    std::size_t items;
  };
  void count_item();
  void item_head(std::uint8_t major, std::uint64_t argument);
  void push(std::size_t expected);
  void put(std::uint8_t byte);
  void put(ByteView bytes);
  void grow(std::size_t more);

  // The first bytes need no allocation, and that is all of most values.
  std::array<std::uint8_t, 512> small_;
  Bytes large_;
  std::uint8_t* begin_ = small_.data();
  std::size_t size_ = 0;
  std::size_t capacity_ = small_.size();
  std::array<Level, kDepthMax> levels_;
  int depth_ = 0;
};

// Reads one value. The first error sticks; every later read yields zeros, so that a serialize()
// needs no checks of its own.
class CborReader : public cereal::InputArchive<CborReader> {
 public:
  explicit CborReader(ByteView bytes) : InputArchive(this), bytes_(bytes) {}

  // Ends reading: the first error, or kTrailingBytes if anything is left.
  [[nodiscard]] Status finish();
  [[nodiscard]] bool failed() const { return error_ != Errc::kNone; }
  // Records an error at the item read last; the first one wins.
  void fail(Errc code);

  // Values above `max` are kOutOfRange.
  std::uint64_t read_unsigned(std::uint64_t max);
  std::int64_t read_signed(std::int64_t min, std::int64_t max);
  bool read_bool();
  // Consumes a null if one is next.
  bool read_null();
  ByteView read_bytes(std::size_t max);
  std::string_view read_text(std::size_t max);
  // The number of items; 0 after an error.
  std::size_t begin_array(std::size_t max);
  void end_array();
  void begin_struct();
  void end_struct() { end_array(); }

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint64_t argument = 0;
  };
  Head read_head();
  ByteView read_string(std::uint8_t major, std::size_t max);
  void push(std::size_t items);

  ByteView bytes_;
  std::size_t at_ = 0;
  std::size_t item_at_ = 0;
  Errc error_ = Errc::kNone;
  std::size_t error_at_ = 0;
  std::array<std::size_t, kDepthMax> left_{};
  int depth_ = 0;
};

}  // namespace sanad::crypto

CEREAL_SETUP_ARCHIVE_TRAITS(sanad::crypto::CborReader, sanad::crypto::CborWriter)

// cereal writes enumerations as their underlying integers unless told otherwise.
template <sanad::crypto::NamedEnum T>
struct cereal::specialize<sanad::crypto::CborWriter, T,
                          cereal::specialization::non_member_load_save> : std::true_type {};
template <sanad::crypto::NamedEnum T>
struct cereal::specialize<sanad::crypto::CborReader, T,
                          cereal::specialization::non_member_load_save> : std::true_type {};

// What cereal calls, by type; found by argument-dependent lookup on the archive.
namespace sanad::crypto {

template <class T>
void prologue(CborWriter& ar, const T&) {
  if constexpr (Struct<T, CborWriter>) ar.begin_struct();
}
template <class T>
void epilogue(CborWriter& ar, const T&) {
  if constexpr (Struct<T, CborWriter>) ar.end_struct();
}
template <class T>
void prologue(CborReader& ar, const T&) {
  if constexpr (Struct<T, CborReader>) ar.begin_struct();
}
template <class T>
void epilogue(CborReader& ar, const T&) {
  if constexpr (Struct<T, CborReader>) ar.end_struct();
}

template <class T>
void save_items(CborWriter& ar, const std::vector<T>& items) {
  ar.begin_array(items.size());
  for (const T& item : items) ar(item);
  ar.end_array();
}
template <class T>
void load_items(CborReader& ar, std::vector<T>& items, std::size_t max) {
  const std::size_t count = ar.begin_array(max);
  items.clear();
  for (std::size_t i = 0; i < count && !ar.failed(); ++i) ar(items.emplace_back());
  ar.end_array();
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const cereal::NameValuePair<T>& pair) {
  ar(pair.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, cereal::NameValuePair<T>& pair) {
  ar(pair.value);
}

template <CodecInteger T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const T& value) {
  if constexpr (std::is_signed_v<T>) {
    ar.write_signed(value);
  } else {
    ar.write_unsigned(value);
  }
}
template <CodecInteger T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, T& value) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_signed_v<T>) {
    value = static_cast<T>(ar.read_signed(Limits::min(), Limits::max()));
  } else {
    value = static_cast<T>(ar.read_unsigned(Limits::max()));
  }
}

template <std::same_as<bool> T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const T& value) {
  ar.write_bool(value);
}
template <std::same_as<bool> T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, T& value) {
  value = ar.read_bool();
}

template <NamedEnum T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const T& value) {
  ar.write_unsigned(static_cast<std::uint64_t>(value));
}
template <NamedEnum T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, T& value) {
  const std::uint64_t number = ar.read_unsigned(std::numeric_limits<std::uint64_t>::max());
  if (number >= enum_names(value).size()) return ar.fail(Errc::kUnknownEnumerator);
  value = static_cast<T>(number);
}

template <class Tag, std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const Fixed<Tag, N>& value) {
  ar.write_bytes(value.bytes);
}
template <class Tag, std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, Fixed<Tag, N>& value) {
  const ByteView bytes = ar.read_bytes(N);
  if (ar.failed()) return;
  if (bytes.size() != N) return ar.fail(Errc::kWrongLength);
  std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
}

inline void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const std::string& text) {
  ar.write_text(text);
}
inline void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, std::string& text) {
  text = ar.read_text(kDefaultTextMax);
}
inline void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const Bytes& bytes) { ar.write_bytes(bytes); }
inline void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, Bytes& bytes) {
  const ByteView view = ar.read_bytes(kDefaultBytesMax);
  bytes.assign(view.begin(), view.end());
}

template <class T>
requires(!std::same_as<T, std::uint8_t>) void CEREAL_SAVE_FUNCTION_NAME(
    CborWriter& ar, const std::vector<T>& items) {
  save_items(ar, items);
}
template <class T>
requires(!std::same_as<T, std::uint8_t>) void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar,
                                                                        std::vector<T>& items) {
  load_items(ar, items, kDefaultItemsMax);
}

template <class Container>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const AtMost<Container>& bounded) {
  ar(bounded.container);
}
template <class Container>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, AtMost<Container>& bounded) {
  if constexpr (std::same_as<Container, std::string>) {
    bounded.container = ar.read_text(bounded.limit);
  } else if constexpr (std::same_as<Container, Bytes>) {
    const ByteView view = ar.read_bytes(bounded.limit);
    bounded.container.assign(view.begin(), view.end());
  } else {
    load_items(ar, bounded.container, bounded.limit);
  }
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const std::optional<T>& value) {
  if (value) {
    ar(*value);
  } else {
    ar.write_null();
  }
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, std::optional<T>& value) {
  value.reset();
  if (!ar.read_null()) ar(value.emplace());
}

template <std::size_t I = 0, class... T>
void load_alternative(CborReader& ar, std::variant<T...>& value, std::size_t index) {
  if constexpr (I < sizeof...(T)) {
    if (index == I) {
      ar(value.template emplace<I>());
    } else {
      load_alternative<I + 1>(ar, value, index);
    }
  }
}
template <class... T>
void CEREAL_SAVE_FUNCTION_NAME(CborWriter& ar, const std::variant<T...>& value) {
  ar.begin_array(2);
  ar.write_unsigned(value.index());
  std::visit([&ar](const auto& alternative) { ar(alternative); }, value);
  ar.end_array();
}
template <class... T>
void CEREAL_LOAD_FUNCTION_NAME(CborReader& ar, std::variant<T...>& value) {
  const std::size_t items = ar.begin_array(2);
  if (!ar.failed() && items != 2) ar.fail(Errc::kFieldCount);
  const std::uint64_t index = ar.read_unsigned(std::numeric_limits<std::uint64_t>::max());
  if (index >= sizeof...(T)) ar.fail(Errc::kUnknownEnumerator);
  if (!ar.failed()) load_alternative(ar, value, static_cast<std::size_t>(index));
  ar.end_array();
}

// ------------------------------------------------------------------ the two functions to use

template <class T>
Bytes encode(const T& value) {
  CborWriter writer;
  writer(value);
  return writer.take();
}

// The value whose canonical bytes are exactly `bytes`, or why not, with the byte offset.
template <class T>
Result<T> decode(ByteView bytes) {
  CborReader reader(bytes);
  T value{};
  reader(value);
  SANAD_TRY_STATUS(reader.finish());
  return value;
}

// LEDGER F3.
template <class T>
Hash tagged_hash(std::string_view tag, const T& value) {
  CborWriter writer;
  writer(value);
  return tagged_hash_bytes(tag, writer.view());
}

// True for UTF-8 without control characters (U+0000–001F, 007F–009F).
bool is_clean_text(std::string_view text);

}  // namespace sanad::crypto
