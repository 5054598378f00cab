// Names that hide what they name (LEDGER F6, F11): members, who share the network secret, compute
// and recognise them; nobody else can test guesses against the ledger.
//
// Every purpose has an HMAC subkey of its own, subkey = HMAC(network secret, "sanad/v1/" purpose),
// and HMAC inputs are canonical CBOR, so no two (kind, id) pairs share an input. `id` may be any
// bytes; normalising it (case, spaces) is the caller's. Pure; thread-safe.
#pragma once

#include "crypto/codec.h"

namespace sanad::crypto {

// Shared by the members, never on the ledger; governance rotates it to a higher version.
struct NetworkSecret {
  std::uint32_t version = 0;
  HmacKey key;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(key));
  }
};

// A trader: the same (kind, id) is the same token at every member.
using Token = Fixed<struct TokenTag, 16>;
// A consignment or container on the ledger.
using Handle = Fixed<struct HandleTag, 32>;

// HMAC(subkey "party", [kind, id]) cut to 16 bytes.
Token party_token(const NetworkSecret& secret, std::string_view kind,
                  std::string_view normalised_id);

// HMAC(subkey "handle", [kind, id]) cut to 16 bytes. Given to the verifier of this one consignment.
Salt handle_salt(const NetworkSecret& secret, std::string_view kind, std::string_view id);

// H(kind, [salt, id as bytes]); needs no secret, so a verifier who has the salt checks the id
// himself. REQUIRES: kind is "consignment" or "container".
Handle make_handle(std::string_view kind, const Salt& salt, std::string_view id);

// Salt of a detail's digest (F11): HMAC(subkey "detail", [origin]) cut to 16 bytes.
Salt detail_salt(const NetworkSecret& secret, ByteView origin);

}  // namespace sanad::crypto
