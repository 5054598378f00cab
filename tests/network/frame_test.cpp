#include "network/frame.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/network/wire.h"

using namespace sanad;
using namespace sanad::network;
using sanad::tests::wire;

namespace {

Bytes head(std::uint32_t length, std::uint8_t kind) {
  Bytes bytes;
  crypto::append_u32be(bytes, length);
  bytes.push_back(kind);
  return bytes;
}

// What the parser says about the bytes, given at once and byte by byte: it must be the same.
Errc verdict(std::size_t limit, const Bytes& bytes) {
  std::vector<Frame> whole_frames;
  FrameParser whole(limit);
  const Status at_once = whole.feed(bytes, whole_frames);

  std::vector<Frame> single_frames;
  FrameParser single(limit);
  Status one_by_one;
  for (const std::uint8_t byte : bytes) {
    if (one_by_one) one_by_one = single.feed(ByteView(&byte, 1), single_frames);
  }
  REQUIRE(at_once.ok() == one_by_one.ok());
  REQUIRE(whole_frames.size() == single_frames.size());
  for (std::size_t i = 0; i < whole_frames.size(); ++i) {
    REQUIRE(whole_frames[i].payload == single_frames[i].payload);
    REQUIRE(whole_frames[i].kind == single_frames[i].kind);
  }
  if (at_once) return Errc::kNone;
  REQUIRE(at_once.error().code == one_by_one.error().code);
  return static_cast<Errc>(at_once.error().code.value());
}

}  // namespace

TEST_CASE("A frame has a length, a kind and its payload") {
  CHECK(wire(FrameKind::kMessage, {7, 8}) == Bytes{0, 0, 0, 3, 1, 7, 8});
  CHECK(wire(FrameKind::kPing, Bytes(8, 1)) == Bytes{0, 0, 0, 9, 2, 1, 1, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("Frames come out whole and in order however the stream is cut") {
  Bytes stream;
  for (std::size_t size = 1; size < 40; ++size) {
    crypto::append(stream, wire(FrameKind::kMessage, Bytes(size, static_cast<std::uint8_t>(size))));
  }
  for (std::size_t step = 1; step < 60; ++step) {
    FrameParser parser(64);
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      const auto piece = ByteView(stream).subspan(at, std::min(step, stream.size() - at));
      REQUIRE(parser.feed(piece, frames).ok());
    }
    CHECK_FALSE(parser.inside_frame());
    REQUIRE(frames.size() == 39);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      REQUIRE(frames[i].payload == Bytes(i + 1, static_cast<std::uint8_t>(i + 1)));
    }
  }
}

TEST_CASE("A1: lengths 0, 2^31 and 2^32-1 are refused before anything is stored") {
  CHECK(verdict(1024, head(0, 1)) == Errc::kFrameEmpty);
  CHECK(verdict(1024, head(0x8000'0000u, 1)) == Errc::kFrameTooLong);
  CHECK(verdict(1024, head(std::numeric_limits<std::uint32_t>::max(), 1)) == Errc::kFrameTooLong);
  // The four bytes of the length are enough.
  CHECK(verdict(1024, {0xff, 0xff, 0xff, 0xff}) == Errc::kFrameTooLong);
  CHECK(verdict(1024, {0, 0, 0, 0}) == Errc::kFrameEmpty);
}

TEST_CASE("A3: a payload of the limit passes, one more byte does not") {
  CHECK(verdict(100, wire(FrameKind::kMessage, Bytes(100, 1))) == Errc::kNone);
  CHECK(verdict(100, wire(FrameKind::kMessage, Bytes(101, 1))) == Errc::kFrameTooLong);
}

TEST_CASE("A6: unknown kinds and sizes that do not belong to a kind are refused") {
  CHECK(verdict(100, wire(static_cast<FrameKind>(4), {1})) == Errc::kFrameKind);
  CHECK(verdict(100, wire(static_cast<FrameKind>(0x81), {1})) == Errc::kFrameKind);
  CHECK(verdict(100, wire(FrameKind::kMessage, {})) == Errc::kFrameKind);
  CHECK(verdict(100, wire(FrameKind::kHello, {})) == Errc::kFrameKind);
  CHECK(verdict(100, wire(FrameKind::kPing, Bytes(7, 0))) == Errc::kFrameKind);
  CHECK(verdict(100, wire(FrameKind::kPong, Bytes(9, 0))) == Errc::kFrameKind);
}

TEST_CASE("After an error the parser stays failed, and frames before it are delivered") {
  FrameParser parser(10);
  std::vector<Frame> frames;
  Bytes stream = wire(FrameKind::kMessage, {1});
  crypto::append(stream, head(0, 1));
  CHECK(parser.feed(stream, frames).error() == Errc::kFrameEmpty);
  CHECK(frames.size() == 1);
  CHECK(parser.feed(wire(FrameKind::kMessage, {1}), frames).error() == Errc::kFrameEmpty);
  CHECK(frames.size() == 1);
}

TEST_CASE("The parser knows that it is inside a frame from the first byte to the last") {
  FrameParser parser(10);
  std::vector<Frame> frames;
  const Bytes stream = wire(FrameKind::kMessage, {1, 2});
  for (std::size_t i = 0; i < stream.size(); ++i) {
    REQUIRE(parser.feed(ByteView(stream).subspan(i, 1), frames).ok());
    CHECK(parser.inside_frame() == (i + 1 < stream.size()));
  }
}
