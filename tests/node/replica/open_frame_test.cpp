// C3, C4: what comes from a peer is checked at the door, before the driver's thread hears of it.
#include <catch2/catch.hpp>

#include "node/replica/open_frame.h"

#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

using node::CheckpointVote;
using node::NodeMessage;

struct Door {
  Door() {
    for (std::uint8_t i = 0; i < kAuthorities.size(); ++i) {
      checkpoint.cosigners.push_back({kAuthorities[i], key_of(kCosignerKey, i).public_key()});
    }
  }
  crypto::Result<node::DriverEvent> open(consensus::MemberIndex from, const NodeMessage& message) {
    const crypto::Bytes bytes = crypto::encode(message);
    return node::open_frame({signer.committee(), signer.network(), checkpoint}, {from, bytes},
                            window, cache);
  }
  [[nodiscard]] CheckpointVote vote(std::uint8_t member) const {
    const std::string text = crypto::Checkpoint{checkpoint.origin, 7, {}}.text();
    const auto cosigned = crypto::cosign(key_of(kCosignerKey, member), text, 1'000);
    return {1, 7, {}, cosigned.time_s, cosigned.signature};
  }

  Signer signer;
  node::CheckpointOptions checkpoint{"test-net/00", {}, 0, 3};
  consensus::Window window;
  consensus::SignatureCache cache;
};

TEST_CASE("C3: cosignatures come in from their signer only, and only if they verify") {
  Door door;
  CHECK(door.open(1, door.vote(1)).ok());
  CHECK(door.open(2, door.vote(1)).error() == crypto::Errc::kBadSignature);
  CheckpointVote broken = door.vote(1);
  broken.signature.bytes[7] ^= 1;
  CHECK(door.open(1, broken).error() == crypto::Errc::kBadSignature);

  CHECK(door.open(1, node::LedgerStatus{5, std::nullopt}).ok());
  CHECK(door.open(1, node::LedgerStatus{5, door.vote(1)}).ok());
  CHECK(door.open(1, node::LedgerStatus{5, broken}).error() == crypto::Errc::kBadSignature);
}

}  // namespace
}  // namespace sanad::tests
