#include "node/api/proof_views.h"

namespace sanad::node {

void ProofViews::add(LedgerView view) {
  const std::lock_guard lock(mutex_);
  if (!views_.empty() && view.tip().height <= views_.back().tip().height) return;
  views_.push_back(std::move(view));
  // Without a quorum the checkpoint stays where it is: its view, the oldest, is the one to keep.
  if (views_.size() > kViewsKept) views_.erase(views_.begin() + 1);
}

std::optional<LedgerView> ProofViews::at_size(std::uint64_t tree_size) {
  const std::lock_guard lock(mutex_);
  while (views_.size() > 1 && views_.front().tip().tree_size < tree_size) views_.pop_front();
  if (views_.empty() || views_.front().tip().tree_size != tree_size) return std::nullopt;
  return views_.front();
}

std::optional<LedgerView> ProofViews::newest() const {
  const std::lock_guard lock(mutex_);
  if (views_.empty()) return std::nullopt;
  return views_.back();
}

}  // namespace sanad::node
