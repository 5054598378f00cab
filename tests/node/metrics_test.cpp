// What an operator can tell from /metrics of a member gone bad: who, and what for.
#include "node/metrics.h"

#include <catch2/catch.hpp>

#include "consensus/errors.h"

namespace sanad::tests {
namespace {

bool has(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("C4: what was refused is counted by member and reason") {
  node::MetricsInput input;
  input.member_ids = {"AE-DU", "KW", "SA"};
  input.self = 1;
  input.counters.frames_invalid.resize(3);
  input.counters.frames_invalid[2][consensus::Errc::kBadBitmap] = 7;
  input.counters.frames_useless.resize(3);
  input.counters.frames_useless[0][consensus::Errc::kOutsideWindow] = 8;
  input.counters.batches_unasked = {0, 0, 3};
  input.counters.batches_refused = {4, 0, 0};
  input.counters.checkpoints_differing = {0, 0, 1};
  input.mesh.peers.resize(3);
  input.mesh.peers[2].ends[network::Errc::kFrameTooLong] = 5;
  input.mesh.refusals[network::Errc::kUnknownKey] = 6;
  const std::string text = node::metrics_text(input);
  CAPTURE(text);
  CHECK(has(
      text,
      R"(sanad_frames_invalid_total{reason="consensus: malformed bitmap of signers",member="SA"} 7)"));
  CHECK(has(
      text,
      R"(sanad_frames_useless_total{reason="consensus: view outside the window",member="AE-DU"} 8)"));
  CHECK(has(text, R"(sanad_batches_unasked_total{member="SA"} 3)"));
  CHECK(has(text, R"(sanad_batches_refused_total{member="AE-DU"} 4)"));
  CHECK(has(text, R"(sanad_checkpoints_differing_total{member="SA"} 1)"));
  CHECK(has(
      text,
      R"(sanad_peer_links_ended_total{reason="network: frame longer than allowed",member="SA"} 5)"));
  CHECK(has(
      text,
      R"(sanad_handshakes_refused_total{reason="network: a key that is not expected here"} 6)"));
  CHECK(text.find(R"(member="KW")") == std::string::npos);
}

}  // namespace
}  // namespace sanad::tests
