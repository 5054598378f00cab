#include "network/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

namespace sanad::network {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Freer<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Freer<BIO_free>>;

// A certificate of ours has about 250 bytes; nobody may make us hold more before we know the key.
constexpr long kCertificateBytesMax = 4096;

Error tls_error(const std::string& what) {
  char text[256] = {};
  const unsigned long code = ERR_get_error();
  ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return Error{Errc::kTlsFailed, code == 0 ? what : what + ": " + text};
}

std::optional<crypto::PublicKey> key_of(X509* certificate) {
  if (certificate == nullptr) return std::nullopt;
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  crypto::PublicKey raw;
  std::size_t size = raw.bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.bytes.data(), &size) != 1) return std::nullopt;
  return size == raw.bytes.size() ? std::optional(raw) : std::nullopt;
}

// Takes the place of the whole chain verification.
int verify_pinned(X509_STORE_CTX* store, void* allowed) {
  const auto& keys = *static_cast<const std::vector<crypto::PublicKey>*>(allowed);
  const auto key = key_of(X509_STORE_CTX_get0_cert(store));
  const bool known = key && std::find(keys.begin(), keys.end(), *key) != keys.end();
  X509_STORE_CTX_set_error(store, known ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return known ? 1 : 0;
}

void free_allowed(void* /*parent*/, void* allowed, CRYPTO_EX_DATA* /*all*/, int /*index*/,
                  long /*argument*/, void* /*pointer*/) {
  delete static_cast<std::vector<crypto::PublicKey>*>(allowed);
}

int allowed_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_allowed);
  return slot;
}

CertificatePointer self_signed(EVP_PKEY* key) {
  CertificatePointer certificate(X509_new());
  if (!certificate) return nullptr;
  X509* raw = certificate.get();
  X509_NAME* name = X509_get_subject_name(raw);
  const auto* text = reinterpret_cast<const unsigned char*>("sanad");
  // RFC 5280 §4.1.2.5: this end date means that the certificate has none.
  const bool made = X509_set_version(raw, X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(raw), 1) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(raw, name) == 1 &&
                    ASN1_TIME_set_string(X509_getm_notBefore(raw), "20200101000000Z") == 1 &&
                    ASN1_TIME_set_string(X509_getm_notAfter(raw), "99991231235959Z") == 1 &&
                    X509_set_pubkey(raw, key) == 1 && X509_sign(raw, key, nullptr) > 0;
  if (!made) return nullptr;
  return certificate;
}

// What every context of ours has in common.
Result<TlsContext> tls13_context(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method));
  if (!context) return tls_error("context");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  const bool set = SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_num_tickets(raw, 0) == 1 && SSL_CTX_set_max_early_data(raw, 0) == 1;
  if (!set) return tls_error("TLS 1.3");
  return context;
}

BioPointer memory_bio(const std::string& text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Appends every certificate of a PEM text through `take`; false if there is none or one is
// unusable.
template <class Take>
bool each_certificate(const std::string& pem, Take take) {
  const BioPointer bio = memory_bio(pem);
  bool any = false;
  while (CertificatePointer certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (!take(certificate.get(), any)) return false;
    any = true;
  }
  // Reading past the last one leaves "no start line" in the queue.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (any && at_end) ERR_clear_error();
  return any && at_end;
}

}  // namespace

void TlsContextFree::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

Result<TlsContext> make_link_context(TlsSide side, const crypto::Seed& seed,
                                     std::vector<crypto::PublicKey> allowed) {
  const bool accepts = side == TlsSide::kAccepting;
  SANAD_TRY(TlsContext context, tls13_context(accepts ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* raw = context.get();
  const KeyPointer key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.bytes.data(),
                                                    seed.bytes.size()));
  const CertificatePointer certificate = key ? self_signed(key.get()) : nullptr;
  if (!certificate || SSL_CTX_use_certificate(raw, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(raw, key.get()) != 1) {
    return tls_error("certificate");
  }
  if (SSL_CTX_set1_sigalgs_list(raw, "ed25519") != 1 ||
      SSL_CTX_set1_groups_list(raw, "X25519") != 1) {
    return tls_error("algorithms");
  }
  SSL_CTX_set_max_cert_list(raw, kCertificateBytesMax);
  auto keys = std::make_unique<std::vector<crypto::PublicKey>>(std::move(allowed));
  if (SSL_CTX_set_ex_data(raw, allowed_slot(), keys.get()) != 1) return tls_error("context");
  SSL_CTX_set_cert_verify_callback(raw, verify_pinned, keys.release());
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

std::optional<crypto::PublicKey> proved_key(const SSL* session) {
  return key_of(SSL_get0_peer_certificate(session));
}

Result<crypto::Hash> session_binding(SSL* session) {
  static constexpr std::string_view kLabel = "EXPORTER-sanad-hello-v1";
  crypto::Hash value;
  if (SSL_export_keying_material(session, value.bytes.data(), value.bytes.size(), kLabel.data(),
                                 kLabel.size(), nullptr, 0, 0) != 1) {
    return tls_error("exporter");
  }
  return value;
}

Result<TlsContext> make_server_context(const std::string& certificate_chain,
                                       const std::string& private_key) {
  SANAD_TRY(TlsContext context, tls13_context(TLS_server_method()));
  SSL_CTX* raw = context.get();
  const bool chain = each_certificate(certificate_chain, [raw](X509* certificate, bool more) {
    return more ? SSL_CTX_add1_chain_cert(raw, certificate) == 1
                : SSL_CTX_use_certificate(raw, certificate) == 1;
  });
  if (!chain) return tls_error("the certificate chain cannot be used");
  const BioPointer bio = memory_bio(private_key);
  const KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(raw, key.get()) != 1 || SSL_CTX_check_private_key(raw) != 1) {
    return tls_error("the private key cannot be used with the certificate");
  }
  return context;
}

Result<TlsContext> make_client_context(const std::string& trusted) {
  SANAD_TRY(TlsContext context, tls13_context(TLS_client_method()));
  SSL_CTX* raw = context.get();
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  if (trusted.empty()) {
    if (SSL_CTX_set_default_verify_paths(raw) != 1) return tls_error("system certificates");
    return context;
  }
  X509_STORE* store = SSL_CTX_get_cert_store(raw);
  // A server's own certificate may be trusted directly, whoever signed it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(raw), X509_V_FLAG_PARTIAL_CHAIN);
  const bool added = each_certificate(trusted, [store](X509* certificate, bool /*more*/) {
    return X509_STORE_add_cert(store, certificate) == 1;
  });
  if (!added) return tls_error("the trusted certificate cannot be used");
  return context;
}

}  // namespace sanad::network
