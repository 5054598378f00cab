// The contracts' whole state in memory, found by hash: what re-execution from genesis runs on.
#pragma once

#include <string>
#include <unordered_map>

#include "chaincode/state.h"

namespace sanad::tools {

class HashState final : public chaincode::StateReader {
 public:
  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView key) const override {
    const auto found = values_.find(crypto::as_text(key));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  void write(crypto::ByteView key, crypto::Bytes value) {
    values_.insert_or_assign(std::string(crypto::as_text(key)), std::move(value));
  }
  void apply(chaincode::Writes writes) {
    for (auto& [key, value] : writes) {
      if (value) {
        write(key, std::move(*value));
      } else {
        values_.erase(std::string(crypto::as_text(key)));
      }
    }
  }
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using Values = std::unordered_map<std::string, crypto::Bytes, KeyHash, std::equal_to<>>;
  [[nodiscard]] const Values& values() const { return values_; }

 private:
  Values values_;
};

}  // namespace sanad::tools
