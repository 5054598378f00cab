#include "tools/redaction.h"

#include <algorithm>

#include "chaincode/fields.h"
#include "tools/declaration.h"

namespace sanad::tools {
namespace {

crypto::Result<std::vector<std::uint8_t>> field_ids(const std::vector<std::string>& names) {
  std::vector<std::uint8_t> ids;
  for (const std::string& name : names) {
    const chaincode::FieldSpec* spec = chaincode::find_field(name);
    if (spec == nullptr) {
      return crypto::Error{Errc::kBadDeclaration, "there is no field \"" + name + "\""};
    }
    ids.push_back(static_cast<std::uint8_t>(spec->id));
  }
  return ids;
}

template <class Field>
auto find_id(std::vector<Field>& fields, std::uint8_t id) {
  return std::find_if(fields.begin(), fields.end(),
                      [id](const Field& one) { return one.id == id; });
}
// Where a field of this id belongs among ascending ones.
template <class Field>
auto place_of(std::vector<Field>& fields, std::uint8_t id) {
  return std::find_if(fields.begin(), fields.end(), [id](const Field& one) { return one.id > id; });
}

void seal_one(crypto::Body& body, std::uint8_t id) {
  const auto found = find_id(body.opened, id);
  if (found == body.opened.end()) return;
  const crypto::Hash digest = crypto::field_digest(found->salt, id, found->value);
  body.sealed.insert(place_of(body.sealed, id), {id, digest});
  body.opened.erase(found);
}

// True if it was sealed and is open now.
crypto::Result<bool> open_one(crypto::Body& body, std::uint8_t id, const crypto::Body& kept) {
  const auto sealed = find_id(body.sealed, id);
  if (sealed == body.sealed.end()) return false;
  const auto value = std::find_if(kept.opened.begin(), kept.opened.end(),
                                  [id](const crypto::OpenedField& one) { return one.id == id; });
  const std::string name = tools::field_name(body.schema, id);
  if (value == kept.opened.end()) {
    return crypto::Error{Errc::kNotFound, "the vault's declaration has no " + name};
  }
  if (crypto::field_digest(value->salt, id, value->value) != sealed->digest) {
    return crypto::Error{Errc::kDiffers, "the vault's " + name + " is not what was declared"};
  }
  body.opened.insert(place_of(body.opened, id), *value);
  body.sealed.erase(sealed);
  return true;
}

}  // namespace

crypto::Status seal_fields(chaincode::Bundle& bundle, const std::vector<std::string>& names) {
  SANAD_TRY(const auto ids, field_ids(names));
  for (chaincode::BundleBody& one : bundle.bodies) {
    for (const std::uint8_t id : ids) seal_one(one.body, id);
  }
  if (!ids.empty()) bundle.details.clear();
  return {};
}

crypto::Result<std::size_t> open_fields(chaincode::Bundle& bundle, const Vault& vault,
                                        const std::vector<std::string>& names) {
  SANAD_TRY(const auto ids, field_ids(names));
  std::size_t opened = 0;
  for (chaincode::BundleBody& one : bundle.bodies) {
    SANAD_TRY(const crypto::Hash commitment, crypto::commitment_of(one.body));
    SANAD_TRY(const auto entry, vault.find(commitment));
    if (!entry) continue;  // another member's declaration
    for (const std::uint8_t id : ids) {
      SANAD_TRY(const bool now_open, open_one(one.body, id, entry->body));
      if (now_open) ++opened;
    }
  }
  if (opened > 0) return opened;
  return crypto::Error{Errc::kNotFound,
                       "no record that this vault knows seals such a field: nothing was opened"};
}

}  // namespace sanad::tools
