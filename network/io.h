// One thread that waits on sockets and timers. Everything in this folder that waits runs on an
// IoThread; its users post work to it and need no Asio.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace sanad::network {

// Thread-safe. Work posted runs in order, one piece at a time, and must not block: every link and
// every request of the process waits behind it.
class IoThread {
 public:
  using TimerId = std::uint64_t;

  // Starts the thread.
  IoThread();
  // stop().
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void post(std::function<void()> work);
  // Runs `work` once, `delay_ms` from now (monotonic clock).
  TimerId after(std::uint64_t delay_ms, std::function<void()> work);
  // `work` of that timer will not start any more; nothing happens if it already has.
  void cancel(TimerId timer);

  // Ends the thread and drops what has not run. Stop the users of the thread (PeerMesh, HttpServer)
  // first. Idempotent. REQUIRES: called from another thread.
  void stop();
  [[nodiscard]] bool is_current() const;

  // For this folder only (io_core.h).
  struct Core;
  [[nodiscard]] Core& core() { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace sanad::network
