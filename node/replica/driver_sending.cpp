// What the driver says: kept back until the journal has what it relies on, then handed over.
#include "node/replica/driver.h"

namespace sanad::node {

using consensus::MemberIndex;
using network::Priority;

namespace {

// Batches above this size do not go before votes.
constexpr std::size_t kUrgentBatchBytes = std::size_t{64} << 10;

}  // namespace

void Driver::say(std::optional<MemberIndex> to, Priority priority, const NodeMessage& message) {
  deferred_.emplace_back(Frame{
      to, priority, std::make_shared<const crypto::Bytes>(crypto::encode(message)), std::nullopt});
}

void Driver::say_consensus(std::optional<MemberIndex> to, const consensus::Message& message) {
  say(to, Priority::kConsensus, ConsensusMessage{crypto::encode(message)});
}

void Driver::send_batch(std::optional<MemberIndex> to, const CheckedBatch& batch) {
  const Priority priority =
      batch.ref().bytes <= kUrgentBatchBytes ? Priority::kConsensus : Priority::kBulk;
  deferred_.emplace_back(
      Frame{to, priority,
            std::make_shared<const crypto::Bytes>(crypto::encode(NodeMessage(batch.wire()))),
            batch.ref().digest});
}

void Driver::send_deferred() {
  transport_.expect(core_.window());
  for (const Deferred& one : std::exchange(deferred_, {})) {
    if (const auto* vote = std::get_if<consensus::CastVote>(&one)) {
      cast(*vote);
    } else {
      release(std::get<Frame>(one));
    }
  }
  if (diverged_) return;
  for (const CheckpointVote& vote : checkpointer_.sign_durable(wall_ms_)) {
    release({std::nullopt, Priority::kConsensus,
             std::make_shared<const crypto::Bytes>(crypto::encode(NodeMessage(vote))),
             std::nullopt});
  }
}

void Driver::release(const Frame& frame) {
  for (std::size_t i = 0; i < options_.committee.n(); ++i) {
    const auto to = static_cast<MemberIndex>(i);
    if (to == options_.self || (frame.to && *frame.to != to) || !sync_.is_up(to)) continue;
    if (!transport_.send(to, frame.priority, frame.bytes)) {
      ++counters_.sends_refused;
      sync_.missing_at(to, frame.asked, now_ms_);  // another one is asked at once
    } else if (frame.batch && pool_.find(*frame.batch) != nullptr) {
      sent_[*frame.batch][to] = now_ms_;
    }
  }
}

void Driver::cast(const consensus::CastVote& cast) {
  consensus::Vote vote =
      consensus::sign_vote(options_.network_id, cast.subject, options_.self, keys_.consensus);
  const consensus::Message message = consensus::message_of(cast, vote);
  release({std::nullopt, Priority::kConsensus,
           std::make_shared<const crypto::Bytes>(
               crypto::encode(NodeMessage(ConsensusMessage{crypto::encode(message)}))),
           std::nullopt});
  own_votes_.push_back(std::move(vote));
}

}  // namespace sanad::node
