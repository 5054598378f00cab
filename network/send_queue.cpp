#include "network/send_queue.h"

#include <algorithm>

namespace sanad::network {

void SendQueue::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
  wake_asked_ = false;
}

void SendQueue::close() {
  const std::scoped_lock lock(mutex_);
  open_ = false;
  for (auto& messages : waiting_) {
    dropped_ += messages.size();
    messages.clear();
  }
  dropped_ += begun_ ? 1 : 0;
  begun_.reset();
  bytes_ = {};
}

SendQueue::Pushed SendQueue::push(Priority priority, Message message) {
  const auto at = static_cast<std::size_t>(priority);
  const std::size_t bytes = kFrameHeadBytes + message->size();
  const std::scoped_lock lock(mutex_);
  if (!open_ || bytes > bytes_max_[at] - bytes_[at]) {
    ++dropped_;
    return {};
  }
  bytes_[at] += bytes;
  waiting_[at].push_back(std::move(message));
  return {.queued = true, .wake = !std::exchange(wake_asked_, true)};
}

std::size_t SendQueue::continue_begun(Bytes& out, std::size_t bytes) {
  const std::size_t room = bytes > out.size() ? bytes - out.size() : 0;
  const std::size_t taken = std::min(room, begun_->size() - begun_offset_);
  crypto::append(out, ByteView(*begun_).subspan(begun_offset_, taken));
  begun_offset_ += taken;
  if (begun_offset_ < begun_->size()) return 0;
  begun_.reset();
  return 1;
}

std::size_t SendQueue::take(Bytes& out, std::size_t bytes, Bytes& control) {
  const std::scoped_lock lock(mutex_);
  std::size_t completed = begun_ ? continue_begun(out, bytes) : 0;
  if (!begun_) {
    crypto::append(out, control);
    control.clear();
  }
  for (std::size_t at = 0; at < kPriorities; ++at) {
    auto& messages = waiting_[at];
    while (!messages.empty() && !begun_ && out.size() < bytes) {
      begun_ = std::move(messages.front());
      begun_offset_ = 0;
      messages.pop_front();
      // What is being written is bounded by the write itself and counts no more.
      bytes_[at] -= kFrameHeadBytes + begun_->size();
      crypto::append(out, frame_head(FrameKind::kMessage, begun_->size()));
      completed += continue_begun(out, bytes);
    }
  }
  if (!begun_ && waiting_[0].empty() && waiting_[1].empty()) wake_asked_ = false;
  return completed;
}

std::uint64_t SendQueue::queued_bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_[0] + bytes_[1];
}

std::uint64_t SendQueue::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace sanad::network
