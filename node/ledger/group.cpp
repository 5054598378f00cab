#include "node/ledger/group.h"

namespace sanad::node {

void Group::add(chaincode::Writes writes) {
  if (state.empty()) {
    state = std::move(writes);
    return;
  }
  while (!writes.empty()) {
    auto added = state.insert(writes.extract(writes.begin()));
    if (!added.inserted) added.position->second = std::move(added.node.mapped());
  }
}

StoreBatch Group::seal() {
  for (const auto& [key, history] : histories) {
    batch.put(Family::kConsignment, key.view(), crypto::encode(history.entry));
  }
  for (const auto& [key, value] : state) {
    if (value) {
      batch.put(Family::kState, key, *value);
    } else {
      batch.remove(Family::kState, key);
    }
  }
  batch.put(Family::kTip, {}, crypto::encode(tip));
  return std::move(batch);
}

}  // namespace sanad::node
