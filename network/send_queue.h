// Messages that wait to be sent over one link: bounded in bytes per priority, cut into wire bytes
// in pieces of any size, so that many small frames share a write and a large one needs no copy of
// its own. Pure apart from its lock; C5.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <mutex>

#include "network/frame.h"
#include "network/peer_mesh.h"

namespace sanad::network {

// Thread-safe.
class SendQueue {
 public:
  using Message = std::shared_ptr<const Bytes>;
  struct Pushed {
    bool queued = false;
    bool wake = false;  // the taker found the queue empty since the last push that said so
  };

  explicit SendQueue(std::array<std::size_t, kPriorities> bytes_max) : bytes_max_(bytes_max) {}

  // A queue is born closed: it holds only what its link may still carry.
  void open();
  // Drops everything, the frame that was begun included.
  void close();
  // Refused (and counted) if closed, or if payload and head do not fit within the priority's bytes.
  Pushed push(Priority priority, Message message);
  // Appends wire bytes to `out` until it has `bytes` or nothing is left: first the rest of the
  // frame that was begun, then `control` (whole frames of the taker's own, emptied when taken),
  // then consensus, then bulk. Returns the number of messages completed.
  std::size_t take(Bytes& out, std::size_t bytes, Bytes& control);

  [[nodiscard]] std::uint64_t queued_bytes() const;
  // Frames refused or lost so far.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  std::size_t continue_begun(Bytes& out, std::size_t bytes);

  const std::array<std::size_t, kPriorities> bytes_max_;
  mutable std::mutex mutex_;
  bool open_ = false;
  bool wake_asked_ = false;
  std::array<std::deque<Message>, kPriorities> waiting_;
  std::array<std::size_t, kPriorities> bytes_{};  // heads included
  Message begun_;
  std::size_t begun_offset_ = 0;  // payload bytes already taken
  std::uint64_t dropped_ = 0;
};

}  // namespace sanad::network
