// The contracts' view of the ledger's state: a map from byte keys to byte values.
//
// Reads fall through to a base (the store, or a map in a fresh re-execution); writes are buffered,
// in key order, and become durable only with the block (LEDGER F20). Contracts never iterate: every
// read names its key.
//
// Keys are `<letter of the owner> <its own key>`:
//   A  accusations (accusation.cpp)
//   b, B  the beacon, and each member's last reveal (beacon.cpp)
//   C, D, V  consignments, declarations, live identifiers (declaration.h)
//   O  outcomes of submissions (execute.cpp)
//   h  the rules' history (rules/history.h)
#pragma once

#include <map>
#include <optional>

#include "crypto/bytes.h"

namespace sanad::chaincode {

// Read-only state as of the end of one block. Implementations: node/ledger (LevelDB) and
// MemoryState.
class StateReader {
 public:
  virtual ~StateReader() = default;
  [[nodiscard]] virtual std::optional<crypto::Bytes> read(crypto::ByteView key) const = 0;
};

// Byte strings in order; keys are looked up by view, without a copy.
struct KeyOrder {
  using is_transparent = void;
  bool operator()(crypto::ByteView a, crypto::ByteView b) const {
    return crypto::as_text(a) < crypto::as_text(b);
  }
};
// Key → value, or nothing where there is none.
using KeyValues = std::map<crypto::Bytes, std::optional<crypto::Bytes>, KeyOrder>;
// Key → new value, or nothing where the key is removed. Ordered, because it is hashed (F21).
using Writes = KeyValues;

// <letter of the owner> <its own key>.
crypto::Bytes state_key(char owner, crypto::ByteView key);

// Fetches each key from a base once: for one block, during which the base does not change. Not
// thread-safe; the base outlives it.
class CachedReader final : public StateReader {
 public:
  explicit CachedReader(const StateReader& base) : base_(base) {}
  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView key) const override;

 private:
  const StateReader& base_;
  mutable KeyValues fetched_;
};

// A buffer of writes over a base that outlives it. Reads see the buffer first. Not thread-safe.
class State final : public StateReader {
 public:
  explicit State(const StateReader& base) : base_(base) {}

  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView key) const override;
  void write(crypto::ByteView key, crypto::Bytes value);
  void remove(crypto::ByteView key);
  [[nodiscard]] const Writes& writes() const { return writes_; }
  Writes take_writes() { return std::move(writes_); }
  // Takes the buffer of a child state over this one: a statement's effects land whole or not at
  // all.
  void adopt(Writes writes);

 private:
  const StateReader& base_;
  Writes writes_;
};

// A whole state in memory: re-execution, explanation, tests.
class MemoryState final : public StateReader {
 public:
  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView key) const override;
  void apply(const Writes& writes);

 private:
  std::map<crypto::Bytes, crypto::Bytes, KeyOrder> values_;
};

}  // namespace sanad::chaincode
