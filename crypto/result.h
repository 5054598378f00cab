// Errors are values: Result<T> is a T or an Error. Programmer errors are assertions, which stay on
// in release builds.
//
// Each folder has one `enum class Errc` and one table of texts, tied together by TableCategory, so
// that codes compare (`error.code == Errc::kTrailingBytes`) and texts live in one place.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#ifdef NDEBUG
#error "Sanad is built with assertions on: a broken invariant must end the process."
#endif

namespace sanad::crypto {

// An operating error: what happened, and where or why in words for the person who can act on it.
struct Error {
  std::error_code code;
  std::string detail;

  Error(std::error_code error_code, std::string what = {})
      : code(error_code), detail(std::move(what)) {}
  template <class E>
  requires std::is_error_code_enum_v<E> Error(E error_code, std::string what = {})
      : code(make_error_code(error_code)), detail(std::move(what)) {}

  // "text of the code: detail"
  [[nodiscard]] std::string message() const {
    return detail.empty() ? code.message() : code.message() + ": " + detail;
  }
  friend bool operator==(const Error& error, const std::error_code& expected) {
    return error.code == expected;
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok().
  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }
  // REQUIRES: !ok().
  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  T& checked() {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}
  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<std::monostate, Error> state_;
};
using Status = Result<void>;

// An error category that is a name and a table of texts; the enumerators are its indices.
class TableCategory final : public std::error_category {
 public:
  constexpr TableCategory(const char* name, std::span<const std::string_view> texts)
      : name_(name), texts_(texts) {}
  [[nodiscard]] const char* name() const noexcept override { return name_; }
  [[nodiscard]] std::string message(int value) const override {
    const auto index = static_cast<std::size_t>(value);
    return std::string(index < texts_.size() ? texts_[index] : "unknown error");
  }

 private:
  const char* name_;
  std::span<const std::string_view> texts_;
};

// The errors of crypto. 0 is never used: an std::error_code of 0 means success.
enum class Errc {
  kNone,
  kWrongLength,        // a fixed-size value has another size
  kBadText,            // text that is not valid hex, base64, JSON or a note
  kTruncated,          // CBOR: the bytes end inside an item
  kTrailingBytes,      // CBOR: bytes after the value
  kNotCanonical,       // CBOR: a longer form where a shorter exists, or a forbidden kind
  kUnexpectedType,     // CBOR or JSON: another type than the field has
  kFieldCount,         // a struct with more or fewer fields
  kTooLong,            // a length over the type's maximum
  kTooDeep,            // nesting over the limit
  kBadUtf8,            // invalid UTF-8 or a control character
  kOutOfRange,         // an integer that the field's type cannot hold
  kUnknownEnumerator,  // an enumerator or variant tag that does not exist
  kDuplicateKey,       // JSON: the same name twice
  kUnknownField,       // JSON: a name that the type does not have
  kMissingField,       // JSON: a name that the type has is absent
  kBadSignature,       // a signature that does not verify
  kBadKey,             // a key or key file that cannot be used
  kWrongPassphrase,    // an encrypted key file that does not open
  kBadProof,           // a Merkle, index or note proof that does not hold
  kNotQuorum,          // fewer valid cosignatures than the policy asks
  kNotAscending,       // ids or bits that must rise strictly and do not
  kDamagedNode,        // a stored tree node is missing or is not what its parent committed to
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::crypto

template <>
struct std::is_error_code_enum<sanad::crypto::Errc> : std::true_type {};

#define SANAD_CONCAT_INNER(a, b) a##b
#define SANAD_CONCAT(a, b) SANAD_CONCAT_INNER(a, b)
// SANAD_TRY(auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
#define SANAD_TRY(declaration, expression)                 \
  auto SANAD_CONCAT(try_result_, __LINE__) = (expression); \
  if (!SANAD_CONCAT(try_result_, __LINE__)) {              \
    return SANAD_CONCAT(try_result_, __LINE__).error();    \
  }                                                        \
  declaration = std::move(SANAD_CONCAT(try_result_, __LINE__)).value()
// The same for a Status.
#define SANAD_TRY_STATUS(expression)                   \
  do {                                                 \
    if (auto try_status = (expression); !try_status) { \
      return try_status.error();                       \
    }                                                  \
  } while (false)
