// The secrets with which a member takes part (F4). The driver signs; the core never sees a key.
#pragma once

#include "crypto/signature.h"

namespace sanad::node {

struct MemberKeys {
  crypto::SigningKey consensus;  // votes, proposals, batches
  crypto::SigningKey log;        // 0x01 lines
  crypto::SigningKey cosigner;   // 0x04 lines
  crypto::Seed beacon;           // end of the hash chain whose other end is in genesis (C10)
};

}  // namespace sanad::node
