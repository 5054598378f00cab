#include "tests/node/replica/driver_world.h"

namespace sanad::tests {

using simulation::nodes::kMillisecond;
using simulation::nodes::Slot;

namespace {

simulation::nodes::Plan quick_plan(std::optional<std::uint8_t> guilty) {
  simulation::nodes::Plan plan = simulation::nodes::calm_plan(1);
  if (guilty) plan.traitors[*guilty] = simulation::nodes::Attack::kEquivocator;
  plan.delay_min = plan.delay_max = 5 * kMillisecond;
  plan.sync_min = plan.sync_max = 0;
  plan.notice_max = plan.reconnect_max = 1;
  return plan;
}

}  // namespace

DriverWorld::DriverWorld(std::optional<std::uint8_t> guilty)
    : plan_(quick_plan(guilty)), world_(plan_, {}) {
  world_.on_stopped = [this](Slot slot, const crypto::Error&) {
    REQUIRE(world_.machine(slot).disk->fault_happened());
    stopped_by_disk_.insert(slot);
    world_.kill(slot);
  };
  world_.on_said = [this](Slot slot, consensus::MemberIndex to, const node::NodeMessage& message) {
    said(slot, to, message);
  };
}

void DriverWorld::said(Slot slot, consensus::MemberIndex to, const node::NodeMessage& message) {
  if (std::holds_alternative<node::Batch>(message)) ++batches_sent_;
  if (std::holds_alternative<node::GetBatches>(message)) asked_[slot].push_back(to);
  if (const auto* missing = std::get_if<node::BatchesMissing>(&message)) {
    told_missing_.insert(told_missing_.end(), missing->digests.begin(), missing->digests.end());
  }
  if (const auto* words = std::get_if<node::ConsensusMessage>(&message)) {
    const auto inner = checked(crypto::decode<consensus::Message>(words->message));
    if (const auto* stands = std::get_if<consensus::MemberStatus>(&inner)) {
      leads_[slot] = stands->leads;
    }
    if (const auto* ask = std::get_if<consensus::GetBlocks>(&inner)) {
      const consensus::Window& window = world_.machine(slot).process->window();
      ++blocks_asked_[slot];
      if (!window.asked_blocks.contains(ask->tip)) ++blocks_unexpected_[slot];
    }
  }
  const auto* status = std::get_if<node::LedgerStatus>(&message);
  const bool cosigns =
      std::holds_alternative<node::CheckpointVote>(message) || (status && status->newest);
  if (cosigns) ++cosigned_[slot];
}

void DriverWorld::start(std::uint8_t member, node::Quarantine quarantine) {
  const auto started = world_.start(member, quarantine);
  if (!started) FAIL(started.error().message());
}

void DriverWorld::start_all() {
  for (std::uint8_t i = 0; i < plan_.n; ++i) start(i);
}

bool DriverWorld::run_until(const std::function<bool()>& condition, std::uint64_t limit_ms) {
  return world_.run_until(world_.agenda().now() + limit_ms * kMillisecond, condition);
}

void DriverWorld::run_ms(std::uint64_t ms) {
  run_until([] { return false; }, ms);
}

void DriverWorld::cut(std::uint8_t member, bool off) {
  for (Slot other = 0; other < plan_.n; ++other) {
    if (other != member) world_.network().cut(member, other, off);
  }
}

std::optional<chaincode::SubmissionOutcome> DriverWorld::outcome(std::uint8_t member,
                                                                 const Hash& id) const {
  if (!world_.runs(member)) return std::nullopt;
  return chaincode::read_outcome(world_.machine(member).process->ledger().view().state(), id);
}

const node::CheckpointNote* DriverWorld::note(std::uint8_t member) const {
  const auto& note = world_.machine(member).note;
  return note ? &*note : nullptr;
}

node::DriverEvent DriverWorld::opened(std::uint8_t member, consensus::MemberIndex from,
                                      const node::NodeMessage& message) {
  const auto frame = std::make_shared<const crypto::Bytes>(crypto::encode(message));
  auto event = world_.machine(member).process->open(from, frame, cache_);
  if (!event) FAIL(event.error().message());
  return std::move(*event);
}

void DriverWorld::contradict(std::uint8_t guilty, std::uint8_t member) {
  const consensus::View view = driver(member).consensus_status().view;
  for (const std::uint8_t block : std::to_array<std::uint8_t>({1, 2})) {
    const consensus::Subject subject =
        consensus::notarize(consensus::kFirstEpoch, view, view - 1, crypto::sha256(Bytes{block}));
    const consensus::Message vote =
        consensus::sign_vote(world_.realm().network(), subject, guilty,
                             world_.machine(guilty).process->keys().consensus);
    world_.machine(member).process->give(
        opened(member, guilty, node::ConsensusMessage{crypto::encode(vote)}));
  }
  world_.wake(member);
}

std::vector<std::string> DriverWorld::accused(std::uint8_t member) const {
  std::vector<std::string> accused;
  const node::LedgerView view = world_.machine(member).process->ledger().view();
  for (std::uint64_t number = 0; number < view.tip().tree_size; ++number) {
    const auto record = chaincode::decode_record(checked(view.record(number)));
    REQUIRE(record.ok());
    const auto* one = std::get_if<chaincode::Accused>(&record->content);
    if (one != nullptr) accused.push_back(one->accused);
  }
  return accused;
}

void DriverWorld::stall(std::uint8_t member, std::uint64_t ms) {
  simulation::nodes::Machine& machine = world_.machine(member);
  machine.sync_min = machine.sync_max = ms * kMillisecond;
  world_.agenda().after(1'000 * kMillisecond,
                        [&machine] { machine.sync_min = machine.sync_max = 0; });
}

void DriverWorld::require_agreement() const {
  std::map<std::uint64_t, node::CommittedBlock> blocks;
  for (Slot slot = 0; slot < plan_.n; ++slot) {
    if (!world_.runs(slot)) continue;
    const node::LedgerView view = world_.machine(slot).process->ledger().view();
    for (std::uint64_t height = 0; height <= view.tip().height; ++height) {
      const auto block = view.committed(height);
      REQUIRE(block.ok());
      const auto [at, first] = blocks.emplace(height, *block);
      REQUIRE(at->second == *block);
    }
  }
}

}  // namespace sanad::tests
