#include "crypto/commitment.h"

#include <algorithm>

namespace sanad::crypto {
namespace {

Status check_text(std::string_view text, std::size_t max) {
  if (text.size() > max) {
    return Error{Errc::kTooLong, std::to_string(text.size()) + " bytes of text, at most " +
                                     std::to_string(max) + " are allowed"};
  }
  if (!is_clean_text(text)) return Error{Errc::kBadUtf8};
  return {};
}

std::string of_field(std::uint8_t id) { return "field " + std::to_string(id); }

void encode_value(CborWriter& writer, const FieldValue& value) {
  writer.begin_array(2);
  writer.write_unsigned(value.index());
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    writer.write_signed(*integer);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    writer.write_text(*text);
  } else {
    const auto& list = std::get<std::vector<std::string>>(value);
    writer.begin_array(list.size());
    for (const std::string& item : list) writer.write_text(item);
    writer.end_array();
  }
  writer.end_array();
}

Hash field_digest_with(CborWriter& writer, const Salt& salt, std::uint8_t id,
                       const FieldValue& value) {
  writer.clear();
  writer.begin_array(3);
  writer.write_bytes(salt.bytes);
  writer.write_unsigned(id);
  encode_value(writer, value);
  writer.end_array();
  return tagged_hash_bytes("field", writer.view());
}

}  // namespace

Status check_field_value(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return check_text(*text, kFieldTextMax);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return {};
  if (list->size() > kFieldListMax) {
    return Error{Errc::kTooLong, std::to_string(list->size()) + " items in a list, at most " +
                                     std::to_string(kFieldListMax) + " are allowed"};
  }
  for (const std::string& item : *list) SANAD_TRY_STATUS(check_text(item, kFieldItemMax));
  return {};
}

Hash field_digest(const Salt& salt, std::uint8_t id, const FieldValue& value) {
  CborWriter writer;
  return field_digest_with(writer, salt, id, value);
}

Result<std::vector<std::pair<std::uint8_t, Hash>>> field_digests(const Body& body) {
  const std::size_t count = body.opened.size() + body.sealed.size();
  if (count > kBodyFieldsMax) return Error{Errc::kTooLong, std::to_string(count) + " fields"};
  std::vector<std::pair<std::uint8_t, Hash>> digests;
  digests.reserve(count);
  CborWriter writer;
  auto opened = body.opened.begin();
  auto sealed = body.sealed.begin();
  while (digests.size() < count) {
    const bool take_opened =
        opened != body.opened.end() && (sealed == body.sealed.end() || opened->id <= sealed->id);
    const std::uint8_t id = take_opened ? opened->id : sealed->id;
    if (!digests.empty() && id <= digests.back().first) {
      return Error{Errc::kNotAscending, of_field(id)};
    }
    if (take_opened) {
      if (const Status status = check_field_value(opened->value); !status) {
        return Error{status.error().code, of_field(id) + ": " + status.error().detail};
      }
      digests.emplace_back(id, field_digest_with(writer, opened->salt, id, opened->value));
      ++opened;
    } else {
      digests.emplace_back(id, sealed->digest);
      ++sealed;
    }
  }
  return digests;
}

Result<Hash> commitment_of(const Body& body) {
  SANAD_TRY(const auto digests, field_digests(body));
  CborWriter writer;
  writer.begin_array(2);
  writer.write_unsigned(body.schema);
  writer.begin_array(digests.size());
  for (const auto& [id, digest] : digests) {
    writer.begin_array(2);
    writer.write_unsigned(id);
    writer.write_bytes(digest.bytes);
    writer.end_array();
  }
  writer.end_array();
  writer.end_array();
  return tagged_hash_bytes("fields", writer.view());
}

}  // namespace sanad::crypto
