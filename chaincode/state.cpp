#include "chaincode/state.h"

namespace sanad::chaincode {

crypto::Bytes state_key(char owner, crypto::ByteView key) {
  crypto::Bytes whole;
  whole.reserve(1 + key.size());
  whole.push_back(static_cast<std::uint8_t>(owner));
  crypto::append(whole, key);
  return whole;
}

std::optional<crypto::Bytes> State::read(crypto::ByteView key) const {
  const auto found = writes_.find(crypto::Bytes(key.begin(), key.end()));
  return found != writes_.end() ? found->second : base_.read(key);
}

void State::write(crypto::ByteView key, crypto::Bytes value) {
  writes_.insert_or_assign(crypto::Bytes(key.begin(), key.end()), std::move(value));
}

void State::remove(crypto::ByteView key) {
  writes_.insert_or_assign(crypto::Bytes(key.begin(), key.end()), std::nullopt);
}

void State::adopt(Writes writes) {
  for (auto& [key, value] : writes) writes_.insert_or_assign(key, std::move(value));
}

std::optional<crypto::Bytes> MemoryState::read(crypto::ByteView key) const {
  const auto found = values_.find(crypto::Bytes(key.begin(), key.end()));
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
