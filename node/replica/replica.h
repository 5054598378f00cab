// One member's replica: consensus, batches, execution, checkpoints and catch-up around one ledger.
//
// The deciding parts are thread-free classes of this folder (Driver with Journal, BatchPool,
// Checkpointer and Sync; Executor); this shell gives them threads, the peer links and the clock:
//
//   workers   open frames and submissions: decoding, signatures, static checks   (2 threads)
//   driver    runs Driver::turn: journal before send, always                     (1 thread)
//   executor  runs finalised blocks and commits them to the ledger               (1 thread)
//
// They talk by bounded queues. A full queue answers the client kBusy; a peer's frames wait unread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "chaincode/api_types.h"
#include "consensus/limits.h"
#include "crypto/receipt.h"
#include "network/peer_mesh.h"
#include "node/quarantine_choice.h"
#include "node/replica/counters.h"
#include "node/replica/errors.h"
#include "node/replica/member_keys.h"

namespace sanad::chaincode {
class Contracts;
}

namespace sanad::node {

class FileSystem;
class Ledger;
struct CommittedBlock;

struct ReplicaOptions {
  const chaincode::Contracts* contracts = nullptr;  // with the genesis; outlives the replica
  std::uint16_t self = 0;                           // index in the genesis' members
  std::string journal_folder;                       // created if it is not there
  Quarantine quarantine = Quarantine::kRefuse;
  consensus::Limits consensus_limits;
  std::size_t submissions_pending_max = 8192;            // not yet packed or not yet final
  std::size_t submission_bytes_pending_max = 64u << 20;  // the same, in raw bytes
};

// What the replica works with and does not own; all outlive it.
struct ReplicaEnvironment {
  FileSystem& files;
  Ledger& ledger;
  network::IoThread& io;
};

// What becomes of a submission; each is called at most once, on a thread of the replica, and must
// not block. `admitted` always comes first and exactly once.
struct SubmitCallbacks {
  // Checked and queued (kPending), already executed (kFinal), or refused: crypto and chaincode
  // errors are the client's, ReplicaErrc kBusy, kStopping and kQuarantined are this node's.
  std::function<void(crypto::Result<chaincode::SubmissionStatus>)> admitted;
  // Final and executed here, or expired; still pending if the replica stops first. May be empty.
  std::function<void(const chaincode::SubmissionStatus&)> finished;
};

struct ReplicaStatus {
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  std::uint64_t finalized_height = 0;
  std::uint64_t committed_height = 0;   // of the ledger
  std::uint64_t checkpoint_height = 0;  // of the newest one with a quorum, 0: none yet
  std::uint64_t checkpoint_size = 0;
  std::uint64_t best_peer_height = 0;  // ledger height that more than f others claim
  std::vector<bool> connected;         // by member; true for this one
  std::size_t pending_submissions = 0;
  bool caught_up = false;         // not behind what a quorum finalised
  bool quorum_reachable = false;  // links to enough members, this one counted
  bool in_quarantine = false;     // R3: it does not vote in the present view
  bool serving = true;            // false once diverged, failed or draining
  std::string trouble;            // why it does not serve, for the operator
};

// Thread-safe.
class Replica {
 public:
  // Recovers the journal and the blocks between it and the ledger, then joins the network. Where
  // options.quarantine allows it, a damaged journal is set aside and a new one begun (R3). Else
  // kJournalDamaged and kJournalForeign name the file, the offset and what to do.
  static crypto::Result<std::unique_ptr<Replica>> start(ReplicaOptions options, MemberKeys keys,
                                                        ReplicaEnvironment environment,
                                                        network::MeshOptions mesh);
  // stop().
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Takes the bytes of one chaincode::Submission.
  void submit(crypto::Bytes submission, SubmitCallbacks callbacks);
  // What is known of a submission: executed, or pending here; nothing if it was never seen here.
  [[nodiscard]] std::optional<chaincode::SubmissionStatus> outcome(const crypto::Hash& id) const;
  // The block up to which anybody may have heard of an outcome: who reads the ledger for somebody
  // waits until it shows this one.
  [[nodiscard]] std::uint64_t told_height() const;

  // The newest checkpoint note (signed-note text: a quorum of 0x04 lines and this member's 0x01
  // line, F14) and the newest at or above `height`'s block end; nothing if no quorum signed yet.
  [[nodiscard]] std::optional<std::string> latest_checkpoint() const;
  [[nodiscard]] std::optional<std::string> checkpoint_for(std::uint64_t height) const;

  // A receipt of this member's (F15). REQUIRES: what crypto::sign_receipt() does, and that a quorum
  // has cosigned (size, root).
  [[nodiscard]] crypto::Receipt sign_receipt(const crypto::Hash& root, std::uint64_t size,
                                             std::uint64_t index,
                                             std::vector<crypto::Hash> path) const;

  [[nodiscard]] ReplicaStatus status() const;
  [[nodiscard]] ReplicaCounters counters() const;
  [[nodiscard]] network::MeshStats mesh_stats() const;
  // The port of the peer link.
  [[nodiscard]] std::uint16_t peer_port() const;

  // Called on the executor's thread until it is unsubscribed; must not block.
  struct Subscriber {
    // After a block was executed: what became of the submissions admitted here that it ended. The
    // ledger shows the block a moment later (decision 0011).
    std::function<void(const std::vector<chaincode::SubmissionStatus>&)> executed;
    // The ledger has a newer tip.
    std::function<void()> committed;
  };
  using SubscriptionId = std::uint64_t;
  SubscriptionId subscribe(Subscriber subscriber);
  void unsubscribe(SubscriptionId id);

  // Refuses new submissions and waits until what was admitted is final, at most `limit_ms`.
  // True if nothing was left.
  bool drain(std::uint64_t limit_ms);
  // Leaves the network, syncs and closes the journal. Idempotent.
  void stop();

 private:
  class Shell;
  explicit Replica(std::unique_ptr<Shell> shell);
  std::unique_ptr<Shell> shell_;
};

}  // namespace sanad::node
