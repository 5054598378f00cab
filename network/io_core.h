// Inside of IoThread, for the files of this folder that use Asio.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>
#include <thread>

#include "network/io.h"

namespace sanad::network {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

inline std::chrono::milliseconds milliseconds(std::uint64_t count) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(count));
}

struct IoThread::Core {
  struct Timer {
    std::shared_ptr<asio::steady_timer> timer;
    std::function<void()> work;
  };

  // Runs `work` on the thread and waits until it is done; at once where the thread is this one or
  // has ended.
  void run(const std::function<void()>& work);

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::mutex mutex;  // guards timers, next_timer and ended
  std::map<TimerId, Timer> timers;
  TimerId next_timer = 1;
  bool ended = false;
  std::thread thread;
};

// Starts a coroutine that owns what it needs. Ours report errors as values and let nothing out.
template <class Executor>
void spawn(const Executor& executor, asio::awaitable<void> coroutine) {
  asio::co_spawn(executor, std::move(coroutine), asio::detached);
}

// The completion token used everywhere: errors as values, never exceptions.
inline auto into(boost::system::error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

}  // namespace sanad::network
