// A peer's frame becomes a driver's event, or an error: the one way in. Pure work for any thread.
#pragma once

#include "node/replica/checkpointer.h"
#include "node/replica/driver.h"

namespace sanad::node {

// A frame and the authenticated member that sent it.
struct PeerFrame {
  consensus::MemberIndex from = 0;
  crypto::ByteView bytes;
};

// Whose frames they are; its parts outlive it.
struct FrameContext {
  const consensus::Committee& committee;
  crypto::Hash network_id;
  const CheckpointOptions& checkpoint;
  const FinalBatches* final_batches = nullptr;  // may be missing
};

// Decodes, and checks whatever can be checked without the driver's state: consensus messages by the
// Verifier, batches by check_batch, cosignatures by check_cosignature. Errors: crypto's for bytes
// and cosignatures, consensus' and kBatchInvalid for content.
crypto::Result<DriverEvent> open_frame(const FrameContext& context, const PeerFrame& frame,
                                       const consensus::Window& window,
                                       consensus::SignatureCache& cache);

// True for errors that honest members cause: what was not needed any more, or not yet.
bool is_useless(const crypto::Error& error);
// A frame of a batch costs a thousand times a vote's: it is opened after those. By its second byte,
// which is the message's alternative.
bool is_batch_frame(crypto::ByteView frame);

}  // namespace sanad::node
