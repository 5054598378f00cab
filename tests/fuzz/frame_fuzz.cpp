// Byte streams between validators. The first byte says how the rest is cut into pieces: however
// that is, the same frames come out, whole and within the limit; and the first one is tried as a
// hello.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "network/frame.h"
#include "network/hello.h"

namespace {

using namespace sanad::network;

constexpr std::size_t kPayloadMax = 1000;

struct Outcome {
  std::vector<Frame> frames;
  bool failed = false;
  bool inside_frame = false;
};

Outcome parse(ByteView stream, std::size_t step) {
  Outcome outcome;
  FrameParser parser(kPayloadMax);
  while (!stream.empty() && !outcome.failed) {
    const auto piece = stream.first(std::min(step, stream.size()));
    outcome.failed = !parser.feed(piece, outcome.frames).ok();
    stream = stream.subspan(piece.size());
  }
  outcome.inside_frame = parser.inside_frame();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView stream(data + 1, size - 1);
  const Outcome whole = parse(stream, size);
  const Outcome pieces = parse(stream, std::size_t{1} + data[0]);
  assert(whole.failed == pieces.failed && whole.inside_frame == pieces.inside_frame);
  assert(whole.frames.size() == pieces.frames.size());

  Bytes again;
  for (std::size_t i = 0; i < whole.frames.size(); ++i) {
    const Frame& frame = whole.frames[i];
    assert(frame.kind == pieces.frames[i].kind && frame.payload == pieces.frames[i].payload);
    assert(!frame.payload.empty() && frame.payload.size() <= kPayloadMax);
    sanad::crypto::append(again, frame_head(frame.kind, frame.payload.size()));
    sanad::crypto::append(again, frame.payload);
  }
  assert(std::equal(again.begin(), again.end(), stream.begin()));
  assert(whole.failed || whole.inside_frame || again.size() == stream.size());

  HelloFields expected;
  expected.from = 1;
  if (!whole.frames.empty() && check_hello(whole.frames[0].payload, expected)) {
    assert(encode_hello(expected) == whole.frames[0].payload);
  }
  return 0;
}
