#include "node/replica/shell.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "chaincode/contracts.h"
#include "node/replica/beacon_source.h"
#include "node/replica/open_frame.h"
#include "node/replica/serve.h"
#include "node/replica/start_driver.h"

namespace sanad::node {
namespace {

using consensus::MemberIndex;
using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr unsigned kGeneralWorkers = 2;
constexpr std::size_t kInboxMax = 4096;
// What is opened and waits for the driver; also the most that one turn has to make durable.
constexpr std::size_t kInboxBytesMax = std::size_t{32} << 20;
constexpr std::size_t kEventsPerTurn = 512;
constexpr std::size_t kPeerFrameBytesMax = std::size_t{16} << 20;  // read, not yet opened
// What a frame counts for beside its bytes: 512 small ones fill a peer's share, so that a flood of
// them neither costs much more memory than bytes nor keeps the others' votes waiting long.
constexpr std::size_t kFrameCost = std::size_t{32} << 10;
constexpr std::size_t kServingMax = 16;  // answers waiting, per peer
// What one commit takes beside what the ledger allows. Who reads waits for it, and so do the
// checkpoints' cosignatures.
constexpr std::size_t kGroupBytesMax = std::size_t{8} << 20;  // of batches
constexpr std::uint64_t kGroupTimeUs = 250'000;
constexpr std::uint64_t kDelayIntervalMs = 1'000;

// What a journal is bound to.
struct JournalOwner {
  crypto::Hash network;
  MemberIndex member = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(network), SANAD_FIELD(member));
  }
};

Status check_keys(const chaincode::Member& member, const MemberKeys& keys) {
  if (member.consensus_key != keys.consensus.public_key() ||
      member.log_key != keys.log.public_key() ||
      member.cosigner_key != keys.cosigner.public_key()) {
    return Error{crypto::Errc::kBadKey, "a key is not " + member.id + "'s in genesis"};
  }
  return {};
}

}  // namespace

Replica::Shell::Shell(ReplicaOptions options, MemberKeys keys, ReplicaEnvironment environment)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      environment_(environment),
      contracts_(*options_.contracts),
      committee_(committee_of(contracts_)),
      checkpoint_(checkpoint_options(contracts_, options_.self, committee_.quorum())),
      executor_(contracts_, environment_.ledger),
      archive_(environment_.ledger),
      pending_({options_.submissions_pending_max, options_.submission_bytes_pending_max}),
      workers_(kGeneralWorkers),
      inbox_(kInboxMax, kInboxBytesMax),
      to_execute_(kInboxMax, 0),
      peers_(committee_.n()),
      frames_invalid_(committee_.n()),
      frames_useless_(committee_.n()) {}

Replica::Shell::~Shell() { stop(); }

std::uint64_t Replica::Shell::now_us() const {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch())
          .count());
}
std::uint64_t Replica::Shell::now_ms() const { return now_us() / 1000; }

std::uint64_t Replica::Shell::wall_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

Status Replica::Shell::start(network::MeshOptions mesh) {
  const chaincode::Member& self = contracts_.genesis().members.at(options_.self);
  SANAD_TRY_STATUS(check_keys(self, keys_));
  const auto beacon = std::make_shared<const BeaconSource>(*crypto::Hash::from(keys_.beacon.view()),
                                                           self.beacon_length, committee_.n());
  if (beacon->anchor() != self.beacon_anchor) {
    return Error{crypto::Errc::kBadKey, "the beacon seed is not " + self.id + "'s in genesis"};
  }
  SANAD_TRY_STATUS(executor_.prepare());
  JournalOptions journal;
  journal.folder = options_.journal_folder;
  journal.owner = crypto::tagged_hash("journal", JournalOwner{contracts_.network(), options_.self});
  DriverOptions driver{.committee = committee_,
                       .network_id = contracts_.network(),
                       .self = options_.self,
                       .consensus_limits = options_.consensus_limits,
                       .batch_limits = {},
                       .sync_limits = {},
                       .checkpoint = checkpoint_,
                       .beacon = [beacon](consensus::View view) { return beacon->reveal(view); },
                       .clock_us = [this] { return now_us(); },
                       .submission_window_ms = contracts_.genesis().params.submission_window_ms,
                       .leaves_quarantine = options_.quarantine == Quarantine::kVoteLater,
                       .nonce = {}};
  randombytes_buf(driver.nonce.bytes.data(), driver.nonce.bytes.size());
  SANAD_TRY(driver_, start_driver({environment_.files, environment_.ledger, keys_, *this}, journal,
                                  driver, options_.quarantine));
  window_ = std::make_shared<const consensus::Window>(driver_->window());
  final_batches_ = driver_->final_batches();
  core_status_ = driver_->consensus_status();
  network::MeshCallbacks callbacks;
  callbacks.on_frame = [this](network::PeerIndex peer, Bytes frame) {
    on_frame(peer, std::move(frame));
  };
  callbacks.on_link = [this](network::PeerIndex peer, bool up) {
    peers_[peer].up = up;
    inbox_.push_over(LinkChanged{peer, up});
  };
  SANAD_TRY(mesh_, network::PeerMesh::start(environment_.io, std::move(mesh), callbacks));
  mesh_known_.count_down();
  accepting_ = true;
  executor_thread_ = std::thread([this] { run_executor(); });
  driver_thread_ = std::thread([this] { run_driver(); });
  return {};
}

void Replica::Shell::stop() {
  if (std::exchange(stopped_, true)) return;
  accepting_ = false;
  workers_.stop();
  inbox_.close();
  to_execute_.close();
  if (driver_thread_.joinable()) driver_thread_.join();
  if (executor_thread_.joinable()) executor_thread_.join();
  if (mesh_) mesh_->stop();
  if (driver_ && status().trouble.empty()) {
    if (const Status closed = driver_->close(); !closed) fail(closed.error());
  }
  finish(pending_.abandon());
}

// ---------------------------------------------------------------------------- peers' frames

void Replica::Shell::on_frame(network::PeerIndex peer, Bytes frame) {
  mesh_known_.wait();
  PeerLoad& load = peers_[peer];
  const std::size_t cost = frame.size() + kFrameCost;
  if (load.frame_bytes.fetch_add(cost) + cost > kPeerFrameBytesMax && !load.paused.exchange(true)) {
    mesh_->pause_reading(peer, true);
    // The workers may have caught up in between, and resumed before the pause: it would never end.
    if (!load.paused) mesh_->pause_reading(peer, false);
  }
  const WorkKind kind = is_batch_frame(frame) ? WorkKind::kBatch : WorkKind::kUrgent;
  workers_.add(kind,
               [this, peer, cost, bytes = std::move(frame)](consensus::SignatureCache& cache) {
                 open_frame(peer, bytes, cache);
                 PeerLoad& done = peers_[peer];
                 if (done.frame_bytes.fetch_sub(cost) - cost < kPeerFrameBytesMax / 2 &&
                     done.paused.exchange(false)) {
                   mesh_->pause_reading(peer, false);
                   if (done.paused)
                     mesh_->pause_reading(peer, true);  // the same the other way round
                 }
               });
}

void Replica::Shell::open_frame(network::PeerIndex peer, ByteView frame,
                                consensus::SignatureCache& cache) {
  std::shared_ptr<const consensus::Window> window;
  {
    const std::lock_guard lock(mutex_);
    window = window_;
  }
  auto event =
      node::open_frame({committee_, contracts_.network(), checkpoint_, final_batches_.get()},
                       {peer, frame}, *window, cache);
  if (event) {
    inbox_.push(std::move(*event), frame.size());
    return;
  }
  const std::lock_guard lock(mutex_);
  auto& counts = is_useless(event.error()) ? frames_useless_ : frames_invalid_;
  ++counts[peer][event.error().code];
}

void Replica::Shell::expect(consensus::Window window) {
  auto opened_with = std::make_shared<const consensus::Window>(std::move(window));
  const std::lock_guard lock(mutex_);
  window_.swap(opened_with);
}

bool Replica::Shell::send(MemberIndex to, network::Priority priority,
                          const std::shared_ptr<const Bytes>& frame) {
  return mesh_->send(to, priority, frame);
}

// ------------------------------------------------------------------------- serving members

void Replica::Shell::serve(const Serve& request) {
  const MemberIndex to = std::visit([](const auto& one) { return one.to; }, request);
  if (peers_[to].serving.fetch_add(1) >= kServingMax) {
    --peers_[to].serving;
    // It asks another member at once; for blocks, in a while.
    const auto* batches = std::get_if<ServeBatches>(&request);
    if (batches != nullptr) reply(to, BatchesMissing{batches->request.digests});
    return;
  }
  workers_.add(WorkKind::kServe, [this, request, to](consensus::SignatureCache&) {
    for (const NodeMessage& message : answers_to(archive_, request)) reply(to, message);
    --peers_[to].serving;
  });
}

void Replica::Shell::reply(MemberIndex to, const NodeMessage& message) {
  ++served_;
  mesh_->send(to, network::Priority::kBulk, std::make_shared<const Bytes>(crypto::encode(message)));
}

// ---------------------------------------------------------------------------- the driver

void Replica::Shell::run_driver() {
  std::uint64_t wake_at_ms = 0;
  while (!inbox_.closed()) {
    const auto deadline = steady_clock::time_point(milliseconds(wake_at_ms));
    std::vector<DriverEvent> events = inbox_.take(kEventsPerTurn, deadline);
    if (inbox_.closed()) return;
    measure_delay(events);
    auto result = driver_->turn({now_ms(), wall_ms(), std::move(events)});
    if (!result) return fail(result.error());
    wake_at_ms = result->wake_at_ms;
    publish(*result);
  }
}

// T2: the way, and the time in which this machine makes a vote durable.
void Replica::Shell::measure_delay(std::vector<DriverEvent>& events) {
  const std::uint64_t now = now_ms();
  if (now < next_delay_ms_) return;
  next_delay_ms_ = now + kDelayIntervalMs;
  const std::vector<network::PeerStats> peers = mesh_->stats().peers;
  for (MemberIndex peer = 0; peer < peers.size(); ++peer) {
    if (!peers[peer].up) {
      delay_.forget(peer);
    } else if (peers[peer].round_trip_us > 0) {
      delay_.add(peer, peers[peer].round_trip_us);
    }
  }
  const std::optional<std::uint64_t> one_way_us = delay_.one_way_us();
  if (!one_way_us) return;
  const Duration sync = driver_->counters().journal_sync;
  const std::uint64_t syncs = sync.count - last_sync_.count;
  const std::uint64_t sync_us = syncs > 0 ? (sync.sum_us - last_sync_.sum_us) / syncs : 0;
  last_sync_ = sync;
  events.emplace_back(consensus::DelayMeasured{(*one_way_us + sync_us) / 1000 + 1});
}

void Replica::Shell::publish(TurnResult& result) {
  for (FinalizedBlock& block : result.execute) to_execute_.push_over(std::move(block));
  if (result.candidate) to_execute_.push_over(std::move(*result.candidate));
  for (const Serve& request : result.serve) serve(request);
  if (result.diverged) stop_serving(*result.diverged);
  for (const consensus::Evidence& evidence : result.evidence) {
    spdlog::error(
        "proof that {} signed what contradicts itself: in the journal, to be put on the ledger",
        contracts_.genesis().members[consensus::accused(evidence)].id);
  }
  for (const Disagreement& other : result.disagreements) {
    spdlog::error("{} cosigned another result than this node: {}, here {}",
                  contracts_.genesis().members[other.member].id, describe(other.theirs),
                  describe(other.ours));
  }
  for (const consensus::CensorshipSuspected& alarm : result.censored) {
    for (const MemberIndex leader : alarm.leaders) {
      spdlog::warn("{} leaves out batch {} of {}", contracts_.genesis().members[leader].id,
                   alarm.ref.seq, contracts_.genesis().members[alarm.ref.author].id);
    }
  }
  const ReplicaCounters counters = driver_->counters();
  const std::lock_guard lock(mutex_);
  core_status_ = driver_->consensus_status();
  peers_height_ = driver_->credible_claim();
  heard_quorum_ = driver_->heard_quorum();
  driver_counters_ = counters;
  if (result.checkpoint) note_ = std::move(result.checkpoint);
}

// --------------------------------------------------------------------------- the executor

void Replica::Shell::run_executor() {
  while (!to_execute_.closed()) {
    auto group = execute_group();
    if (!group) return fail(group.error());
    std::vector<DriverEvent> events;
    for (ExecutedBlock& block : *group) {
      const bool has_view = &block == &group->back();
      events.emplace_back(BlockExecuted{block.end(), std::move(block.batches), has_view});
    }
    inbox_.push_all_over(std::move(events));
    report(*group);
    execute_ahead();
  }
}

// While the others' votes are on their way.
void Replica::Shell::execute_ahead() {
  const std::uint64_t begin = now_us();
  executor_.execute_ahead();
  ahead_us_ += now_us() - begin;
}

// The blocks that are final by now, executed one after another and committed together. Or none,
// where a candidate came first.
Result<std::vector<ExecutedBlock>> Replica::Shell::execute_group() {
  std::vector<ExecutedBlock> group;
  std::uint64_t begin = 0;
  std::uint64_t commit_us = 0;
  std::size_t bytes = 0;
  auto deadline = steady_clock::now() + std::chrono::hours(1);
  do {
    auto taken = to_execute_.take(1, deadline);
    if (taken.empty()) break;
    deadline = {};  // the next one only if it is there
    if (auto* candidate = std::get_if<CandidateBlock>(&taken.front())) {
      executor_.expect(std::move(*candidate));
      if (group.empty()) return group;
      continue;
    }
    const auto& block = std::get<FinalizedBlock>(taken.front());
    for (const consensus::BatchRef& ref : block.header.batches) bytes += ref.bytes;
    const std::uint64_t execute_at = now_us();
    if (group.empty()) begin = execute_at;
    Executor::Planned planned = executor_.execute(block);
    const std::uint64_t append_at = now_us();
    SANAD_TRY(group.emplace_back(), executor_.append(std::move(planned)));
    commit_us += now_us() - append_at;
    tell(group.back());
    const std::lock_guard lock(mutex_);
    executor_counters_.execute.add(append_at - execute_at + std::exchange(ahead_us_, 0));
  } while (group.size() < kGroupBlocksMax && bytes < kGroupBytesMax &&
           now_us() < begin + kGroupTimeUs);
  if (group.empty()) return group;
  const std::uint64_t commit_at = now_us();
  SANAD_TRY_STATUS(executor_.commit());
  commit_us += now_us() - commit_at;
  const std::lock_guard lock(mutex_);
  executor_counters_.commit.add(commit_us);
  return group;
}

// An executed block: to those who wait for it.
void Replica::Shell::tell(const ExecutedBlock& block) {
  told_height_ = block.committed.height;  // before anybody can hear of it
  const auto finished = pending_.executed(block.outcomes, block.committed.time_ms);
  finish(finished);
  std::vector<chaincode::SubmissionStatus> statuses;
  const std::uint64_t now = now_us();
  {
    const std::lock_guard lock(mutex_);
    for (const PendingSubmissions::Finished& one : finished) {
      statuses.push_back(one.status);
      executor_counters_.admission_to_final.add(now - one.admitted_us);
    }
  }
  const std::lock_guard lock(subscribers_mutex_);
  for (const auto& [id, subscriber] : subscribers_) subscriber.executed(statuses);
}

// What the ledger shows now.
void Replica::Shell::report(const std::vector<ExecutedBlock>& group) {
  if (group.empty()) return;
  for (const ExecutedBlock& block : group) {
    {
      const std::lock_guard lock(mutex_);
      ++executor_counters_.blocks_committed;
      executor_counters_.statements_executed += block.statements;
      executor_counters_.accusations_recorded += block.accusations.size();
    }
    for (const chaincode::Accused& one : block.accusations) {
      spdlog::error("the ledger holds proof of a fault of {}'s validator: {}, number {}",
                    one.accused, enum_names(one.fault)[static_cast<std::size_t>(one.fault)],
                    one.number);
    }
  }
  {
    const std::lock_guard lock(subscribers_mutex_);
    for (const auto& [id, subscriber] : subscribers_) subscriber.committed();
  }
  pending_.committed();
}

void Replica::Shell::finish(const std::vector<PendingSubmissions::Finished>& finished) {
  for (const PendingSubmissions::Finished& one : finished) {
    for (const OnFinished& waiting : one.waiting) waiting(one.status);
  }
}

Replica::SubscriptionId Replica::Shell::subscribe(Subscriber subscriber) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.emplace(next_subscription_, std::move(subscriber));
  return next_subscription_++;
}

void Replica::Shell::unsubscribe(SubscriptionId id) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.erase(id);
}

// ------------------------------------------------------------------------------- failure

// This node cannot keep what it would say: it falls silent at once, and its process should end.
void Replica::Shell::fail(const Error& error) {
  accepting_ = false;
  inbox_.close();
  to_execute_.close();
  spdlog::critical("this node stops: {}", error.message());
  const std::lock_guard lock(mutex_);
  if (trouble_.empty()) trouble_ = error.message();
}

void Replica::Shell::stop_serving(const Error& why) {
  accepting_ = false;
  spdlog::critical("this node no longer serves: {}", why.message());
  const std::lock_guard lock(mutex_);
  diverged_ = true;
  if (trouble_.empty()) trouble_ = why.message();
}

}  // namespace sanad::node
