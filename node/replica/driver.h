// Runs the consensus core: inputs in, actions out, strictly in order.
//
// One turn takes what has come in, advances the core for each input, writes everything that must
// survive (votes, certificates, headers, checkpoints about to be signed) to the journal as one
// group with one sync, and only then sends. Nothing that depends on a record leaves before the
// record is durable. On a batch nothing depends before this member votes for it: it waits for that
// vote's sync (B2), or for a second. The numbers of own batches are set aside durably before that.
//
// Deterministic: no clock, thread or socket of its own; time and inputs are arguments, sending is
// the Transport's. The simulator and the Replica's driver thread run the same code. Not
// thread-safe.
#pragma once

#include <memory>

#include "consensus/core.h"
#include "network/peer_mesh.h"
#include "node/replica/accuser.h"
#include "node/replica/batch_pool.h"
#include "node/replica/counters.h"
#include "node/replica/member_keys.h"
#include "node/replica/recovery.h"
#include "node/replica/sync.h"

namespace sanad::node {

// Takes frames (one NodeMessage each) to other members. False: not taken, the frame is lost.
class Transport {
 public:
  virtual ~Transport() = default;
  // With this to open what comes from now on: said before whatever it may be an answer to is sent.
  virtual void expect(consensus::Window window) = 0;
  virtual bool send(consensus::MemberIndex to, network::Priority priority,
                    const std::shared_ptr<const crypto::Bytes>& frame) = 0;
};

// ---------------------------------------------------------------------------- inputs

struct PeerConsensus {
  consensus::MemberIndex from = 0;
  consensus::Verified<consensus::Message> message;
};
struct PeerBatch {
  consensus::MemberIndex from = 0;
  BatchPtr batch;
};
// GetBatches, BatchesMissing, LedgerStatus or CheckpointVote; a cosignature in it is checked.
struct PeerWord {
  consensus::MemberIndex from = 0;
  NodeMessage message;
};
struct LinkChanged {
  consensus::MemberIndex peer = 0;
  bool up = false;
};
struct SubmissionAdmitted {
  SubmissionPtr submission;
};
// The executor committed a block to the ledger, alone or with others before and after it.
struct BlockExecuted {
  BlockEnd end;
  std::vector<consensus::BatchRef> batches;
  bool has_view = false;  // the last one of its commit
};
using DriverEvent = std::variant<PeerConsensus, PeerBatch, PeerWord, LinkChanged,
                                 SubmissionAdmitted, BlockExecuted, consensus::DelayMeasured>;

struct Turn {
  std::uint64_t now_ms = 0;   // monotonic
  std::uint64_t wall_ms = 0;  // UTC since 1970
  std::vector<DriverEvent> events;
};

// --------------------------------------------------------------------------- outputs

// To be answered from the ledger, at bulk priority, by whoever has time.
struct ServeBatches {
  consensus::MemberIndex to = 0;
  GetBatches request;
};
using Serve = std::variant<consensus::ServeBlocks, ServeBatches>;

struct TurnResult {
  std::vector<FinalizedBlock> execute;  // in order; their BlockExecuted comes back
  // The newest that this member voted for in this turn: likely the next one, a round trip later.
  std::optional<CandidateBlock> candidate;
  std::vector<Serve> serve;
  std::optional<CheckpointNote> checkpoint;  // a newer complete one that the ledger has a view of
  std::vector<consensus::Evidence> evidence;
  std::vector<consensus::CensorshipSuspected> censored;
  std::vector<Disagreement> disagreements;
  std::optional<crypto::Error> diverged;  // once: stop serving
  std::uint64_t wake_at_ms = 0;           // call again by then, with or without events
};

// ------------------------------------------------------------------------------ driver

struct DriverOptions {
  consensus::Committee committee;
  crypto::Hash network_id;
  consensus::MemberIndex self = 0;
  consensus::Limits consensus_limits;
  BatchPoolLimits batch_limits;
  SyncLimits sync_limits;
  CheckpointOptions checkpoint;
  consensus::BeaconSource beacon;
  std::function<std::uint64_t()> clock_us;  // for counters only; may be empty
  std::uint64_t submission_window_ms = 0;   // genesis'
  bool leaves_quarantine = false;           // R3
  crypto::Hash nonce;                       // fresh randomness of this run
};

class Driver {
 public:
  // Recovers from an opened journal. `keys`, `ledger` and `transport` outlive the driver.
  static crypto::Result<std::unique_ptr<Driver>> create(DriverOptions options,
                                                        const MemberKeys& keys,
                                                        Journal::Opened journal,
                                                        const Ledger& ledger, Transport& transport);
  ~Driver();

  // An error is the journal's: this node must stop at once, having sent nothing of this turn.
  crypto::Result<TurnResult> turn(Turn input);
  // Makes the journal's end known as clean. Nothing may follow.
  crypto::Status close();

  // For the threads that verify.
  [[nodiscard]] consensus::Window window() const { return core_.window(); }
  [[nodiscard]] consensus::CoreStatus consensus_status() const { return core_.status(); }
  [[nodiscard]] std::uint64_t committed_height() const { return committed_height_; }
  // Of another thread, too.
  [[nodiscard]] std::shared_ptr<const FinalBatches> final_batches() const {
    return sync_.final_batches();
  }
  // Of the others' ledgers (Sync::credible_claim).
  [[nodiscard]] std::uint64_t credible_claim() const {
    return sync_.credible_claim(options_.committee.f());
  }
  // True once enough members have said since the start how far they are.
  [[nodiscard]] bool heard_quorum() const {
    return sync_.heard() + 1 >= options_.committee.quorum();
  }
  [[nodiscard]] const ReplicaCounters& counters();

 private:
  Driver(DriverOptions options, const MemberKeys& keys, std::unique_ptr<Journal> journal,
         Recovered recovered, Transport& transport);

  // What waits for the sync of this turn, in order.
  struct Frame {
    std::optional<consensus::MemberIndex> to;  // nothing: everybody else
    network::Priority priority = network::Priority::kConsensus;
    std::shared_ptr<const crypto::Bytes> bytes;
    std::optional<crypto::Hash> batch;  // whose sending is to be remembered
    std::vector<crypto::Hash> asked{};  // batches, of the one member that it goes to
  };
  using Deferred = std::variant<Frame, consensus::CastVote>;

  void start();
  void step(consensus::Event event);
  void carry_out(consensus::Action action);
  void take(PeerConsensus event);
  void take(PeerBatch event);
  void take(PeerWord event);
  void take(LinkChanged event);
  void take(SubmissionAdmitted event);
  void take(BlockExecuted event);
  void take(consensus::DelayMeasured event) { step(event); }
  void answer(consensus::MemberIndex from, const GetBatches& request);
  Taken hold(BatchPtr batch, bool wanted);
  [[nodiscard]] bool leads_soon() const;
  void hurry_batches(consensus::View proposed);
  void pack_batches();
  void tick();
  void send_own_batches();
  [[nodiscard]] LedgerStatus ledger_status() const;
  void follow_lag();
  void note_disagreements();
  void note_divergence(const crypto::Error& error);
  void say(std::optional<consensus::MemberIndex> to, network::Priority priority,
           const NodeMessage& message);
  void say_consensus(std::optional<consensus::MemberIndex> to, const consensus::Message& message);
  void send_batch(std::optional<consensus::MemberIndex> to, const CheckedBatch& batch);
  void note_candidate(const consensus::OwnVote& vote);
  void keep_evidence(consensus::Evidence evidence);
  void submit_evidence();
  void send_deferred();
  void release(const Frame& frame);
  void cast(const consensus::CastVote& vote);
  void hand_over_blocks();
  // To be durable before this turn says anything.
  void persist(std::uint8_t kind, crypto::ByteView bytes);
  crypto::Status sync_journal();
  crypto::Status tidy_journal();
  void move_pinned_batches();
  [[nodiscard]] std::uint64_t segments_pinned() const;
  void append_carry_over();
  void append_sequence();
  void reserve_sequence();
  void skip_sequence();
  void append_committed(const CommittedEntry& entry);
  void record_committed(const BlockEnd& end, std::span<const crypto::Hash> batches);
  crypto::Status remember_committed(const Archive& archive, std::uint64_t tip);
  [[nodiscard]] std::uint64_t next_wake() const;

  DriverOptions options_;
  const MemberKeys& keys_;
  std::unique_ptr<Journal> journal_;
  Transport& transport_;
  consensus::Core core_;
  BatchPool pool_;
  Checkpointer checkpointer_;
  Sync sync_;
  Accuser accuser_;
  const Ledger* ledger_ = nullptr;
  std::optional<BlockEnd> newest_end_;

  bool started_ = false;
  bool must_sync_ = false;            // what is said from now on depends on what was appended
  consensus::View hurried_view_ = 0;  // whose proposal had batches packed
  std::uint64_t reserved_seq_ = 0;    // own numbers below may be in use (B1)
  bool moving_ = false;               // batches of old segments are being written again
  std::uint64_t committed_height_ = 0;
  std::uint64_t now_ms_ = 0;
  std::uint64_t wall_ms_ = 0;
  std::optional<std::uint64_t> timer_at_ms_;
  std::uint64_t next_tick_ms_ = 0;
  bool can_propose_ = true;
  bool diverged_ = false;
  // B1: own batches go again to a member whose link came up, but not each time that it does.
  struct Resend {
    bool owed = false;
    std::uint64_t next_ms = 0;  // not before
  };
  std::vector<Resend> resends_;             // by member
  std::vector<consensus::Vote> own_votes_;  // signed, to be given back to the core
  std::vector<Deferred> deferred_;
  // When each uncommitted batch was last sent to each member: asked again too soon means that the
  // copy is still on its way.
  std::map<crypto::Hash, std::map<consensus::MemberIndex, std::uint64_t>> sent_;
  std::map<consensus::MemberIndex, std::size_t> answered_bytes_;  // of batches, in this turn
  TurnResult result_;
  ReplicaCounters counters_;
};

}  // namespace sanad::node
