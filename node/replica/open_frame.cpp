#include "node/replica/open_frame.h"

namespace sanad::node {

crypto::Result<DriverEvent> open_frame(const FrameContext& context, const PeerFrame& frame,
                                       const consensus::Window& window,
                                       consensus::SignatureCache& cache) {
  SANAD_TRY(NodeMessage message, crypto::decode<NodeMessage>(frame.bytes));
  if (const auto* said = std::get_if<ConsensusMessage>(&message)) {
    const consensus::Verifier verifier(context.committee, context.network_id, cache);
    SANAD_TRY(auto verified, verifier.verify(crypto::ByteView(said->message), frame.from, window));
    return DriverEvent{PeerConsensus{frame.from, std::move(verified)}};
  }
  if (const auto* batch = std::get_if<Batch>(&message)) {
    SANAD_TRY(BatchPtr checked,
              check_batch({context.committee, context.network_id}, *batch, context.final_batches));
    return DriverEvent{PeerBatch{frame.from, std::move(checked)}};
  }
  const auto* cosigned = std::get_if<CheckpointVote>(&message);
  const auto* status = std::get_if<LedgerStatus>(&message);
  if (status != nullptr && status->newest) cosigned = &*status->newest;
  if (cosigned != nullptr) {
    SANAD_TRY_STATUS(check_cosignature(context.checkpoint, frame.from, *cosigned));
  }
  return DriverEvent{PeerWord{frame.from, std::move(message)}};
}

bool is_useless(const crypto::Error& error) {
  return error.code == consensus::Errc::kNotNeeded || error.code == consensus::Errc::kOutsideWindow;
}

bool is_batch_frame(crypto::ByteView frame) {
  constexpr std::uint8_t kBatchAlternative = 1;
  return frame.size() > 1 && frame[1] == kBatchAlternative;
}

}  // namespace sanad::node
