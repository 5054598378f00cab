// B: who is on the link.
#include <openssl/x509.h>
#include <sys/resource.h>

#include "tests/hostile/catalogue.h"

namespace sanad::hostile {
namespace {

using network::Errc;
using network::FrameKind;

// The handshake and whatever follows end on the other side.
void must_be_refused(Attack& attack, SSL_CTX* context, Errc why) {
  for (const MemberIndex victim : attack.victims()) {
    Session session(attack.member().addresses[victim], context);
    session.handshake();  // TLS 1.3's client is through before the server judges it
    require(session.ends_within(10'000), "a link that must not be was not ended");
    attack.expect_refusal(victim, why, 1);
  }
  attack.done["connections"] += attack.victims().size();
}

void no_certificate(Attack& attack) {
  const network::TlsContext context(SSL_CTX_new(TLS_client_method()));
  must_be_refused(attack, context.get(), Errc::kTlsFailed);
}

void stranger(Attack& attack) {
  crypto::Seed seed;
  seed.bytes.fill(99);
  must_be_refused(attack, attack.member().context(seed).get(), Errc::kUnknownKey);
}

// A hello that is not the one expected.
void must_not_greet(Attack& attack, const std::function<void(network::HelloFields&)>& change,
                    Errc why) {
  for (const MemberIndex victim : attack.victims()) {
    const auto session = attack.dial(victim);
    network::HelloFields hello = attack.hello(victim, *session);
    change(hello);
    session->frame(FrameKind::kHello, network::encode_hello(hello));
    require(session->ends_within(10'000), "a wrong hello was taken");
    attack.expect_refusal(victim, why, 1);
  }
  attack.done["connections"] += attack.victims().size();
}

void hello_to_another(Attack& attack) {
  must_not_greet(
      attack, [](auto& hello) { hello.to = static_cast<MemberIndex>(hello.to % 3 + 1); },
      Errc::kWrongIndex);
}
void hello_of_another(Attack& attack) {
  must_not_greet(
      attack, [](auto& hello) { hello.from = static_cast<MemberIndex>(hello.to % 3 + 1); },
      Errc::kWrongIndex);
}
void other_network(Attack& attack) {
  must_not_greet(
      attack, [](auto& hello) { hello.network_id.bytes[0] ^= 1; }, Errc::kWrongNetwork);
}

void replayed_hello(Attack& attack) {
  for (const MemberIndex victim : attack.victims()) {
    const auto other = attack.dial(victim);
    const auto session = attack.dial(victim);
    session->frame(FrameKind::kHello, network::encode_hello(attack.hello(victim, *other)));
    require(session->ends_within(10'000), "a hello of another session was taken");
    attack.expect_refusal(victim, Errc::kWrongBinding, 1);
  }
}

// The member's own key under a certificate of these dates.
void date_certificate(SSL_CTX* context, const char* from, const char* to) {
  EVP_PKEY* key = SSL_CTX_get0_privatekey(context);
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate), from);
  ASN1_TIME_set_string(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  const bool made = X509_sign(certificate, key, nullptr) > 0 &&
                    SSL_CTX_use_certificate(context, certificate) == 1;
  X509_free(certificate);
  require(made, "no certificate");
}

void dates(Attack& attack) {
  for (const auto& [from, to] : {std::pair("20000101000000Z", "20010101000000Z"),
                                 std::pair("20900101000000Z", "20910101000000Z")}) {
    const network::TlsContext context = attack.member().context();
    date_certificate(context.get(), from, to);
    for (const MemberIndex victim : attack.victims()) {
      Session session(attack.member().addresses[victim], context.get());
      require(session.handshake(), "no handshake: " + session.end());
      session.frame(FrameKind::kHello, network::encode_hello(attack.hello(victim, session)));
      require(session.flush(10'000) && session.greeted(), "no link: " + session.end());
      attack.expect(victim, "peer_links_total", {{"member", attack.member().name(0)}}, 1);
    }
  }
}

void old_tls(Attack& attack) {
  const network::TlsContext context = attack.member().context();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ALL:NULL");
  for (const MemberIndex victim : attack.victims()) {
    Session session(attack.member().addresses[victim], context.get());
    require(!session.handshake(), "TLS 1.2 was taken");
    const Socket plain(attack.member().addresses[victim]);
    require(plain.send(crypto::as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")), "nobody reads");
    require(plain.closes_within(10'000), "plain text was taken");
    attack.expect_refusal(victim, Errc::kTlsFailed, 2);
    Session& link = attack.link(victim);
    require(SSL_version(link.ssl()) == TLS1_3_VERSION, "not TLS 1.3");
    require(SSL_renegotiate(link.ssl()) == 0, "a renegotiation began");
  }
}

// All stay open on this side: one that is closed before the victim has taken it displaces nobody.
void allow_open_files(std::size_t count) {
  rlimit limit{};
  require(getrlimit(RLIMIT_NOFILE, &limit) == 0, "no limit of open files can be read");
  limit.rlim_cur = limit.rlim_max;
  require(setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count + 100,
          "this case takes " + std::to_string(count + 100) + " open files: ulimit -Hn");
}

// Half-open: TCP without a word, and TLS without a hello.
void half_open(Attack& attack) {
  const std::size_t each = attack.count(200, 10'000 / attack.victims().size());
  const int limit = static_cast<int>(network::MeshLimits{}.handshakes_max);
  allow_open_files(each);
  for (const MemberIndex victim : attack.victims()) {
    std::vector<std::unique_ptr<Socket>> open;
    for (std::size_t i = 0; i < each; ++i) {
      open.push_back(std::make_unique<Socket>(attack.member().addresses[victim]));
    }
    // In the midst of them a member comes through.
    attack.link(victim);
    attack.expect(victim, "handshakes_displaced_total", {},
                  each - static_cast<std::size_t>(limit) - 2, Expectation::Kind::kGrowsAtLeast);
    attack.expect(victim, "handshakes_open", {}, static_cast<std::uint64_t>(limit) + 1,
                  Expectation::Kind::kIsBelow);
    attack.drop(victim);
    const auto before_hello = attack.dial(victim);
    require(open.back()->closes_within(15'000), "a silent connection stays");
    require(before_hello->ends_within(15'000), "a link without a hello stays");
  }
  attack.done["connections"] = each * attack.victims().size();
}

void resumption(Attack& attack) {
  for (const MemberIndex victim : attack.victims()) {
    SSL_SESSION* session = SSL_get0_session(attack.link(victim).ssl());
    require(SSL_SESSION_is_resumable(session) == 0, "the session can be resumed");
    require(SSL_SESSION_get_max_early_data(session) == 0, "early data is allowed");
    require(SSL_session_reused(attack.link(victim).ssl()) == 0, "the session was resumed");
  }
}

void twin(Attack& attack) {
  for (const MemberIndex victim : attack.victims()) {
    const auto first = attack.dial(victim);
    first->frame(FrameKind::kHello, network::encode_hello(attack.hello(victim, *first)));
    require(first->flush(10'000), "no first link");
    attack.link(victim);
    require(first->ends_within(10'000), "the older link goes on");
    require(attack.link(victim).flush(10'000), "the newer link does not live");
    attack.expect(victim, "peer_replaced_total", {{"member", attack.member().name(0)}}, 1);
    attack.expect_link_end(victim, Errc::kReplaced);
  }
}

}  // namespace

std::vector<Case> tls_cases() {
  return {
      {11, "no client certificate", Here{no_certificate, "refused: TLS failed"}},
      {12, "a self-signed certificate of a stranger", Here{stranger, "refused: unknown key"}},
      {13, "the certificate of a removed member",
       DoesNotApply{"members are those of genesis until epochs change them; a key that is not of a "
                    "member is case 12"}},
      {14, "the right key, a hello for another member",
       Here{hello_to_another, "refused: other member indices"}},
      {15, "one member's certificate, another one's hello",
       Here{hello_of_another, "refused: other member indices"}},
      {16, "certificates that are over or not yet valid",
       Here{dates, "taken: the key is pinned, and dates mean nothing"}},
      {17, "TLS 1.2, NULL ciphers, plain text, renegotiation",
       Here{old_tls, "refused: TLS failed"}},
      {18, "handshakes that stall, in numbers",
       Here{half_open, "at most 128 open, the oldest displaced; a member comes through"}},
      {19, "a session resumed after revocation",
       Here{resumption, "no tickets, no resumption, no early data"}},
      {20, "two live links of one identity",
       Here{twin, "the newest wins; replaced is counted by member"}},
      {21, "the same keys on another network", Here{other_network, "refused: another network"}},
      {22, "a hello replayed on another session", Here{replayed_hello, "refused: another session"}},
  };
}

}  // namespace sanad::hostile
