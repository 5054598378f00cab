// The clients that wait until their submissions are final. A block costs them what of it they wait
// for, whatever else is waited for.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "chaincode/api_types.h"
#include "network/http_server.h"

namespace sanad::node {

// Used on the I/O thread alone, but for any().
class SubmissionWaiters {
 public:
  // `io` outlives this.
  SubmissionWaiters(network::IoThread& io, std::uint64_t wait_ms) : io_(io), wait_ms_(wait_ms) {}

  // What became of the submission; nothing: the node does not know it any more.
  using Settled = std::function<void(const std::optional<chaincode::SubmissionStatus>& status)>;

  // Who waits in vain gets `in_vain`; who goes away is forgotten within moments.
  void add(const crypto::Hash& id, network::HttpReply reply, network::HttpResponse in_vain,
           Settled settled);
  // Calls back for all who wait for this submission.
  void settle(const crypto::Hash& id, const std::optional<chaincode::SubmissionStatus>& status);
  // Whatever comes afterwards finds nobody. REQUIRES: called before the server is stopped, which
  // waits for the I/O thread; this may then be destroyed on any thread.
  void stop() { *alive_ = false; }
  // True if anybody waits for anything. Any thread: one who is added later asks for the outcome
  // afterwards.
  [[nodiscard]] bool any() const { return count_ > 0; }

 private:
  struct Waiter {
    network::HttpReply reply;
    network::HttpResponse in_vain;
    Settled settled;
    network::IoThread::TimerId timer = 0;
  };
  using Key = std::pair<crypto::Hash, std::uint64_t>;  // submission, running number
  // Nothing if it is gone already.
  std::optional<Waiter> take(const Key& key);

  network::IoThread& io_;
  std::uint64_t wait_ms_;
  std::map<Key, Waiter> waiters_;
  std::uint64_t next_ = 0;
  std::atomic<std::size_t> count_ = 0;
  // Timers and connections look here first.
  std::shared_ptr<std::atomic<bool>> alive_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace sanad::node
