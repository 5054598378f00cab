#include "crypto/handle.h"

#include <algorithm>

namespace sanad::crypto {
namespace {

HmacKey subkey(const NetworkSecret& secret, std::string_view purpose) {
  const Hash mac = hmac_sha256(secret.key, as_bytes("sanad/v1/" + std::string(purpose)));
  return {mac.bytes};
}

template <class Value>
Value cut(const Hash& mac) {
  Value value;
  std::copy_n(mac.bytes.begin(), value.bytes.size(), value.bytes.begin());
  return value;
}

Bytes kind_and_id(std::string_view kind, std::string_view id) {
  CborWriter writer;
  writer.begin_array(2);
  writer.write_bytes(as_bytes(kind));
  writer.write_bytes(as_bytes(id));
  writer.end_array();
  return writer.take();
}

}  // namespace

Token party_token(const NetworkSecret& secret, std::string_view kind,
                  std::string_view normalised_id) {
  return cut<Token>(hmac_sha256(subkey(secret, "party"), kind_and_id(kind, normalised_id)));
}

Salt handle_salt(const NetworkSecret& secret, std::string_view kind, std::string_view id) {
  return cut<Salt>(hmac_sha256(subkey(secret, "handle"), kind_and_id(kind, id)));
}

Handle make_handle(std::string_view kind, const Salt& salt, std::string_view id) {
  assert(kind == "consignment" || kind == "container");
  CborWriter writer;
  writer.begin_array(2);
  writer.write_bytes(salt.bytes);
  writer.write_bytes(as_bytes(id));
  writer.end_array();
  return {tagged_hash_bytes(kind, writer.view()).bytes};
}

Salt detail_salt(const NetworkSecret& secret, ByteView origin) {
  CborWriter writer;
  writer.begin_array(1);
  writer.write_bytes(origin);
  writer.end_array();
  return cut<Salt>(hmac_sha256(subkey(secret, "detail"), writer.view()));
}

}  // namespace sanad::crypto
