#include "simulation/nodes/process.h"

#include "node/replica/beacon_source.h"
#include "simulation/nodes/ballots.h"

namespace sanad::simulation::nodes {

using crypto::Result;
using crypto::Status;

namespace {

constexpr std::size_t kEventsPerTurn = 512;             // as the shell
constexpr std::size_t kJournalSegmentBytes = 64 << 10;  // small, so that segments come and go
constexpr std::size_t kWriteBufferBytes = 64 << 10;     // LevelDB's least
constexpr std::uint64_t kLedgerSegmentBytes = 256 << 10;

}  // namespace

Process::Process(const Realm& realm, ProcessOptions options)
    : realm_(realm),
      options_(std::move(options)),
      keys_(tests::member_keys(static_cast<std::uint8_t>(options_.member))),
      checkpoint_(realm.checkpoint(options_.member)) {}

Result<std::unique_ptr<Process>> Process::start(const Realm& realm, ProcessOptions options) {
  std::unique_ptr<Process> process(new Process(realm, std::move(options)));
  Process& self = *process;
  const ProcessOptions& with = self.options_;
  node::LedgerOptions ledger{.folder = kLedgerFolder, .network_id = realm.network()};
  ledger.files = with.disk;
  ledger.segment_bytes_max = kLedgerSegmentBytes;
  ledger.write_buffer_bytes = kWriteBufferBytes;
  ledger.cache_bytes = 1 << 20;
  ledger.later = [&self](std::function<void()> work) {
    self.background_.push_back(std::move(work));
  };
  SANAD_TRY(self.ledger_, node::Ledger::open(ledger));
  self.executor_ = std::make_unique<node::Executor>(realm.contracts(), *self.ledger_);
  SANAD_TRY_STATUS(self.executor_->prepare());
  node::JournalOptions journal;
  journal.folder = kJournalFolder;
  journal.owner.bytes.fill(static_cast<std::uint8_t>(with.member));
  journal.segment_bytes = kJournalSegmentBytes;
  const auto beacon = std::make_shared<const node::BeaconSource>(
      tests::beacon_seed(static_cast<std::uint8_t>(with.member)), tests::kBeaconLength,
      realm.committee().n());
  const node::DriverOptions driver{
      .committee = realm.committee(),
      .network_id = realm.network(),
      .self = with.member,
      .consensus_limits = {},
      .batch_limits = {},
      .sync_limits = {},
      .checkpoint = self.checkpoint_,
      .beacon = [beacon](std::uint64_t view) { return beacon->reveal(view); },
      .clock_us = {},
      .submission_window_ms = realm.contracts().genesis().params.submission_window_ms,
      .leaves_quarantine = with.quarantine == node::Quarantine::kVoteLater,
      .nonce = with.nonce};
  SANAD_TRY(self.driver_, node::start_driver({*with.disk, *self.ledger_, self.keys_, self}, journal,
                                             driver, with.quarantine));
  self.window_ = self.driver_->window();
  return process;
}

Process::~Process() {
  tests::SimulatedDisk& disk = *options_.disk;
  disk.refuse_all();  // what is still in buffers is lost
  driver_.reset();
  executor_.reset();
  ledger_.reset();
  disk.clear_fault();
}

bool Process::send(MemberIndex to, network::Priority, const FramePtr& frame) {
  if (frame->size() > node::kWireBytesMax) violate("I16", "a frame larger than any may be");
  if (!options_.takes(to, frame)) return false;
  sent_.push_back({to, frame});
  return true;
}

Result<node::TurnResult> Process::turn(Micros now, std::uint64_t wall_ms) {
  node::Turn turn{now / kMillisecond, wall_ms, {}};
  const std::size_t count = std::min(events_.size(), kEventsPerTurn);
  const auto end = events_.begin() + static_cast<std::ptrdiff_t>(count);
  turn.events.assign(std::make_move_iterator(events_.begin()), std::make_move_iterator(end));
  events_.erase(events_.begin(), end);
  return driver_->turn(std::move(turn));
}

Result<node::DriverEvent> Process::open(MemberIndex from, const FramePtr& frame,
                                        consensus::SignatureCache& cache) const {
  return node::open_frame(
      {realm_.committee(), realm_.network(), checkpoint_, driver_->final_batches().get()},
      {from, *frame}, window_, cache);
}

Result<node::ExecutedBlock> Process::append(const node::FinalizedBlock& block) {
  return executor_->append(executor_->execute(block));
}

Status Process::commit() {
  work_in_background();  // LevelDB would wait for it while its buffer is full
  return executor_->commit();
}

void Process::work_in_background() {
  while (!background_.empty()) {
    const auto work = std::move(background_.front());
    background_.pop_front();
    work();
  }
}

Status Process::close() { return driver_->close(); }

}  // namespace sanad::simulation::nodes
