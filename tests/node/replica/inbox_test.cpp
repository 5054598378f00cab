// C5: a queue between threads holds no more than its items and bytes.
#include "node/replica/inbox.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

namespace sanad::tests {
namespace {

using node::Inbox;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kItems = 200;

struct Passed {
  std::vector<std::size_t> sizes;  // in order
  std::size_t most_items = 0;      // seen in the queue
  std::size_t most_bytes = 0;
};

// One thread pushes items of the sizes given; this one takes one whenever `fit` of them, or all
// that are left, are in the queue.
Passed pass(Inbox<std::size_t>& inbox, const std::vector<std::size_t>& sizes, std::size_t fit) {
  std::mutex mutex;
  std::condition_variable more;
  std::size_t pushed = 0;
  std::thread producer([&] {
    for (const std::size_t size : sizes) {
      inbox.push(size, size);
      const std::lock_guard lock(mutex);
      ++pushed;
      more.notify_one();
    }
  });
  Passed passed;
  while (passed.sizes.size() < sizes.size()) {
    const std::size_t out = passed.sizes.size();
    const std::size_t until = std::min(out + fit, sizes.size());
    std::unique_lock lock(mutex);
    more.wait(lock, [&] { return pushed >= until; });
    const std::size_t in = pushed;
    lock.unlock();
    passed.most_items = std::max(passed.most_items, in - out);
    const std::size_t bytes =
        std::accumulate(sizes.begin() + long(out), sizes.begin() + long(in), std::size_t{0});
    passed.most_bytes = std::max(passed.most_bytes, bytes);
    for (const std::size_t size : inbox.take(1, Clock::time_point::max())) {
      passed.sizes.push_back(size);
    }
  }
  producer.join();
  return passed;
}

TEST_CASE("C5: an inbox takes bytes up to its limit, however few the items") {
  Inbox<std::size_t> inbox(1'000, 1'000);
  const std::vector<std::size_t> sizes(kItems, 300);
  const Passed passed = pass(inbox, sizes, 3);
  CHECK(passed.sizes == sizes);
  CHECK(passed.most_bytes <= 900);
}

TEST_CASE("an inbox gives what was pushed together in one take") {
  Inbox<std::size_t> inbox(2, 10);
  REQUIRE(inbox.push(1, 1));
  std::thread producer([&inbox] { inbox.push_all_over({2, 3, 4}); });
  std::vector<std::size_t> taken;
  while (taken.size() < 4) {
    const auto some = inbox.take(100, Clock::time_point::max());
    CHECK((some.size() == 1 || some.size() >= 3));
    taken.insert(taken.end(), some.begin(), some.end());
  }
  producer.join();
  CHECK(taken == std::vector<std::size_t>{1, 2, 3, 4});
  inbox.close();
  inbox.push_all_over({5});
  CHECK(inbox.take(1, Clock::time_point::max()).empty());
}

TEST_CASE("C5: an inbox takes items up to its limit, however small") {
  Inbox<std::size_t> inbox(10, 1'000);
  const std::vector<std::size_t> sizes(kItems, 1);
  const Passed passed = pass(inbox, sizes, 10);
  CHECK(passed.sizes == sizes);
  CHECK(passed.most_items <= 10);
}

TEST_CASE("C5: an item larger than the inbox passes alone") {
  Inbox<std::size_t> inbox(10, 1'000);
  const std::vector<std::size_t> sizes = {10, 5'000, 10, 5'000, 5'000, 10};
  const Passed passed = pass(inbox, sizes, 1);
  CHECK(passed.sizes == sizes);
  CHECK(passed.most_bytes <= 5'000);
}

TEST_CASE("an inbox that is closed lets its producer go") {
  Inbox<std::size_t> inbox(10, 1'000);
  REQUIRE(inbox.push(1, 900));
  bool taken = true;
  std::thread producer([&] { taken = inbox.push(2, 900); });
  inbox.close();
  producer.join();
  CHECK_FALSE(taken);
  CHECK(inbox.take(1, Clock::time_point::max()).empty());
}

}  // namespace
}  // namespace sanad::tests
