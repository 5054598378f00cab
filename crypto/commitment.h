// Salted commitments to the fields of a declaration (LEDGER F5).
//
//   digest of a field  = H("field",  [salt, field id, value])
//   commitment         = H("fields", [schema, [[field id, digest]…]])      ids strictly ascending
//
// 16 random salt bytes per field keep a digest from being guessed; a body travels beside what is
// signed and shows some fields (opened) and only the digests of the others (sealed). Sealing a
// field does not change the commitment. Pure; thread-safe.
#pragma once

#include "crypto/codec.h"

namespace sanad::crypto {

// Text is clean UTF-8 of at most kFieldTextMax bytes; a list has at most kFieldListMax items of at
// most kFieldItemMax bytes each.
using FieldValue = std::variant<std::int64_t, std::string, std::vector<std::string>>;
template <>
struct AlternativeNames<FieldValue> {
  static constexpr std::array<std::string_view, 3> kNames = {"integer", "text", "list"};
};

inline constexpr std::size_t kBodyFieldsMax = 64;
inline constexpr std::size_t kFieldTextMax = 512;
inline constexpr std::size_t kFieldListMax = 64;
inline constexpr std::size_t kFieldItemMax = 64;

// kTooLong or kBadUtf8 if the value breaks the limits above.
Status check_field_value(const FieldValue& value);

struct OpenedField {
  std::uint8_t id = 0;
  FieldValue value;
  Salt salt;

  friend bool operator==(const OpenedField&, const OpenedField&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(value));
    if constexpr (Archive::is_loading::value) {
      if (const Status status = check_field_value(value); !status) ar.fail(Errc::kTooLong);
    }
    ar(SANAD_FIELD(salt));
  }
};

struct SealedField {
  std::uint8_t id = 0;
  Hash digest;

  friend bool operator==(const SealedField&, const SealedField&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(digest));
  }
};

// What travels beside a declaration. `opened` and `sealed` each have strictly ascending ids and
// share none; field_digests() and commitment_of() refuse any other.
struct Body {
  std::uint16_t schema = 0;
  std::vector<OpenedField> opened;
  std::vector<SealedField> sealed;

  friend bool operator==(const Body&, const Body&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(schema), SANAD_FIELD_MAX(opened, kBodyFieldsMax),
       SANAD_FIELD_MAX(sealed, kBodyFieldsMax));
  }
};

// REQUIRES: check_field_value(value).ok().
Hash field_digest(const Salt& salt, std::uint8_t id, const FieldValue& value);

// Every field's digest by ascending id. kNotAscending for an id out of order or committed twice,
// kTooLong over 64 fields or for a value over its limits, kBadUtf8 for unclean text.
Result<std::vector<std::pair<std::uint8_t, Hash>>> field_digests(const Body& body);

// The commitment; errors as field_digests().
Result<Hash> commitment_of(const Body& body);

}  // namespace sanad::crypto
