#include "chaincode/state.h"

#include <algorithm>

namespace sanad::chaincode {

crypto::Bytes state_key(char owner, crypto::ByteView key) {
  crypto::Bytes whole;
  whole.reserve(1 + key.size());
  whole.push_back(static_cast<std::uint8_t>(owner));
  crypto::append(whole, key);
  return whole;
}

std::optional<crypto::Bytes> CachedReader::read(crypto::ByteView key) const {
  const auto found = fetched_.lower_bound(key);
  if (found != fetched_.end() && std::ranges::equal(found->first, key)) return found->second;
  return fetched_.emplace_hint(found, crypto::Bytes(key.begin(), key.end()), base_.read(key))
      ->second;
}

std::optional<crypto::Bytes> State::read(crypto::ByteView key) const {
  const auto found = writes_.find(key);
  return found != writes_.end() ? found->second : base_.read(key);
}

void State::write(crypto::ByteView key, crypto::Bytes value) {
  writes_.insert_or_assign(crypto::Bytes(key.begin(), key.end()), std::move(value));
}

void State::remove(crypto::ByteView key) {
  writes_.insert_or_assign(crypto::Bytes(key.begin(), key.end()), std::nullopt);
}

void State::adopt(Writes writes) {
  while (!writes.empty()) {
    auto placed = writes_.insert(writes.extract(writes.begin()));
    if (!placed.inserted) placed.position->second = std::move(placed.node.mapped());
  }
}

std::optional<crypto::Bytes> MemoryState::read(crypto::ByteView key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void MemoryState::apply(const Writes& writes) {
  for (const auto& [key, value] : writes) {
    if (value) {
      values_.insert_or_assign(key, *value);
    } else {
      values_.erase(key);
    }
  }
}

}  // namespace sanad::chaincode
