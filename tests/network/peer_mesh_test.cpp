#include "network/peer_mesh.h"

#include <catch2/catch.hpp>

#include "tests/network/mesh_fixture.h"

using namespace sanad;
using namespace sanad::network;
using namespace sanad::tests;

namespace {

std::vector<std::unique_ptr<Member>> start_all(MeshNetwork& net) {
  std::vector<std::unique_ptr<Member>> members;
  for (std::size_t i = 0; i < net.addresses.size(); ++i) {
    members.push_back(std::make_unique<Member>(net.options(i)));
  }
  return members;
}

bool all_up(const std::vector<std::unique_ptr<Member>>& members) {
  for (const auto& member : members) {
    for (std::size_t peer = 0; peer < members.size(); ++peer) {
      if (peer != member->self() && !member->is_up(peer)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("Two members exchange frames over one link") {
  MeshNetwork net(2);
  auto members = start_all(net);
  REQUIRE(eventually([&] { return all_up(members); }));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(members[0]->send(1, "to one " + std::to_string(i)));
    REQUIRE(members[1]->send(0, "to zero " + std::to_string(i)));
  }
  REQUIRE(eventually([&] { return members[0]->frames(1).size() == 100; }));
  REQUIRE(eventually([&] { return members[1]->frames(0).size() == 100; }));
  for (std::size_t i = 0; i < 100; ++i) {
    REQUIRE(members[1]->frames(0)[i] == "to one " + std::to_string(i));
    REQUIRE(members[0]->frames(1)[i] == "to zero " + std::to_string(i));
  }
  const PeerStats stats = members[1]->stats(0);
  CHECK(stats.up);
  CHECK(stats.links == 1);
  CHECK(stats.frames_in == 100);
  CHECK(stats.bytes_in > 900);
  CHECK(stats.frames_dropped == 0);
}

TEST_CASE("Seven members reach each other, with frames of every size up to the limit") {
  MeshNetwork net(7);
  net.limits.frame_bytes_max = 300'000;
  auto members = start_all(net);
  REQUIRE(eventually([&] { return all_up(members); }));
  const std::string large(300'000, 'z');
  for (auto& member : members) {
    CHECK(member->mesh().broadcast(Priority::kBulk, message(large)) == 6);
    CHECK(member->mesh().broadcast(Priority::kConsensus, message("v")) == 6);
  }
  for (auto& member : members) {
    for (std::size_t peer = 0; peer < 7; ++peer) {
      if (peer == member->self()) continue;
      REQUIRE(eventually([&] { return member->frames(peer).size() == 2; }));
      CHECK(member->got(peer, large));
      CHECK(member->got(peer, "v"));
      CHECK(member->stats(peer).links == 1);
    }
  }
}

TEST_CASE("A member that restarts is reached again, whichever side dials") {
  MeshNetwork net(2);
  auto zero = std::make_unique<Member>(net.options(0));
  auto one = std::make_unique<Member>(net.options(1));
  REQUIRE(eventually([&] { return zero->is_up(1) && one->is_up(0); }));

  one.reset();
  REQUIRE(eventually([&] { return !zero->is_up(1); }));
  CHECK_FALSE(zero->send(1, "nobody there"));
  CHECK(zero->stats(1).frames_dropped == 1);
  one = std::make_unique<Member>(net.options(1));
  REQUIRE(eventually([&] { return zero->is_up(1) && one->is_up(0); }));
  REQUIRE(zero->send(1, "back"));
  REQUIRE(eventually([&] { return one->got(0, "back"); }));
  CHECK(zero->stats(1).links == 2);
  CHECK(zero->link_events(1) == std::vector<bool>{true, false, true});

  zero.reset();
  REQUIRE(eventually([&] { return !one->is_up(0); }));
  zero = std::make_unique<Member>(net.options(0));
  REQUIRE(eventually([&] { return zero->is_up(1) && one->is_up(0); }));
  REQUIRE(one->send(0, "back too"));
  REQUIRE(eventually([&] { return zero->got(1, "back too"); }));
}

TEST_CASE("B20: of two live links of one identity the newest counts, and it is an alert") {
  MeshNetwork net(2);
  Member one(net.options(1));
  Member zero(net.options(0));
  REQUIRE(eventually([&] { return one.is_up(0); }));
  MeshOptions twin_options = net.options(0);
  twin_options.listen.port = 0;
  Member twin(std::move(twin_options));
  REQUIRE(eventually([&] { return one.stats(0).replaced > 0; }));
  REQUIRE(eventually([&] { return one.link_events(0).size() >= 3; }));
  const auto events = one.link_events(0);
  for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i] == (i % 2 == 0));
}

TEST_CASE("C5: a full queue refuses, and a paused reader pushes back until it resumes") {
  MeshNetwork net(2);
  net.limits.frame_bytes_max = 64 << 10;
  net.limits.consensus_queue_bytes_max = 256 << 10;
  net.limits.bulk_queue_bytes_max = 256 << 10;
  Member zero(net.options(0));
  Member one(net.options(1));
  REQUIRE(eventually([&] { return zero.is_up(1) && one.is_up(0); }));
  one.mesh().pause_reading(0, true);

  const std::string frame(64 << 10, 'b');
  std::size_t sent = 0;
  while (zero.send(1, frame, Priority::kBulk)) ++sent;
  CHECK(sent >= 3);
  CHECK(zero.stats(1).frames_dropped == 1);
  CHECK(zero.stats(1).queued_bytes <= (256u << 10));
  CHECK(zero.send(1, "votes have a queue of their own"));

  one.mesh().pause_reading(0, false);
  REQUIRE(eventually([&] { return one.got(0, "votes have a queue of their own"); }));
  REQUIRE(eventually([&] { return one.frames(0).size() == sent + 1; }));
  CHECK(zero.stats(1).links == 1);
}

TEST_CASE("A2: a peer that does not read is given up after the write timeout") {
  MeshNetwork net(2);
  net.limits.write_timeout_ms = 300;
  Member zero(net.options(0));
  Member one(net.options(1));
  REQUIRE(eventually([&] { return zero.is_up(1) && one.is_up(0); }));
  one.mesh().pause_reading(0, true);
  const std::string frame(64 << 10, 'b');
  REQUIRE(eventually([&] {
    while (zero.send(1, frame, Priority::kBulk)) {
    }
    return zero.stats(1).last_error.find("does not read") != std::string::npos;
  }));
  REQUIRE(eventually([&] { return zero.link_events(1).size() >= 2; }));
}

TEST_CASE("Pings keep an idle link alive and measure its round trip") {
  MeshNetwork net(2);
  net.limits.ping_interval_ms = 20;
  net.limits.silence_timeout_ms = 2000;
  Member zero(net.options(0));
  Member one(net.options(1));
  REQUIRE(eventually([&] { return zero.stats(1).round_trip_us > 0; }));
  REQUIRE(eventually([&] { return one.stats(0).round_trip_us > 0; }));
  CHECK(zero.stats(1).frames_in == 0);
}

TEST_CASE("Pings do not cut a frame in two") {
  MeshNetwork net(2);
  net.limits.ping_interval_ms = 1;
  net.limits.frame_bytes_max = 1 << 20;
  net.limits.bulk_queue_bytes_max = 256u << 20;
  Member zero(net.options(0));
  Member one(net.options(1));
  REQUIRE(eventually([&] { return zero.is_up(1) && one.is_up(0); }));
  const auto frame = message(std::string(1 << 20, 'f'));
  for (int i = 0; i < 100; ++i) REQUIRE(zero.mesh().send(1, Priority::kBulk, frame));
  REQUIRE(eventually([&] { return one.stats(0).frames_in == 100 || one.stats(0).links > 1; }));
  CHECK(one.stats(0).links == 1);
  REQUIRE(eventually([&] { return zero.stats(1).round_trip_us > 0; }));
}

TEST_CASE("B21: the same keys with another network id do not meet") {
  MeshNetwork net(2);
  Member zero(net.options(0));
  net.network_id.bytes.fill(0xbb);
  Member one(net.options(1));
  REQUIRE(eventually([&] { return one.mesh().stats().handshakes_refused > 2; }));
  CHECK(one.mesh().stats().last_refusal.find("another network") != std::string::npos);
  CHECK_FALSE(zero.is_up(1));
  CHECK_FALSE(one.is_up(0));
}

TEST_CASE("B12: a self-signed certificate of another key is refused by either side") {
  MeshNetwork net(2);
  MeshOptions accepting = net.options(1);
  SECTION("the one that accepts") {
    Member one(std::move(accepting));
    MeshOptions stranger = net.options(0);
    stranger.tls_seed = seed_of(99);
    stranger.members[0].tls_key = crypto::SigningKey(seed_of(99)).public_key();
    Member zero(std::move(stranger));
    REQUIRE(eventually([&] { return one.mesh().stats().handshakes_refused > 0; }));
    CHECK(one.mesh().stats().last_refusal.find("not expected here") != std::string::npos);
    CHECK(one.link_events(0).empty());
    CHECK(zero.link_events(1).empty());
  }
  SECTION("the one that dials") {
    accepting.tls_seed = seed_of(99);
    accepting.members[1].tls_key = crypto::SigningKey(seed_of(99)).public_key();
    Member one(std::move(accepting));
    Member zero(net.options(0));
    REQUIRE(eventually(
        [&] { return zero.stats(1).last_error.find("not expected here") != std::string::npos; }));
    CHECK(one.link_events(0).empty());
    CHECK(zero.link_events(1).empty());
  }
}

TEST_CASE("B14: another member than the one expected at an address is refused") {
  MeshNetwork net(3);
  // Member 0 has the addresses of 1 and 2 the wrong way round: it reaches keys of members, but not
  // the right ones.
  MeshOptions confused = net.options(0);
  std::swap(confused.members[1].port, confused.members[2].port);
  Member one(net.options(1));
  Member two(net.options(2));
  Member zero(std::move(confused));
  REQUIRE(eventually([&] { return one.is_up(2); }));
  REQUIRE(eventually([&] {
    return zero.stats(1).last_error.find("another member answers") != std::string::npos &&
           zero.stats(2).last_error.find("another member answers") != std::string::npos;
  }));
  CHECK(zero.link_events(1).empty());
  CHECK(zero.link_events(2).empty());
}

TEST_CASE("Options that cannot work are refused before anything starts") {
  IoThread io;
  MeshNetwork net(2);
  const auto start = [&](const std::function<void(MeshOptions&)>& change) {
    MeshOptions options = net.options(0);
    options.listen = {};
    change(options);
    auto started = PeerMesh::start(io, std::move(options), {});
    return started ? std::string("started") : started.error().message();
  };
  CHECK(start([](auto& o) { o.self = 2; }).find("not a member") != std::string::npos);
  CHECK(start([](auto& o) { o.tls_seed = seed_of(9); }).find("TLS key") != std::string::npos);
  CHECK(start([](auto& o) { o.members[1].tls_key = o.members[0].tls_key; }).find("two members") !=
        std::string::npos);
  CHECK(start([](auto& o) { o.limits.bulk_queue_bytes_max = 10; }).find("queue") !=
        std::string::npos);
  CHECK(start([](auto& o) { o.listen.host = "nowhere"; }).find("nowhere") != std::string::npos);
}

TEST_CASE("After stop nothing is called, and stopping twice is harmless") {
  MeshNetwork net(2);
  Member zero(net.options(0));
  Member one(net.options(1));
  REQUIRE(eventually([&] { return zero.is_up(1) && one.is_up(0); }));
  zero.mesh().stop();
  CHECK(zero.link_events(1) == std::vector<bool>{true, false});
  CHECK_FALSE(zero.send(1, "too late"));
  zero.mesh().stop();
  REQUIRE(eventually([&] { return !one.is_up(0); }));
}
