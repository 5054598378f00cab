#include "chaincode/state.h"

#include <catch2/catch.hpp>

namespace sanad::tests {
namespace {

using chaincode::MemoryState;
using chaincode::State;
using crypto::Bytes;

const Bytes kOne = {1};
const Bytes kTwo = {2};

TEST_CASE("88: a contract reads its own writes, and what it removed is gone") {
  MemoryState base;
  base.apply({{kOne, Bytes{10}}});
  State state(base);
  CHECK(state.read(kOne) == Bytes{10});
  CHECK_FALSE(state.read(kTwo).has_value());
  state.write(kOne, {11});
  state.write(kTwo, {20});
  CHECK(state.read(kOne) == Bytes{11});
  CHECK(state.read(kTwo) == Bytes{20});
  state.remove(kOne);
  CHECK_FALSE(state.read(kOne).has_value());
  state.write(kOne, {12});
  CHECK(state.read(kOne) == Bytes{12});
  CHECK(base.read(kOne) == Bytes{10});
}

TEST_CASE("87: what a child wrote lands only by being adopted") {
  MemoryState base;
  base.apply({{kOne, Bytes{10}}, {kTwo, Bytes{20}}});
  State block(base);
  {
    State abandoned(block);
    abandoned.write(kOne, {99});
    abandoned.remove(kTwo);
  }
  CHECK(block.writes().empty());
  block.write(kOne, {11});
  State child(block);
  CHECK(child.read(kOne) == Bytes{11});
  child.write(kOne, {12});
  child.remove(kTwo);
  block.adopt(child.take_writes());
  CHECK(block.read(kOne) == Bytes{12});
  CHECK_FALSE(block.read(kTwo).has_value());
  base.apply(block.take_writes());
  CHECK(base.read(kOne) == Bytes{12});
  CHECK_FALSE(base.read(kTwo).has_value());
}

TEST_CASE("a cached reader asks its base once for a key, also for what is not there") {
  class Counting final : public chaincode::StateReader {
   public:
    [[nodiscard]] std::optional<Bytes> read(crypto::ByteView key) const override {
      ++reads;
      return held.read(key);
    }
    MemoryState held;
    mutable int reads = 0;
  };
  Counting base;
  const Bytes longer = {1, 0};
  base.held.apply({{kOne, Bytes{10}}, {longer, Bytes{11}}});
  const chaincode::CachedReader cached(base);
  for (int i = 0; i < 2; ++i) {
    CHECK(cached.read(longer) == Bytes{11});
    CHECK(cached.read(kOne) == Bytes{10});
    CHECK_FALSE(cached.read(kTwo).has_value());
    CHECK_FALSE(cached.read({}).has_value());
  }
  CHECK(base.reads == 4);
}

TEST_CASE("state: keys begin with their owner's letter") {
  CHECK(chaincode::state_key('D', kTwo) == Bytes{'D', 2});
  CHECK(chaincode::state_key('b', {}) == Bytes{'b'});
}

}  // namespace
}  // namespace sanad::tests
