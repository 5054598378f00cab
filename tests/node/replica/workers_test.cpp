// Who gets a worker under load that never ends.
#include "node/replica/workers.h"

#include <catch2/catch.hpp>
#include <latch>
#include <map>

namespace sanad::tests {
namespace {

using node::Workers;
using node::WorkKind;

TEST_CASE("no kind of work starves while the more urgent ones never end") {
  constexpr std::size_t kPieces = 400;
  std::vector<WorkKind> done;
  std::latch general_held(1);
  std::latch urgent_held(1);
  std::latch begin(1);
  std::latch finished(3 * kPieces);
  std::latch end(1);
  // One general thread does it all; the one for urgent work is held up all the time.
  Workers workers(1);
  workers.add(WorkKind::kBatch, [&](consensus::SignatureCache&) {
    general_held.count_down();
    begin.wait();
  });
  general_held.wait();
  workers.add(WorkKind::kUrgent, [&](consensus::SignatureCache&) {
    urgent_held.count_down();
    end.wait();
  });
  urgent_held.wait();

  for (const WorkKind kind : {WorkKind::kUrgent, WorkKind::kBatch, WorkKind::kSubmission}) {
    for (std::size_t i = 0; i < kPieces; ++i) {
      workers.add(kind, [&, kind](consensus::SignatureCache&) {
        done.push_back(kind);  // by one thread
        finished.count_down();
      });
    }
  }
  begin.count_down();
  finished.wait();
  end.count_down();

  // Until the most urgent kind was used up there was work of every kind.
  std::map<WorkKind, std::size_t> counts;
  for (const WorkKind kind : done) {
    if (++counts[kind] == kPieces) break;
  }
  CHECK(counts[WorkKind::kUrgent] == kPieces);
  CHECK(counts[WorkKind::kBatch] > kPieces / 4);
  CHECK(counts[WorkKind::kSubmission] > kPieces / 8);
}

TEST_CASE("answers from the ledger neither wait for other work nor hold it up") {
  Workers workers(1);
  std::latch end(1);
  const auto hold_up = [&](WorkKind kind) {
    std::latch held(1);
    workers.add(kind, [&](consensus::SignatureCache&) {
      held.count_down();
      end.wait();
    });
    held.wait();
  };
  SECTION("an answer, while all other threads are held up") {
    hold_up(WorkKind::kBatch);
    hold_up(WorkKind::kUrgent);
    std::latch answered(1);
    workers.add(WorkKind::kServe, [&](consensus::SignatureCache&) { answered.count_down(); });
    answered.wait();
  }
  SECTION("all other work, while an answer takes long") {
    hold_up(WorkKind::kServe);
    std::latch done(3);
    for (const WorkKind kind : {WorkKind::kUrgent, WorkKind::kBatch, WorkKind::kSubmission}) {
      workers.add(kind, [&](consensus::SignatureCache&) { done.count_down(); });
    }
    done.wait();
  }
  end.count_down();
}

}  // namespace
}  // namespace sanad::tests
