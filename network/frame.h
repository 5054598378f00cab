// Frames: how messages are cut out of a byte stream between two validators.
//
//   frame   = length(u32, big-endian) kind(u8) payload(length − 1 bytes)
//   length  = 1 + size of the payload; 0 and anything above the limit end the link
//
// Pure; HOSTILE A1–A3, A6.
#pragma once

#include <array>
#include <vector>

#include "network/result.h"

namespace sanad::network {

enum class FrameKind : std::uint8_t {
  kHello,    // first frame of each side, once (hello.h)
  kMessage,  // opaque to the network; never empty
  kPing,     // 8 bytes chosen by the sender
  kPong,     // the 8 bytes of a ping
};

inline constexpr std::size_t kFrameHeadBytes = 5;
inline constexpr std::size_t kPingBytes = 8;

struct Frame {
  FrameKind kind = FrameKind::kMessage;
  Bytes payload;
};

// The first five bytes of a frame. REQUIRES: payload_bytes < 2^32 − 1.
std::array<std::uint8_t, kFrameHeadBytes> frame_head(FrameKind kind, std::size_t payload_bytes);

// Cuts frames out of a stream that arrives in pieces of any size. A length or kind is judged as
// soon as its bytes are there, before anything is stored for it. Not thread-safe.
class FrameParser {
 public:
  // Payloads of at most `payload_bytes_max` bytes are accepted.
  explicit FrameParser(std::size_t payload_bytes_max) : payload_bytes_max_(payload_bytes_max) {}

  // Takes the next bytes and appends the frames that they complete. An error (kFrameEmpty,
  // kFrameTooLong, kFrameKind) is final: every later call returns it again.
  Status feed(ByteView bytes, std::vector<Frame>& frames);

  // True between the first byte of a frame and its last one.
  [[nodiscard]] bool inside_frame() const { return head_bytes_ > 0; }

 private:
  Status judge_head();
  Status fail(Errc code, std::string detail);

  std::size_t payload_bytes_max_;
  std::array<std::uint8_t, kFrameHeadBytes> head_{};
  std::size_t head_bytes_ = 0;
  std::size_t payload_bytes_ = 0;  // announced by the head
  Frame frame_;
  Errc failed_ = Errc::kNone;
};

}  // namespace sanad::network
