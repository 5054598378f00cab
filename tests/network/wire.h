// A frame's bytes as they travel.
#pragma once

#include "network/frame.h"

namespace sanad::tests {

inline crypto::Bytes wire(network::FrameKind kind, const crypto::Bytes& payload) {
  crypto::Bytes bytes;
  crypto::append(bytes, network::frame_head(kind, payload.size()));
  crypto::append(bytes, payload);
  return bytes;
}

}  // namespace sanad::tests
