// The same field lists as codec.h, as JSON (RFC 8259) for the API and for people.
//
//   C++ type                          JSON
//   struct with serialize()           object with the fields' names, all of them, in any order
//   integers of at most 32 bits       number
//   64-bit integers                   string of the decimal digits: JSON numbers end at 2^53
//   bool                              true, false
//   Fixed<Tag, N>                     string, lower-case hex
//   Bytes, std::string                string: base64; the text (no control characters)
//   std::vector<T>                    array
//   std::optional<T>                  null or the value; never left out
//   std::variant<T...>                {"<name>": value}; the name is AlternativeNames<V>'s or the
//   index enumeration with enum_names()     its name
//
// Reading is a gate as well: duplicate, unknown and missing names, fractions, exponents, -0,
// leading zeros in strings, NaN, comments, invalid UTF-8 and what is over a field's limit are
// refused, with a code and the path to the place ("statements[3].nonce"). Two texts of one value
// may differ (spaces, order of names, escapes): nothing is hashed or signed over JSON.
#pragma once

#include <charconv>
#include <memory>

#include "crypto/codec.h"

namespace sanad::crypto {

inline constexpr std::size_t kJsonTextMax = 4U << 20U;    // bytes of input
inline constexpr std::size_t kJsonValuesMax = 1U << 19U;  // values in one text
inline constexpr std::size_t kJsonMembersMax = 64;        // members of one object
inline constexpr std::size_t kJsonDepthMax = 2 * kDepthMax;
// What one text may hold; a reader of large files gives its own.
struct JsonLimits {
  std::size_t text_bytes = kJsonTextMax;
  std::size_t values = kJsonValuesMax;
};
inline constexpr std::size_t kJsonItemsMax = 1U << 21U;  // of one array, whatever the limits

class JsonWriter : public cereal::OutputArchive<JsonWriter> {
 public:
  JsonWriter() : OutputArchive(this) {}
  std::string take() { return std::move(out_); }

  void name(std::string_view name);
  void write_number(std::int64_t value);
  // The value of a string; escapes what needs it.
  void write_text(std::string_view text);
  void write_bool(bool value);
  void write_null();
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();

 private:
  void separate();

  std::string out_;
  bool first_ = true;  // nothing precedes in the innermost object or array, or a name just did
};

// One parsed value of a JSON text; its children are reached by name or position.
class JsonValue;
enum class JsonKind { kNull, kBool, kNumber, kString, kObject, kArray };

// Reads one text. The first error sticks; every later read yields zeros.
class JsonReader : public cereal::InputArchive<JsonReader> {
 public:
  explicit JsonReader(std::string_view text, const JsonLimits& limits = {});
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  [[nodiscard]] Status finish() const;
  [[nodiscard]] bool failed() const { return error_ != Errc::kNone; }
  // Records an error at the current place; the first one wins.
  void fail(Errc code);

  std::int64_t read_number(std::int64_t min, std::int64_t max);
  std::string_view read_string(std::size_t max);
  bool read_bool();
  // True if the current value is null.
  bool read_null();

  // An object's members; end_object() refuses those that were not entered.
  void begin_object();
  void enter_member(std::string_view name);
  void leave();
  void end_object();
  // The number of items; 0 after an error.
  std::size_t begin_array(std::size_t max);
  void enter_item(std::size_t index);
  // The name of the only member of the current object, which is entered.
  std::string_view enter_only_member();

 private:
  // A step from the root to the current value.
  struct Place {
    const JsonValue* value = nullptr;  // nullptr after an error
    std::string_view name;             // of the member, where it is one
    std::size_t index = 0;             // of the item, where it is one
    std::uint64_t entered = 0;         // members entered so far, a bit each
  };
  [[nodiscard]] const JsonValue* current() const { return places_.back().value; }
  [[nodiscard]] std::string path() const;
  // False, and an error, unless the current value is of this kind.
  bool expect(JsonKind kind);
  void fail_at(Errc code, std::string where);
  void parse(std::string_view text, const JsonLimits& limits);

  std::unique_ptr<JsonValue> root_;
  std::vector<Place> places_;
  Errc error_ = Errc::kNone;
  std::string error_at_;
};

}  // namespace sanad::crypto

CEREAL_SETUP_ARCHIVE_TRAITS(sanad::crypto::JsonReader, sanad::crypto::JsonWriter)

template <sanad::crypto::NamedEnum T>
struct cereal::specialize<sanad::crypto::JsonWriter, T,
                          cereal::specialization::non_member_load_save> : std::true_type {};
template <sanad::crypto::NamedEnum T>
struct cereal::specialize<sanad::crypto::JsonReader, T,
                          cereal::specialization::non_member_load_save> : std::true_type {};

// What cereal calls, by type.
namespace sanad::crypto {

template <class T>
void prologue(JsonWriter& ar, const T&) {
  if constexpr (Struct<T, JsonWriter>) ar.begin_object();
}
template <class T>
void epilogue(JsonWriter& ar, const T&) {
  if constexpr (Struct<T, JsonWriter>) ar.end_object();
}
template <class T>
void prologue(JsonReader& ar, const T&) {
  if constexpr (Struct<T, JsonReader>) ar.begin_object();
}
template <class T>
void epilogue(JsonReader& ar, const T&) {
  if constexpr (Struct<T, JsonReader>) ar.end_object();
}

template <class T>
void save_items(JsonWriter& ar, const std::vector<T>& items) {
  ar.begin_array();
  for (const T& item : items) ar(item);
  ar.end_array();
}
template <class T>
void load_items(JsonReader& ar, std::vector<T>& items, std::size_t max) {
  const std::size_t count = ar.begin_array(max);
  items.clear();
  for (std::size_t i = 0; i < count && !ar.failed(); ++i) {
    ar.enter_item(i);
    ar(items.emplace_back());
    ar.leave();
  }
}
inline void load_text(JsonReader& ar, std::string& text, std::size_t max) {
  text = ar.read_string(max);
  if (!is_clean_text(text)) ar.fail(Errc::kBadUtf8);
}
void load_bytes(JsonReader& ar, Bytes& bytes, std::size_t max);

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const cereal::NameValuePair<T>& pair) {
  ar.name(pair.name);
  ar(pair.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, cereal::NameValuePair<T>& pair) {
  ar.enter_member(pair.name);
  ar(pair.value);
  ar.leave();
}

template <CodecInteger T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const T& value) {
  if constexpr (sizeof(T) <= 4) {
    ar.write_number(static_cast<std::int64_t>(value));
  } else {
    ar.write_text(std::to_string(value));
  }
}
template <CodecInteger T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, T& value) {
  using Limits = std::numeric_limits<T>;
  value = 0;
  if constexpr (sizeof(T) <= 4) {
    value = static_cast<T>(ar.read_number(Limits::min(), Limits::max()));
  } else {
    const std::string_view text = ar.read_string(20);
    if (ar.failed()) return;
    const auto [end, errc] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (errc == std::errc::result_out_of_range) return ar.fail(Errc::kOutOfRange);
    if (std::to_string(value) != text) ar.fail(Errc::kBadText);
  }
}

template <std::same_as<bool> T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const T& value) {
  ar.write_bool(value);
}
template <std::same_as<bool> T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, T& value) {
  value = ar.read_bool();
}

template <NamedEnum T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const T& value) {
  ar.write_text(enum_names(value)[static_cast<std::size_t>(value)]);
}
template <NamedEnum T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, T& value) {
  const std::string_view name = ar.read_string(kDefaultTextMax);
  const auto names = enum_names(value);
  value = T{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) {
      value = static_cast<T>(i);
      return;
    }
  }
  ar.fail(Errc::kUnknownEnumerator);
}

template <class Tag, std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const Fixed<Tag, N>& value) {
  ar.write_text(value.hex());
}
template <class Tag, std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, Fixed<Tag, N>& value) {
  const std::string_view text = ar.read_string(2 * N);
  if (ar.failed()) return;
  const auto parsed = Fixed<Tag, N>::from_hex(text);
  if (!parsed) return ar.fail(text.size() == 2 * N ? Errc::kBadText : Errc::kWrongLength);
  value = parsed.value();
}

inline void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const std::string& text) {
  ar.write_text(text);
}
inline void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, std::string& text) {
  load_text(ar, text, kDefaultTextMax);
}
inline void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const Bytes& bytes) {
  ar.write_text(to_base64(bytes));
}
inline void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, Bytes& bytes) {
  load_bytes(ar, bytes, kDefaultBytesMax);
}

template <class T>
requires(!std::same_as<T, std::uint8_t>) void CEREAL_SAVE_FUNCTION_NAME(
    JsonWriter& ar, const std::vector<T>& items) {
  save_items(ar, items);
}
template <class T>
requires(!std::same_as<T, std::uint8_t>) void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar,
                                                                        std::vector<T>& items) {
  load_items(ar, items, kDefaultItemsMax);
}

template <class Container>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const AtMost<Container>& bounded) {
  ar(bounded.container);
}
template <class Container>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, AtMost<Container>& bounded) {
  if constexpr (std::same_as<Container, std::string>) {
    load_text(ar, bounded.container, bounded.limit);
  } else if constexpr (std::same_as<Container, Bytes>) {
    load_bytes(ar, bounded.container, bounded.limit);
  } else {
    load_items(ar, bounded.container, bounded.limit);
  }
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const std::optional<T>& value) {
  if (value) {
    ar(*value);
  } else {
    ar.write_null();
  }
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, std::optional<T>& value) {
  value.reset();
  if (!ar.read_null()) ar(value.emplace());
}

template <class Variant>
std::string alternative_name(std::size_t index) {
  if constexpr (requires { AlternativeNames<Variant>::kNames; }) {
    static_assert(AlternativeNames<Variant>::kNames.size() == std::variant_size_v<Variant>);
    return std::string(AlternativeNames<Variant>::kNames[index]);
  } else {
    return std::to_string(index);
  }
}
template <std::size_t I = 0, class... T>
void load_alternative(JsonReader& ar, std::variant<T...>& value, std::size_t index) {
  if constexpr (I < sizeof...(T)) {
    if (index == I) {
      ar(value.template emplace<I>());
    } else {
      load_alternative<I + 1>(ar, value, index);
    }
  }
}
template <class... T>
void CEREAL_SAVE_FUNCTION_NAME(JsonWriter& ar, const std::variant<T...>& value) {
  ar.begin_object();
  ar.name(alternative_name<std::variant<T...>>(value.index()));
  std::visit([&ar](const auto& alternative) { ar(alternative); }, value);
  ar.end_object();
}
template <class... T>
void CEREAL_LOAD_FUNCTION_NAME(JsonReader& ar, std::variant<T...>& value) {
  const std::string_view name = ar.enter_only_member();
  if (ar.failed()) return;
  std::size_t index = 0;
  while (index < sizeof...(T) && alternative_name<std::variant<T...>>(index) != name) ++index;
  if (index == sizeof...(T)) return ar.fail(Errc::kUnknownEnumerator);
  load_alternative(ar, value, index);
  ar.leave();
}

// ------------------------------------------------------------------ the two functions to use

// REQUIRES: texts are clean (is_clean_text).
template <class T>
std::string to_json(const T& value) {
  JsonWriter writer;
  writer(value);
  return writer.take();
}

// The value, or why not, with the path to the place.
template <class T>
Result<T> from_json(std::string_view text, const JsonLimits& limits = {}) {
  JsonReader reader(text, limits);
  T value{};
  reader(value);
  SANAD_TRY_STATUS(reader.finish());
  return value;
}

}  // namespace sanad::crypto
