#include "network/io.h"

#include <boost/asio/post.hpp>
#include <future>

#include "network/io_core.h"

namespace sanad::network {

IoThread::IoThread() : core_(std::make_unique<Core>()) {
  core_->thread = std::thread([core = core_.get()] { core->context.run(); });
}

IoThread::~IoThread() { stop(); }

void IoThread::post(std::function<void()> work) { asio::post(core_->context, std::move(work)); }

IoThread::TimerId IoThread::after(std::uint64_t delay_ms, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(core_->context, milliseconds(delay_ms));
  const std::scoped_lock lock(core_->mutex);
  const TimerId id = core_->next_timer++;
  core_->timers.emplace(id, Core::Timer{timer, std::move(work)});
  timer->async_wait([core = core_.get(), id](const boost::system::error_code&) {
    std::function<void()> due;
    {
      const std::scoped_lock inner(core->mutex);
      const auto found = core->timers.find(id);
      if (found == core->timers.end()) return;  // cancelled
      due = std::move(found->second.work);
      core->timers.erase(found);
    }
    due();
  });
  return id;
}

void IoThread::cancel(TimerId id) {
  Core::Timer cancelled;
  {
    const std::scoped_lock lock(core_->mutex);
    const auto found = core_->timers.find(id);
    if (found == core_->timers.end()) return;
    cancelled = std::move(found->second);
    core_->timers.erase(found);
  }
  // The timer object itself belongs to the thread.
  asio::post(core_->context, [timer = std::move(cancelled.timer)] { timer->cancel(); });
}

void IoThread::stop() {
  assert(!is_current());
  if (!core_->thread.joinable()) return;
  core_->context.stop();
  core_->thread.join();
  const std::scoped_lock lock(core_->mutex);
  core_->ended = true;
  core_->timers.clear();
}

bool IoThread::is_current() const { return core_->thread.get_id() == std::this_thread::get_id(); }

void IoThread::Core::run(const std::function<void()>& work) {
  const auto runs_here = [this] {
    const std::scoped_lock lock(mutex);
    return ended || thread.get_id() == std::this_thread::get_id();
  };
  if (runs_here()) return work();
  std::promise<void> done;
  asio::post(context, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace sanad::network
