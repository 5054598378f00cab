#include "node/replica/driver.h"

#include <algorithm>

namespace sanad::node {

using consensus::MemberIndex;
using crypto::Error;
using crypto::Result;
using crypto::Status;
using network::Priority;

namespace {

constexpr std::uint64_t kTickMs = 1'000;
// From a proposal's arrival until the votes for it, the own one after its sync, have left.
constexpr std::uint64_t kVoteLeavesMs = 4;
// A copy sent this recently is still on its way, or being checked.
constexpr std::uint64_t kResendBatchMs = 400;
// Own batches that a member gets when its link comes up; it asks for others when it needs them.
constexpr std::size_t kResendBytesMax = std::size_t{8} << 20;
// However often its link comes up in that time.
constexpr std::uint64_t kResendIntervalMs = 5'000;
// C5: batches that one member is answered with in one turn.
constexpr std::size_t kAnswerBytesMax = std::size_t{8} << 20;
// Blocks between what is final and what is executed here at which this member stops and begins
// again to lead (L3).
constexpr std::uint64_t kLagMax = 128;
constexpr std::uint64_t kLagSmall = 16;
// Blocks whose batches are known as ordered after a restart.
constexpr std::uint64_t kBlocksRemembered = 1'024;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

Result<std::unique_ptr<Driver>> Driver::create(DriverOptions options, const MemberKeys& keys,
                                               Journal::Opened journal, const Ledger& ledger,
                                               Transport& transport) {
  const std::optional<CommittedBlock> tip = ledger.tip();
  assert(tip && "the ledger holds genesis before consensus begins");
  const BatchContext context{options.committee, options.network_id};
  SANAD_TRY(Recovered recovered,
            recover(journal.entries, Archive(ledger), tip->height, context, options.self));
  const std::optional<BlockEnd> announced = recovered.announced;
  const std::vector<crypto::Hash> unrecorded = std::move(recovered.unrecorded);
  std::unique_ptr<Driver> driver(new Driver(std::move(options), keys, std::move(journal.journal),
                                            std::move(recovered), transport));
  driver->ledger_ = &ledger;
  driver->committed_height_ = tip->height;
  driver->sync_ = Sync(driver->options_.self, driver->options_.committee.n(), tip->height,
                       driver->options_.sync_limits);
  if (tip->height > 0 && (!announced || announced->height <= tip->height)) {
    const BlockEnd end{tip->height, tip->tree_size, tip->root};
    if (!driver->core_.status().in_quarantine) {  // R3, as with every block that follows
      SANAD_TRY_STATUS(driver->checkpointer_.committed(end, true));
    }
    if (!announced || announced->height < end.height) driver->record_committed(end, unrecorded);
    driver->newest_end_ = end;
  }
  SANAD_TRY_STATUS(driver->remember_committed(Archive(ledger), tip->height));
  // The new segment repeats what is needed of the ones before, which can then go one by one.
  driver->append_carry_over();
  return driver;
}

Driver::Driver(DriverOptions options, const MemberKeys& keys, std::unique_ptr<Journal> journal,
               Recovered recovered, Transport& transport)
    : options_(std::move(options)),
      keys_(keys),
      journal_(std::move(journal)),
      transport_(transport),
      core_({options_.committee, options_.network_id, options_.self, options_.consensus_limits,
             options_.beacon, options_.leaves_quarantine},
            std::move(recovered.consensus)),
      pool_(options_.self, recovered.next_seq, options_.batch_limits),
      checkpointer_(options_.checkpoint, keys.cosigner, keys.log, recovered.announced),
      sync_(options_.self, options_.committee.n(), 0, options_.sync_limits),
      accuser_({options_.network_id, options_.self, options_.committee.n(),
                options_.submission_window_ms},
               keys.consensus),
      newest_end_(recovered.announced),
      reserved_seq_(recovered.next_seq),
      resends_(options_.committee.n()) {
  counters_.batches_unasked.resize(options_.committee.n());
  counters_.batches_refused.resize(options_.committee.n());
  counters_.checkpoints_differing.resize(options_.committee.n());
  for (Recovered::HeldBatch& held : recovered.batches) {
    pool_.add(std::move(held.batch), true, held.segment);
  }
  for (consensus::Evidence& evidence : recovered.evidence) accuser_.keep(std::move(evidence), 0);
}

Driver::~Driver() = default;

// A peer may send or name again what was ordered before this start.
Status Driver::remember_committed(const Archive& archive, std::uint64_t tip) {
  const std::uint64_t first = tip > kBlocksRemembered ? tip - kBlocksRemembered + 1 : 1;
  for (std::uint64_t height = first; height <= tip; ++height) {
    SANAD_TRY(const auto refs, archive.references(height));
    pool_.committed(refs);
  }
  return {};
}

// ------------------------------------------------------------------------------- the turn

Result<TurnResult> Driver::turn(Turn input) {
  now_ms_ = std::max(now_ms_, input.now_ms);
  wall_ms_ = input.wall_ms;
  result_ = {};
  answered_bytes_.clear();
  if (!started_) start();
  // Whatever comes now may make this member propose, and what it has packed by then goes in.
  if (leads_soon()) {
    pool_.hurry(now_ms_);
    pack_batches();
  }
  for (consensus::Vote& vote : std::exchange(own_votes_, {})) {
    step(consensus::OwnVoteSigned{std::move(vote)});
  }
  for (DriverEvent& event : input.events) {
    std::visit([this](auto& one) { take(std::move(one)); }, event);
  }
  pack_batches();
  if (timer_at_ms_ && *timer_at_ms_ <= now_ms_) {
    timer_at_ms_.reset();
    step(consensus::TimerFired{});
  }
  if (next_tick_ms_ <= now_ms_) tick();
  note_disagreements();
  auto completed = checkpointer_.complete();
  if (!completed) {
    note_divergence(completed.error());
  } else if (completed->newest) {
    const BlockEnd& end = *completed->newest;
    counters_.checkpoint_height = end.height;
    result_.checkpoint = std::move(completed->note);
    step(consensus::CheckpointHeld{{end.height, end.tree_size, end.root}});
  }
  for (Sync::Request& request : sync_.due(now_ms_)) {
    counters_.batches_requested += request.ask.digests.size();
    ++counters_.sync_requests;
    std::vector<crypto::Hash> asked = request.ask.digests;
    say(request.to, Priority::kConsensus, std::move(request.ask));
    std::get<Frame>(deferred_.back()).asked = std::move(asked);
  }
  move_pinned_batches();
  SANAD_TRY_STATUS(sync_journal());
  send_deferred();
  hand_over_blocks();
  SANAD_TRY_STATUS(tidy_journal());
  ++counters_.turns;
  result_.wake_at_ms = next_wake();
  return std::move(result_);
}

void Driver::start() {
  started_ = true;
  next_tick_ms_ = now_ms_;
  step(consensus::Started{committed_height_, options_.nonce});
  for (const BatchPtr& batch : pool_.held()) step(consensus::BatchHeld{batch->ref()});
  for (MemberIndex peer = 0; peer < options_.committee.n(); ++peer) {
    if (peer != options_.self) step(consensus::LinkKnown{peer, false});
  }
}

void Driver::step(consensus::Event event) {
  for (consensus::Action& action : core_.step({now_ms_, wall_ms_, std::move(event)})) {
    carry_out(std::move(action));
  }
}

void Driver::carry_out(consensus::Action action) {
  std::visit(
      Overloaded{
          [&](consensus::Persist& one) {
            const consensus::JournalRecord& record = one.record;
            persist(kConsensusEntry, crypto::encode(record));
            if (const auto* vote = std::get_if<consensus::OwnVote>(&record)) note_candidate(*vote);
            if (std::holds_alternative<consensus::Silence>(record)) skip_sequence();
          },
          [&](consensus::CastVote& cast) { deferred_.emplace_back(std::move(cast)); },
          [&](consensus::Broadcast& all) { say_consensus(std::nullopt, all.message); },
          [&](consensus::Send& one) { say_consensus(one.to, one.message); },
          [&](const consensus::SetTimer& timer) { timer_at_ms_ = timer.at_ms; },
          [&](const consensus::RequestBatch& request) {
            sync_.want(request.ref, request.candidates, now_ms_);
          },
          [&](consensus::ServeBlocks& serve) { result_.serve.emplace_back(std::move(serve)); },
          [&](const consensus::Finalized& block) {
            counters_.finalized_height = block.header.height;
            pool_.ordered(block.header.batches);
            sync_.finalized(block, pool_, now_ms_);
          },
          [&](consensus::EvidenceFound& found) { keep_evidence(std::move(found.evidence)); },
          [&](consensus::CensorshipSuspected& alarm) {
            ++counters_.censorship_alarms;
            result_.censored.push_back(std::move(alarm));
          }},
      action);
}

// ------------------------------------------------------------------------------- inputs

void Driver::take(PeerConsensus event) {
  if (const auto* proposal = std::get_if<consensus::Proposal>(&*event.message)) {
    hurry_batches(proposal->vote.subject.view);
  }
  step(consensus::PeerMessage{event.from, event.message});
}

void Driver::take(PeerBatch event) {
  const consensus::BatchRef ref = event.batch->ref();
  const bool wanted = sync_.wants(ref.digest);
  if (!wanted && event.from != ref.author) {
    const bool late = sync_.is_late(ref.digest);
    ++(late ? counters_.batches_late : counters_.batches_unasked[event.from]);
    return;
  }
  ++counters_.batches_received;
  if (hold(std::move(event.batch), wanted) == Taken::kRefused) {
    ++counters_.batches_refused[event.from];
  }
}

Taken Driver::hold(BatchPtr batch, bool wanted) {
  const bool final = sync_.is_final(batch->ref().digest);
  if (!final && pool_.was_committed(batch->ref().digest)) {
    sync_.arrived(batch->ref().digest);  // a proposal or announcement repeats it: never held twice
    return Taken::kHeld;
  }
  const Taken taken = pool_.add(batch, wanted, journal_->segment());
  if (taken == Taken::kRefused) return taken;
  sync_.arrived(batch->ref().digest);
  if (taken == Taken::kHeld) return taken;
  if (taken == Taken::kConflict) {
    const BatchPtr other = pool_.conflicting_with(*batch);
    keep_evidence(consensus::ConflictingBatches{other->signed_header(), batch->signed_header()});
  }
  // A final block's batch goes to the ledger with it; after a crash it is fetched again.
  if (!final) journal_->append(kBatchEntry, batch_entry(*batch));
  step(consensus::BatchHeld{batch->ref()});
  return taken;
}

void Driver::take(PeerWord event) {
  std::visit(Overloaded{[&](const GetBatches& request) { answer(event.from, request); },
                        [&](const BatchesMissing& missing) {
                          sync_.missing_at(event.from, missing.digests, now_ms_);
                        },
                        [&](const LedgerStatus& status) {
                          sync_.claims(event.from, status.height);
                          if (can_propose_) follow_lag();  // begins again with a tick
                          if (status.newest) checkpointer_.take(event.from, *status.newest);
                        },
                        [&](const CheckpointVote& vote) { checkpointer_.take(event.from, vote); },
                        [](const ConsensusMessage&) { assert(false && "opened by the verifier"); },
                        [](const Batch&) { assert(false && "opened by check_batch"); }},
             event.message);
}

void Driver::answer(MemberIndex from, const GetBatches& request) {
  GetBatches elsewhere{request.height, {}};
  BatchesMissing missing;
  for (const crypto::Hash& digest : request.digests) {
    const BatchPtr batch = pool_.find(digest);
    if (batch == nullptr) {
      (request.height > 0 ? elsewhere.digests : missing.digests).push_back(digest);
      continue;
    }
    const auto sent = sent_.find(digest);
    if (sent != sent_.end()) {
      const auto last = sent->second.find(from);
      if (last != sent->second.end() && now_ms_ < last->second + kResendBatchMs) continue;
    }
    std::size_t& answered = answered_bytes_[from];
    if (answered + batch->ref().bytes > kAnswerBytesMax) {
      missing.digests.push_back(digest);  // not here, not now: it asks somebody else
      continue;
    }
    answered += batch->ref().bytes;
    // At once, not when it leaves: asked twice in one turn, it goes out once. The core hears only
    // of what is held and not on its way, so that a flood of requests costs it nothing.
    sent_[digest][from] = now_ms_;
    if (request.height == 0) step(consensus::BatchMissingAt{from, digest});
    send_batch(from, *batch);
  }
  if (!elsewhere.digests.empty()) result_.serve.emplace_back(ServeBatches{from, elsewhere});
  if (!missing.digests.empty()) say(from, Priority::kConsensus, missing);
}

void Driver::take(LinkChanged event) {
  sync_.link(event.peer, event.up);
  step(consensus::LinkKnown{event.peer, event.up});
  if (!event.up) {
    // What was queued for it may be lost.
    for (auto& [digest, sent] : sent_) sent.erase(event.peer);
    return;
  }
  say(event.peer, Priority::kConsensus, ledger_status());  // it learns at once where we stand
  resends_[event.peer].owed = true;
  send_own_batches();
}

// B1: a batch goes to all members, also to one that was away when it was made.
void Driver::send_own_batches() {
  for (std::size_t i = 0; i < resends_.size(); ++i) {
    const auto peer = static_cast<MemberIndex>(i);
    Resend& resend = resends_[i];
    if (!resend.owed || !sync_.is_up(peer) || now_ms_ < resend.next_ms) continue;
    resend = {false, now_ms_ + kResendIntervalMs};
    std::size_t bytes = 0;
    for (const BatchPtr& batch : pool_.held()) {
      if (batch->ref().author != options_.self) continue;
      if (bytes += batch->ref().bytes; bytes > kResendBytesMax) break;
      send_batch(peer, *batch);
    }
  }
}

void Driver::take(SubmissionAdmitted event) {
  if (pool_.admit(std::move(event.submission), now_ms_)) ++counters_.submissions_admitted;
}

void Driver::take(BlockExecuted event) {
  assert(event.end.height == committed_height_ + 1);
  committed_height_ = event.end.height;
  pool_.committed(event.batches);
  sync_.committed(event.end.height);
  CommittedEntry entry{event.end, {}};
  for (const consensus::BatchRef& ref : event.batches) {
    entry.batches.push_back(ref.digest);
    sent_.erase(ref.digest);
  }
  append_committed(entry);
  newest_end_ = event.end;
  // R3: what it cosigned before is forgotten with its votes.
  if (!core_.status().in_quarantine) {
    const auto news = checkpointer_.committed(event.end, event.has_view);
    if (!news) note_divergence(news.error());
  }
  step(consensus::BlockCommitted{event.end.height});
}

void Driver::note_disagreements() {
  result_.disagreements = checkpointer_.disagreements();
  for (const Disagreement& one : result_.disagreements) {
    ++counters_.checkpoints_differing[one.member];
  }
}

void Driver::note_divergence(const Error& error) {
  if (std::exchange(diverged_, true)) return;
  step(consensus::CanPropose{false});
  can_propose_ = false;
  result_.diverged = error;
}

// ------------------------------------------------------------------- what the driver does itself

// R3: own batches that were forgotten may be on their way; theirs are no numbers for new ones.
void Driver::skip_sequence() {
  pool_.skip_sequence();
  append_sequence();
}

// The votes for it are on their way now, and with them the next leader's turn: what leaves just
// before them is in time for that. Once a view, whatever is repeated.
void Driver::hurry_batches(consensus::View proposed) {
  const consensus::View view = core_.status().view;
  if (proposed < view || proposed > view + 1 || proposed <= hurried_view_) return;
  hurried_view_ = proposed;
  pool_.hurry(now_ms_ + kVoteLeavesMs);
}

bool Driver::leads_soon() const {
  const consensus::View view = core_.status().view;
  return options_.committee.leader(view) == options_.self ||
         options_.committee.leader(view + 1) == options_.self;
}

void Driver::pack_batches() {
  if (core_.status().in_quarantine) return;
  while (auto packed = pool_.pack(now_ms_)) {
    if (packed->seq >= reserved_seq_) reserve_sequence();
    const BatchPtr batch = make_batch({options_.committee, options_.network_id}, options_.self,
                                      packed->seq, std::move(packed->submissions), keys_.consensus);
    ++counters_.batches_made;
    // Before the core hears of it: whoever leads proposes it in the same turn, behind it.
    send_batch(std::nullopt, *batch);
    hold(batch, false);
  }
}

void Driver::tick() {
  next_tick_ms_ = now_ms_ + kTickMs;
  must_sync_ = true;
  say(std::nullopt, Priority::kConsensus, ledger_status());
  send_own_batches();
  submit_evidence();
  follow_lag();
}

LedgerStatus Driver::ledger_status() const {
  return {committed_height_, diverged_ ? std::nullopt : checkpointer_.newest_own()};
}

void Driver::follow_lag() {
  if (diverged_) return;
  // What is final is not known yet at a start; what the others have executed is.
  const std::uint64_t newest = std::max(sync_.final_height(), credible_claim());
  const std::uint64_t lag = newest - std::min(newest, committed_height_);
  const bool can = can_propose_ ? lag <= kLagMax : lag <= kLagSmall;
  if (can != std::exchange(can_propose_, can)) step(consensus::CanPropose{can});
}

void Driver::keep_evidence(consensus::Evidence evidence) {
  ++counters_.evidence;
  if (!accuser_.keep(evidence, now_ms_)) return;
  persist(kEvidenceEntry, crypto::encode(evidence));
  result_.evidence.push_back(std::move(evidence));
}

void Driver::submit_evidence() {
  if (!accuser_.waits() || diverged_ || core_.status().in_quarantine) return;
  const LedgerView view = ledger_->view();
  for (SubmissionPtr& one : accuser_.due(now_ms_, wall_ms_, view.state())) {
    take(SubmissionAdmitted{std::move(one)});
  }
}

void Driver::note_candidate(const consensus::OwnVote& vote) {
  if (!vote.header) return;  // no block, or a header that the journal has already
  CandidateBlock block{*vote.header, vote.subject.block, {}};
  for (const consensus::BatchRef& ref : block.header.batches) {
    block.batches.push_back(pool_.find(ref.digest));
    if (block.batches.back() == nullptr) return;
  }
  result_.candidate = std::move(block);
}

void Driver::hand_over_blocks() {
  while (auto block = sync_.next_ready(pool_, now_ms_)) {
    result_.execute.push_back(std::move(*block));
  }
}

std::uint64_t Driver::next_wake() const {
  if (!own_votes_.empty() || moving_) return now_ms_;
  std::uint64_t wake = next_tick_ms_;
  for (const std::optional<std::uint64_t>& at :
       {timer_at_ms_, pool_.pack_at_ms(), sync_.next_due_ms()}) {
    if (at) wake = std::min(wake, *at);
  }
  return wake;
}

const ReplicaCounters& Driver::counters() {
  const consensus::CoreStatus status = core_.status();
  counters_.view = status.view;
  counters_.leads = status.leader == options_.self;
  counters_.view_timeout_ms = status.timeout_ms;
  counters_.nullified_views = status.nullified_views;
  counters_.finalized_height = std::max(counters_.finalized_height, status.final_height);
  counters_.journal_bytes = journal_->stats().bytes_written;
  counters_.journal_segments = journal_->stats().segments;
  counters_.batches_held = pool_.held_count();
  counters_.batch_bytes_held = pool_.held_bytes();
  counters_.submissions_waiting = pool_.waiting_count();
  counters_.committed_height = committed_height_;
  counters_.execution_queue = sync_.executing();
  return counters_;
}

}  // namespace sanad::node
