// Digests of the batches that final blocks order and that this member lacks. A quorum certified
// those blocks, so f + 1 honest members have checked what the digests cover (B2), all signatures
// among it: whoever opens such a batch need not check those again.
//
// Thread-safe: the driver adds and removes, workers look.
#pragma once

#include <mutex>
#include <set>

#include "crypto/bytes.h"

namespace sanad::node {

class FinalBatches {
 public:
  void add(const crypto::Hash& digest) {
    const std::lock_guard lock(mutex_);
    digests_.insert(digest);
  }
  void remove(const crypto::Hash& digest) {
    const std::lock_guard lock(mutex_);
    digests_.erase(digest);
  }
  [[nodiscard]] bool contains(const crypto::Hash& digest) const {
    const std::lock_guard lock(mutex_);
    return digests_.contains(digest);
  }

 private:
  mutable std::mutex mutex_;
  std::set<crypto::Hash> digests_;
};

}  // namespace sanad::node
