// A: what the bytes of a link can do.
#include <chrono>

#include "tests/hostile/catalogue.h"

namespace sanad::hostile {
namespace {

using network::FrameKind;
using Kind = Expectation::Kind;

Bytes operator+(Bytes first, ByteView second) {
  crypto::append(first, second);
  return first;
}

// [index, payload], whatever the payload is.
Bytes node_message(std::uint8_t index, ByteView payload) { return Bytes{0x82, index} + payload; }
// A consensus message in its envelope, whatever it is.
Bytes consensus_message(const Bytes& message) {
  return crypto::encode(node::NodeMessage(node::ConsensusMessage{message}));
}

// Says each of them to every victim, as messages.
void say_bytes(Attack& attack, const std::vector<Bytes>& payloads) {
  attack.link_all();
  for (const MemberIndex victim : attack.victims()) {
    for (const Bytes& payload : payloads) {
      attack.link(victim).frame(FrameKind::kMessage, payload);
    }
  }
  attack.flush();
  attack.done["messages"] = payloads.size() * attack.victims().size();
}

// A new link for each of them, which must end for this reason.
void break_links(Attack& attack, const std::vector<Bytes>& streams, network::Errc why) {
  for (const MemberIndex victim : attack.victims()) {
    for (const Bytes& stream : streams) {
      Session& session = attack.link(victim);
      session.write(stream);
      require(session.ends_within(10'000), "the link outlived the frame");
      attack.drop(victim);
    }
    attack.expect_link_end(victim, why, streams.size());
  }
  attack.done["links"] += streams.size() * attack.victims().size();
}

void lengths(Attack& attack) {
  break_links(attack, {{0, 0, 0, 0}}, network::Errc::kFrameEmpty);
  // 2^32 − 1, 2^31 (the first half of 2^63, and what is negative to a signed reader).
  break_links(attack, {{0xff, 0xff, 0xff, 0xff}, {0x80, 0, 0, 0, 0, 0, 0, 0}},
              network::Errc::kFrameTooLong);
}

void slow_frame(Attack& attack) {
  const auto begin = std::chrono::steady_clock::now();
  Bytes begun = wire(FrameKind::kMessage, Bytes(1'000'000, 1));
  begun.resize(50);
  for (const MemberIndex victim : attack.victims()) attack.link(victim).write(begun);
  for (const MemberIndex victim : attack.victims()) {
    Session& session = attack.link(victim);
    session.lively = false;  // a pong would be part of the frame
    while (!session.ended()) {
      session.write(Bytes{1});
      session.read(200);
      require(std::chrono::steady_clock::now() - begin < std::chrono::minutes(1),
              "a dripping frame is still taken after a minute");
    }
    attack.expect_link_end(victim, network::Errc::kTimeout);
  }
  attack.done["links"] = attack.victims().size();
}

void too_large(Attack& attack) {
  const auto limit = static_cast<std::uint32_t>(network::MeshLimits{}.frame_bytes_max);
  Bytes head;
  crypto::append_u32be(head, limit + 2);  // its kind, the limit, and one more
  break_links(attack, {head}, network::Errc::kFrameTooLong);
  // What a link carries but no message has.
  say_bytes(attack, {crypto::encode(node::NodeMessage(
                        node::ConsensusMessage{Bytes(node::kConsensusBytesMax + 1, 0)}))});
  attack.expect_invalid(crypto::Errc::kTooLong, 1);
}

void claims_two_gigabytes(Attack& attack) {
  const Bytes bytes_2g = {0x81, 0x5a, 0x80, 0, 0, 0};
  const Bytes list_2g = {0x81, 0x9a, 0x80, 0, 0, 0};
  say_bytes(attack, {node_message(0, bytes_2g), node_message(3, list_2g),
                     consensus_message(Bytes{0x82, 7} + list_2g)});
  attack.expect_invalid(crypto::Errc::kTooLong, 3);
  // Within the limit of the field, beyond the bytes that are there.
  attack.link_all();
  say_bytes(attack, {node_message(0, Bytes{0x81, 0x5a, 0, 0x0f, 0xff, 0xff})});
  attack.expect_invalid(crypto::Errc::kTruncated, 1);
}

void nested(Attack& attack) {
  const Bytes deep(100'000, 0x82);
  say_bytes(attack, {deep, node_message(1, deep), consensus_message(deep)});
  attack.expect_invalid(crypto::Errc::kUnexpectedType, 3);
}

void unknown(Attack& attack) {
  break_links(attack,
              {wire(static_cast<FrameKind>(9), Bytes{1}),
               wire(static_cast<FrameKind>(0x83), Bytes{1}),  // a flag beside the kind
               wire(FrameKind::kPing, Bytes(9, 1)), wire(FrameKind::kHello, Bytes{1})},
              network::Errc::kFrameKind);
  say_bytes(attack, {node_message(6, Bytes{0x80}), consensus_message(Bytes{0x82, 10, 0x80})});
  attack.expect_invalid(crypto::Errc::kUnknownEnumerator, 2);
  for (const MemberIndex victim : attack.victims()) {
    const auto session = attack.dial(victim);
    session->frame(FrameKind::kHello, Bytes{0, 0, 0, network::kProtocolVersion + 1, 0xff});
    require(session->ends_within(10'000), "a hello of another version was taken");
    attack.expect_refusal(victim, network::Errc::kWrongVersion, 1);
  }
}

void trailing(Attack& attack) {
  const Bytes status = crypto::encode(node::NodeMessage(node::LedgerStatus{}));
  const Bytes announce = crypto::encode(consensus::Message(consensus::Announce{}));
  say_bytes(attack, {status + Bytes{0}, status + status, consensus_message(announce + Bytes{0})});
  attack.expect_invalid(crypto::Errc::kTrailingBytes, 3);
}

void not_canonical(Attack& attack) {
  // The length of an array, a number and a byte string in more bytes than they take.
  say_bytes(attack, {Bytes{0x98, 2, 4, 0x82, 0, 0xf6}, Bytes{0x82, 4, 0x82, 0x18, 5, 0xf6},
                     Bytes{0x82, 0, 0x81, 0x58, 1, 0}});
  attack.expect_invalid(crypto::Errc::kNotCanonical, 3);
  // A boolean that is 2; a map where a list is, and its key twice.
  const Bytes nonce = Bytes{0x58, 32} + Bytes(32, 7);
  say_bytes(attack, {consensus_message(Bytes{0x82, 9, 0x84} + nonce + Bytes{2, 0xf6, 0xf6}),
                     Bytes{0x82, 4, 0xa2, 0, 1, 0, 1}});
  attack.expect_invalid(crypto::Errc::kUnexpectedType, 2);
}

void tiny_frames(Attack& attack) {
  const Bytes valid =
      wire(FrameKind::kMessage, crypto::encode(node::NodeMessage(node::LedgerStatus{})));
  const Bytes invalid = wire(FrameKind::kMessage, Bytes{0});
  Bytes burst;
  for (int i = 0; i < 99; ++i) crypto::append(burst, valid);
  crypto::append(burst, invalid);
  attack.link_all();
  const std::size_t bursts = attack.count(1'000, 10'000);
  for (std::size_t i = 0; i < bursts; ++i) {
    for (const MemberIndex victim : attack.victims()) {
      require(attack.link(victim).write(burst), "a link was cut: " + attack.link(victim).end());
    }
    if (i % 16 == 0) attack.pump(0);
  }
  attack.flush();
  attack.expect_invalid(crypto::Errc::kUnexpectedType, bursts);
  for (const MemberIndex victim : attack.victims()) {
    attack.expect(victim, "peer_bytes_in_total", {{"member", attack.member().name(0)}},
                  bursts * burst.size(), Kind::kGrowsAtLeast);
  }
  attack.done["frames"] = bursts * 100 * attack.victims().size();
}

void compressed(Attack& attack) {
  // gzip, zlib and zstd of something long: bytes that are no message, whatever they would become.
  Bytes gzip = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3};
  Bytes zlib = {0x78, 0xda};
  Bytes zstd = {0x28, 0xb5, 0x2f, 0xfd, 0x84};
  for (Bytes* bomb : {&gzip, &zlib, &zstd}) bomb->resize(100'000, 0);
  // In CBOR's eyes they begin with an odd head, a text and a negative number.
  say_bytes(attack, {gzip, zlib, zstd});
  attack.expect_invalid(crypto::Errc::kNotCanonical, 1);
  attack.expect_invalid(crypto::Errc::kUnexpectedType, 2);
  for (const MemberIndex victim : attack.victims()) {
    require(SSL_get_current_compression(attack.link(victim).ssl()) == nullptr,
            "TLS compression is on");
  }
}

}  // namespace

std::vector<Case> framing_cases() {
  return {
      {1, "frame length 0, 2^31, 2^32-1", Here{lengths, "link ended: length 0, or too long"}},
      {2, "a frame that is begun and drips", Here{slow_frame, "link ended: timed out"}},
      {3, "one byte over the limit of a frame, of a message",
       Here{too_large, "link ended: too long; frames invalid: longer than allowed"}},
      {4, "a few bytes that claim 2 GiB",
       Here{claims_two_gigabytes, "frames invalid: longer than allowed, end too early"}},
      {5, "nested 100,000 deep", Here{nested, "frames invalid: another type than expected"}},
      {6, "unknown kinds, flags, alternatives, versions",
       Here{unknown, "link ended: kind; frames invalid: unknown enumerator; refused: version"}},
      {7, "bytes after the message", Here{trailing, "frames invalid: bytes after the end"}},
      {8, "longer heads, a boolean of 2, a map with one key twice",
       Here{not_canonical, "frames invalid: not in canonical form, another type"}},
      {9, "tiny frames without end, one in a hundred invalid",
       Here{tiny_frames, "all read, the invalid ones counted; work goes on, memory bounded"}},
      {10, "compressed bombs", Here{compressed, "frames invalid: nothing is ever decompressed"}},
  };
}

}  // namespace sanad::hostile
