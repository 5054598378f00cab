// TLS contexts. Between validators: TLS 1.3 only, both sides authenticated by Ed25519 keys that are
// pinned, no tickets, no resumption, no early data. For the API: TLS 1.3 with an ordinary
// certificate. OpenSSL's types are named, never included.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/signature.h"
#include "network/result.h"

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace sanad::network {

struct TlsContextFree {
  void operator()(SSL_CTX* context) const;
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;

enum class TlsSide { kAccepting, kDialling };

// A context for links. Its certificate is made here and signed by the key itself; the other side's
// may say anything as long as its public key is one of `allowed` (kept by the context). Proof that
// the other side holds the key is TLS's own CertificateVerify.
Result<TlsContext> make_link_context(TlsSide side, const crypto::Seed& seed,
                                     std::vector<crypto::PublicKey> allowed);

// The Ed25519 key that the other side of a finished handshake proved.
std::optional<crypto::PublicKey> proved_key(const SSL* session);
// RFC 8446 §7.5 exporter value of a finished handshake: equal on both sides, different in every
// session.
Result<crypto::Hash> session_binding(SSL* session);

// A context for the HTTP server, from PEM texts.
Result<TlsContext> make_server_context(const std::string& certificate_chain,
                                       const std::string& private_key);
// A context for the HTTP client that trusts the given PEM certificates; the system's if empty.
Result<TlsContext> make_client_context(const std::string& trusted);

}  // namespace sanad::network
