#include "network/frame.h"

#include <algorithm>
#include <limits>

namespace sanad::network {
namespace {

bool size_fits_kind(FrameKind kind, std::size_t payload_bytes) {
  switch (kind) {
    case FrameKind::kHello:
    case FrameKind::kMessage:
      return payload_bytes > 0;
    case FrameKind::kPing:
    case FrameKind::kPong:
      return payload_bytes == kPingBytes;
  }
  return false;
}

}  // namespace

std::array<std::uint8_t, kFrameHeadBytes> frame_head(FrameKind kind, std::size_t payload_bytes) {
  assert(payload_bytes < std::numeric_limits<std::uint32_t>::max());
  const auto length = static_cast<std::uint32_t>(payload_bytes + 1);
  return {static_cast<std::uint8_t>(length >> 24), static_cast<std::uint8_t>(length >> 16),
          static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
          static_cast<std::uint8_t>(kind)};
}

Status FrameParser::feed(ByteView bytes, std::vector<Frame>& frames) {
  if (failed_ != Errc::kNone) return Error{failed_};
  while (!bytes.empty()) {
    if (head_bytes_ < kFrameHeadBytes) {
      head_[head_bytes_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (auto judged = judge_head(); !judged) return judged;
      continue;
    }
    Bytes& payload = frame_.payload;
    const std::size_t taken = std::min(payload_bytes_ - payload.size(), bytes.size());
    payload.insert(payload.end(), bytes.begin(), bytes.begin() + static_cast<long>(taken));
    bytes = bytes.subspan(taken);
    if (payload.size() < payload_bytes_) break;
    frames.push_back(std::move(frame_));
    frame_ = {};
    head_bytes_ = 0;
  }
  return {};
}

Status FrameParser::judge_head() {
  if (head_bytes_ == kFrameHeadBytes - 1) {
    const std::size_t length = crypto::read_u32be(head_);
    if (length == 0) return fail(Errc::kFrameEmpty, "");
    if (length - 1 > payload_bytes_max_) {
      return fail(Errc::kFrameTooLong, std::to_string(length - 1) + " bytes, at most " +
                                           std::to_string(payload_bytes_max_));
    }
    payload_bytes_ = length - 1;
  } else if (head_bytes_ == kFrameHeadBytes) {
    frame_.kind = static_cast<FrameKind>(head_.back());
    if (!size_fits_kind(frame_.kind, payload_bytes_)) {
      return fail(Errc::kFrameKind, "kind " + std::to_string(head_.back()) + " with " +
                                        std::to_string(payload_bytes_) + " bytes");
    }
    // Bounded by the limit; pages that never fill up are never touched.
    frame_.payload.reserve(payload_bytes_);
  }
  return {};
}

Status FrameParser::fail(Errc code, std::string detail) {
  failed_ = code;
  return Error{code, std::move(detail)};
}

}  // namespace sanad::network
