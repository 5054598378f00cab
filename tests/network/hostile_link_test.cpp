// What a stranger, or a member gone bad, can do to the port of a mesh.
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <list>

#include "network/frame.h"
#include "network/hello.h"
#include "tests/network/mesh_fixture.h"
#include "tests/network/raw_socket.h"
#include "tests/network/wire.h"

using namespace sanad;
using namespace sanad::network;
using namespace sanad::tests;

namespace {

// Member 1 of 3 runs; the test plays member 0, whose key it has.
struct Victim {
  explicit Victim(const std::function<void(MeshLimits&)>& change = [](MeshLimits&) {}) : net(3) {
    net.limits.silence_timeout_ms = 60'000;
    change(net.limits);
    member.emplace(net.options(1));
  }
  std::uint16_t port() { return member->mesh().port(); }
  std::string last_refusal() { return member->mesh().stats().last_refusal; }
  bool refused(std::string_view why) {
    return eventually([&] { return last_refusal().find(why) != std::string::npos; });
  }
  // The victim still takes an honest link.
  bool alive() {
    Member honest(net.options(0));
    return eventually([&] { return honest.is_up(1) && member->is_up(0); });
  }

  MeshNetwork net;
  std::optional<Member> member;
};

TlsContext context_of(std::uint8_t seed, const Victim& victim) {
  auto context =
      make_link_context(TlsSide::kDialling, seed_of(seed), {victim.net.addresses[1].tls_key});
  REQUIRE(context.ok());
  return std::move(*context);
}

HelloFields true_hello(const Victim& victim, RawTls& tls) {
  const auto binding = session_binding(tls.session());
  REQUIRE(binding.ok());
  return {.network_id = victim.net.network_id, .from = 0, .to = 1, .binding = *binding};
}

// A link of member 0 that is through the hello.
std::unique_ptr<RawTls> linked(Victim& victim, SSL_CTX* context) {
  auto tls = std::make_unique<RawTls>(victim.port(), context);
  REQUIRE(tls->handshake());
  REQUIRE(tls->send(wire(FrameKind::kHello, encode_hello(true_hello(victim, *tls)))));
  REQUIRE(eventually([&] { return victim.member->is_up(0); }));
  return tls;
}

// What comes over a link, looked at for pings only.
class Pings {
 public:
  explicit Pings(RawTls& tls) : tls_(tls), parser_(1 << 20) {}
  // The number in the next one.
  std::uint64_t next() {
    while (true) {
      while (!frames_.empty()) {
        const Frame frame = std::move(frames_.front());
        frames_.erase(frames_.begin());
        if (frame.kind == FrameKind::kPing) return crypto::read_u64be(frame.payload);
      }
      const Bytes bytes = tls_.read_some();
      REQUIRE(!bytes.empty());
      REQUIRE(parser_.feed(bytes, frames_).ok());
    }
  }

 private:
  RawTls& tls_;
  FrameParser parser_;
  std::vector<Frame> frames_;
};

}  // namespace

TEST_CASE("B11: without a certificate there is no link") {
  Victim victim;
  const TlsContext context(SSL_CTX_new(TLS_client_method()));
  RawTls tls(victim.port(), context.get());
  tls.handshake();  // the client side of TLS 1.3 ends before the server judges it
  tls.read_to_end();
  CHECK(victim.refused("certificate"));
  CHECK(victim.alive());
}

TEST_CASE("B12, B13: a key that is not of a member with a lower index is refused") {
  Victim victim;
  // A stranger; and member 2, a member indeed, but one that is dialled and does not dial.
  for (const std::uint8_t seed : {std::uint8_t{77}, std::uint8_t{3}}) {
    const auto before = victim.member->mesh().stats().handshakes_refused;
    const TlsContext context = context_of(seed, victim);
    RawTls tls(victim.port(), context.get());
    tls.handshake();
    tls.read_to_end();
    CHECK(eventually([&] { return victim.member->mesh().stats().handshakes_refused > before; }));
    CHECK(victim.refused("not expected here"));
  }
  CHECK(victim.member->link_events(0).empty());
  CHECK(victim.member->link_events(2).empty());
  CHECK(victim.member->mesh().stats().refusals == ReasonCounts{{Errc::kUnknownKey, 2}});
}

TEST_CASE("B17: TLS 1.2 is refused, and so is plain text") {
  Victim victim;
  SECTION("TLS 1.2") {
    const TlsContext context = context_of(1, victim);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context.get(), "ALL");
    RawTls tls(victim.port(), context.get());
    CHECK_FALSE(tls.handshake());
    CHECK(victim.refused("unsupported protocol"));
  }
  SECTION("HTTP") {
    const RawSocket socket(victim.port());
    socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)socket.read_to_end();
    CHECK(victim.refused("TLS failed"));
  }
  CHECK(victim.alive());
}

TEST_CASE("B17, B19: no session tickets, no resumption, no early data") {
  Victim victim;
  const TlsContext context = context_of(1, victim);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  RawTls first(victim.port(), context.get());
  REQUIRE(first.handshake());
  REQUIRE(first.send(wire(FrameKind::kHello, encode_hello(true_hello(victim, first)))));
  REQUIRE(!first.read_some().empty());  // tickets would have come before their hello
  SSL_SESSION* session = SSL_get0_session(first.session());
  CHECK_FALSE(SSL_SESSION_is_resumable(session));
  CHECK(SSL_SESSION_get_max_early_data(session) == 0);
  CHECK_FALSE(SSL_session_reused(first.session()));
}

TEST_CASE(
    "B14, B15, B21, B22: a hello that does not fit network, members and session ends the link") {
  Victim victim;
  const TlsContext context = context_of(1, victim);
  RawTls tls(victim.port(), context.get());
  REQUIRE(tls.handshake());
  HelloFields hello = true_hello(victim, tls);
  Bytes payload;
  std::string why;
  std::optional<RawTls> other;
  SECTION("another network") {
    hello.network_id.bytes[0] ^= 1;
    payload = encode_hello(hello);
    why = "another network";
  }
  SECTION("member 0's certificate, member 2's hello") {
    hello.from = 2;
    payload = encode_hello(hello);
    why = "other member indices";
  }
  SECTION("meant for another member") {
    hello.to = 2;
    payload = encode_hello(hello);
    why = "other member indices";
  }
  SECTION("of another TLS session") {
    other.emplace(victim.port(), context.get());
    REQUIRE(other->handshake());
    payload = encode_hello(true_hello(victim, *other));
    why = "another TLS session";
  }
  SECTION("another version, whatever follows") {
    payload = {0, 0, 0, kProtocolVersion + 1, 0xff};
    why = "another protocol version";
  }
  SECTION("too short") {
    payload = {0, 0, 0};
    why = "too early";
  }
  SECTION("bytes after it") {
    payload = encode_hello(hello);
    payload.push_back(0);
    why = "bytes after the end";
  }
  REQUIRE(tls.send(wire(FrameKind::kHello, payload)));
  const bool refused = victim.refused(why);
  CAPTURE(why, victim.last_refusal());
  CHECK(refused);
  tls.read_to_end();
  CHECK(victim.member->link_events(0).empty());
  CHECK(victim.alive());
}

TEST_CASE("A message before the hello ends the link") {
  Victim victim;
  const TlsContext context = context_of(1, victim);
  RawTls tls(victim.port(), context.get());
  REQUIRE(tls.handshake());
  REQUIRE(tls.send(wire(FrameKind::kMessage, {1, 2, 3})));
  CHECK(victim.refused("the first frame is not a hello"));
  CHECK(victim.member->frames(0).empty());
}

TEST_CASE("A1, A3, A6: a frame out of bounds ends the link; what came before it counts") {
  Victim victim([](MeshLimits& limits) { limits.frame_bytes_max = 1000; });
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  Bytes stream = wire(FrameKind::kMessage, {'o', 'k'});
  std::string why;
  SECTION("one byte too long") {
    crypto::append(stream, wire(FrameKind::kMessage, Bytes(1001, 1)));
    why = "longer than allowed";
  }
  SECTION("2^32-1") {
    crypto::append(stream, Bytes{0xff, 0xff, 0xff, 0xff});
    why = "longer than allowed";
  }
  SECTION("length 0") {
    crypto::append(stream, Bytes{0, 0, 0, 0});
    why = "length 0";
  }
  SECTION("unknown kind") {
    crypto::append(stream, wire(static_cast<FrameKind>(9), {1}));
    why = "kind";
  }
  SECTION("a second hello") {
    crypto::append(stream, wire(FrameKind::kHello, {1}));
    why = "second hello";
  }
  REQUIRE(tls->send(stream));
  tls->read_to_end();
  REQUIRE(eventually([&] { return !victim.member->is_up(0); }));
  CHECK(victim.member->frames(0) == std::vector<std::string>{"ok"});
  CHECK(victim.member->stats(0).last_error.find(why) != std::string::npos);
  const ReasonCounts ends = victim.member->stats(0).ends;
  REQUIRE(ends.size() == 1);
  CHECK(victim.member->stats(0).last_error.starts_with(ends.begin()->first.message()));
  CHECK(victim.alive());
}

TEST_CASE("A2: a peer that stalls inside a frame is cut off, however lively it is otherwise") {
  Victim victim([](MeshLimits& limits) { limits.frame_timeout_ms = 200; });
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  Bytes begun = wire(FrameKind::kMessage, Bytes(1'000'000, 1));
  begun.resize(50);
  REQUIRE(tls->send(begun));
  // One byte at a time would take a quarter of an hour.
  REQUIRE(eventually([&] { return !tls->send({1}) || !victim.member->is_up(0); }));
  REQUIRE(eventually([&] { return !victim.member->is_up(0); }));
  CHECK(victim.member->stats(0).last_error.find("stalled inside a frame") != std::string::npos);
  CHECK(victim.alive());
}

TEST_CASE("A silent peer is cut off") {
  Victim victim([](MeshLimits& limits) { limits.silence_timeout_ms = 200; });
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  REQUIRE(eventually([&] { return !victim.member->is_up(0); }));
  CHECK(victim.member->stats(0).last_error.find("silent") != std::string::npos);
}

TEST_CASE("A9: 200,000 tiny valid frames and pings are taken") {
  Victim victim;
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  Bytes burst;
  for (int i = 0; i < 1000; ++i) {
    crypto::append(burst, wire(FrameKind::kMessage, {1}));
    crypto::append(burst, wire(FrameKind::kPing, Bytes(8, 2)));
    crypto::append(burst, wire(FrameKind::kPong, Bytes(8, 3)));  // answers to nothing
  }
  for (int i = 0; i < 200; ++i) REQUIRE(tls->send(burst));
  REQUIRE(eventually([&] { return victim.member->stats(0).frames_in == 200'000; }));
  CHECK(victim.member->is_up(0));
}

TEST_CASE(
    "T2: a round trip is measured once for each ping, whatever else is said to be its answer") {
  Victim victim([](MeshLimits& limits) { limits.ping_interval_ms = 5; });
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  Pings pings(*tls);
  std::string told;
  const auto round_trip_after_pong = [&](std::uint64_t number) {
    Bytes pong;
    crypto::append_u64be(pong, number);
    Bytes stream = wire(FrameKind::kPong, pong);
    crypto::append(stream,
                   wire(FrameKind::kMessage, {static_cast<std::uint8_t>('a' + told.size())}));
    REQUIRE(tls->send(stream));
    told += static_cast<char>('a' + told.size());
    REQUIRE(eventually([&] { return victim.member->frames(0).size() == told.size(); }));
    return victim.member->stats(0).round_trip_us;
  };
  const std::uint64_t first = pings.next();
  for (const std::uint64_t forged : {first - 1, first + 1, std::uint64_t{0}, ~std::uint64_t{0}}) {
    CHECK(round_trip_after_pong(forged) == 0);
  }
  // It says itself how long it takes to answer, but only once.
  const std::uint64_t measured = round_trip_after_pong(first);
  CHECK(measured > 0);
  std::uint64_t second = pings.next();
  while (second == first) second = pings.next();
  CHECK(round_trip_after_pong(first) == measured);
  CHECK(round_trip_after_pong((first + second) / 2) == measured);
  // An answer that takes longer than the time between two pings is one as well.
  for (int later = 0; later < 20; ++later) pings.next();
  const std::uint64_t slow = round_trip_after_pong(second);
  CHECK(slow >= 20 * 5'000);
  CHECK(slow != measured);
}

TEST_CASE("HOSTILE 111: out of descriptors, links go on, and new ones come once there are some") {
  Victim victim;
  const TlsContext context = context_of(1, victim);
  auto tls = linked(victim, context.get());
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(client >= 0);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = 256;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  std::vector<int> held;
  for (int fd = dup(client); fd >= 0; fd = dup(client)) held.push_back(fd);
  REQUIRE(errno == EMFILE);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(victim.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected =
      connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const ReasonCounts::key_type no_descriptor = make_error_code(Errc::kListenFailed);
  const bool refused =
      eventually([&] { return victim.member->mesh().stats().refusals.contains(no_descriptor); });
  const bool sent = tls->send(wire(FrameKind::kMessage, {'o', 'k'}));
  const bool taken = eventually([&] { return victim.member->got(0, "ok"); });
  for (const int fd : held) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);

  CHECK(connected == 0);
  CHECK(refused);
  CHECK((sent && taken));
  CHECK(victim.member->is_up(0));
  close(client);
  CHECK(victim.alive());
}

TEST_CASE("B18: stalled handshakes time out, and cannot keep a member out") {
  SECTION("each has its deadline") {
    Victim victim([](MeshLimits& limits) { limits.handshake_timeout_ms = 200; });
    const RawSocket before_tls(victim.port());
    CHECK(before_tls.read_to_end().empty());
    CHECK(victim.refused("handshake"));
    const TlsContext context = context_of(1, victim);
    RawTls before_hello(victim.port(), context.get());
    REQUIRE(before_hello.handshake());
    before_hello.read_to_end();
    CHECK(victim.refused("handshake"));
  }
  SECTION("newer ones displace the oldest") {
    Victim victim([](MeshLimits& limits) {
      limits.handshakes_max = 8;
      limits.handshake_timeout_ms = 60'000;
    });
    std::list<RawSocket> half_open;
    for (int i = 0; i < 100; ++i) half_open.emplace_back(victim.port());
    REQUIRE(eventually([&] { return victim.member->mesh().stats().handshakes_displaced >= 92; }));
    CHECK(victim.member->mesh().stats().handshakes_open <= 8);
    CHECK(victim.alive());
  }
}
