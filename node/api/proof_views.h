// Which ledger view goes with the newest checkpoint: the index can be proved only as of a view's
// own tip (node/ledger/ledger.h), and cosignatures arrive a round trip after the block.
#pragma once

#include <deque>
#include <mutex>
#include <optional>

#include "node/ledger/ledger.h"

namespace sanad::node {

// Thread-safe. Keeps at most kViewsKept views.
class ProofViews {
 public:
  static constexpr std::size_t kViewsKept = 64;

  // The executor committed a block. A view that is not newer than the last is not kept.
  void add(LedgerView view);
  // The view whose tip has exactly this many records, if it is still here; older ones go.
  [[nodiscard]] std::optional<LedgerView> at_size(std::uint64_t tree_size);
  // As of the last commit; nothing before the first.
  [[nodiscard]] std::optional<LedgerView> newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<LedgerView> views_;
};

}  // namespace sanad::node
