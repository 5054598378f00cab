#include "network/send_queue.h"

#include <catch2/catch.hpp>

#include "network/backoff.h"
#include "tests/network/mesh_fixture.h"

using namespace sanad;
using namespace sanad::network;
using sanad::tests::message;

namespace {

// The texts of the messages that a whole stream holds.
std::vector<std::string> texts(const Bytes& stream) {
  FrameParser parser(1 << 20);
  std::vector<Frame> frames;
  REQUIRE(parser.feed(stream, frames).ok());
  std::vector<std::string> found;
  for (const Frame& frame : frames) found.emplace_back(crypto::as_text(frame.payload));
  return found;
}

std::size_t take(SendQueue& queue, Bytes& stream, std::size_t bytes) {
  Bytes none;
  return queue.take(stream, bytes, none);
}

}  // namespace

TEST_CASE("Consensus frames overtake bulk frames, never a frame that was begun") {
  SendQueue queue({1000, 1000});
  queue.open();
  queue.push(Priority::kBulk, message("bulk one"));
  queue.push(Priority::kBulk, message("bulk two"));
  Bytes stream;
  CHECK(take(queue, stream, 7) == 0);  // the head and two bytes of "bulk one"
  queue.push(Priority::kConsensus, message("vote"));
  CHECK(take(queue, stream, 1000) == 3);
  CHECK(texts(stream) == std::vector<std::string>{"bulk one", "vote", "bulk two"});
}

TEST_CASE("Control frames go before messages, never into one that was begun") {
  SendQueue queue({1000, 1000});
  queue.open();
  queue.push(Priority::kBulk, message("begun"));
  Bytes stream;
  take(queue, stream, 6);
  queue.push(Priority::kConsensus, message("vote"));
  Bytes control;
  crypto::append(control, frame_head(FrameKind::kMessage, 4));
  crypto::append(control, crypto::as_bytes("ping"));
  queue.take(stream, 8, control);
  CHECK(control.size() == 9);  // not yet
  queue.take(stream, 1000, control);
  CHECK(control.empty());
  CHECK(texts(stream) == std::vector<std::string>{"begun", "ping", "vote"});
  control.assign(13, 0);
  Bytes alone;
  CHECK(queue.take(alone, 1000, control) == 0);
  CHECK(alone.size() == 13);
}

TEST_CASE("Many small frames share one write") {
  SendQueue queue({1 << 20, 1 << 20});
  queue.open();
  for (int i = 0; i < 100; ++i) queue.push(Priority::kConsensus, message("x"));
  Bytes stream;
  CHECK(take(queue, stream, 1 << 16) == 100);
  CHECK(texts(stream).size() == 100);
}

TEST_CASE("A frame larger than a write goes out in pieces") {
  SendQueue queue({1 << 20, 1 << 20});
  queue.open();
  const std::string large(100'000, 'y');
  queue.push(Priority::kBulk, message(large));
  Bytes stream;
  std::size_t done = 0;
  for (int writes = 0; done == 0; ++writes) {
    REQUIRE(writes < 20);
    Bytes piece;
    done = take(queue, piece, 8192);
    CHECK(piece.size() <= 8192);
    crypto::append(stream, piece);
  }
  CHECK(texts(stream) == std::vector<std::string>{large});
}

TEST_CASE("C5: a queue takes bytes up to its limit, heads included, per priority") {
  SendQueue queue({30, 15});
  queue.open();
  CHECK(queue.push(Priority::kBulk, message("0123456789")).queued);  // 10 + 5
  CHECK_FALSE(queue.push(Priority::kBulk, message("0")).queued);
  CHECK(queue.push(Priority::kConsensus, message("0123456789")).queued);
  CHECK(queue.push(Priority::kConsensus, message("0123456789")).queued);
  CHECK_FALSE(queue.push(Priority::kConsensus, message("0")).queued);
  CHECK(queue.dropped() == 2);
  CHECK(queue.queued_bytes() == 45);
  Bytes stream;
  take(queue, stream, 1000);
  CHECK(queue.queued_bytes() == 0);
  CHECK(queue.push(Priority::kBulk, message("0123456789")).queued);
}

TEST_CASE("A closed queue refuses and has lost what it held") {
  SendQueue queue({100, 100});
  CHECK_FALSE(queue.push(Priority::kBulk, message("a")).queued);
  queue.open();
  queue.push(Priority::kConsensus, message("begun"));
  queue.push(Priority::kBulk, message("waiting"));
  Bytes stream;
  take(queue, stream, 6);
  queue.close();
  CHECK(queue.dropped() == 3);
  CHECK(queue.queued_bytes() == 0);
  queue.open();
  stream.clear();
  CHECK(take(queue, stream, 100) == 0);
  CHECK(stream.empty());
}

TEST_CASE("The taker is woken once per time that it found nothing") {
  SendQueue queue({100, 100});
  queue.open();
  CHECK(queue.push(Priority::kConsensus, message("a")).wake);
  CHECK_FALSE(queue.push(Priority::kConsensus, message("b")).wake);
  Bytes stream;
  take(queue, stream, 6);  // "b" is left: the taker comes again by itself
  CHECK_FALSE(queue.push(Priority::kConsensus, message("c")).wake);
  take(queue, stream, 100);
  CHECK(queue.push(Priority::kConsensus, message("d")).wake);
}

TEST_CASE("Waits double up to the limit, jittered between half and whole, the same for one seed") {
  Backoff backoff(50, 2000, 7);
  Backoff twin(50, 2000, 7);
  std::uint64_t step = 50;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t wait = backoff.next_ms();
    CHECK(wait == twin.next_ms());
    CHECK(wait >= step / 2);
    CHECK(wait <= step);
    step = std::min<std::uint64_t>(step * 2, 2000);
  }
  backoff.reset();
  CHECK(backoff.next_ms() <= 50);
}
