// Four whole replicas in one process: real ledgers in temporary folders, real links on loopback.
#pragma once

#include <future>

#include "node/ledger/ledger.h"
#include "node/replica/evidence_judge.h"
#include "node/replica/replica.h"
#include "tests/chaincode/sample.h"
#include "tests/network/eventually.h"
#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {

inline crypto::Seed member_seed(std::uint8_t kind, std::uint8_t member) {
  crypto::Seed seed;
  seed.bytes.fill(kind);
  seed.bytes[0] = member;
  return seed;
}

inline std::uint64_t wall_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

// One running member; destroying it stops it.
struct RunningMember {
  std::unique_ptr<node::Ledger> ledger;
  std::unique_ptr<network::IoThread> io;
  std::unique_ptr<node::Replica> replica;
};

class Cluster {
 public:
  Cluster() : contracts_(make_contracts()), running_(kAuthorities.size()) {
    for (std::uint8_t i = 0; i < kAuthorities.size(); ++i) {
      auto socket = network::open_listener({});
      REQUIRE(socket.ok());
      addresses_.push_back({"127.0.0.1", socket->port(), key_of(kTlsKey, i).public_key()});
      sockets_.push_back(std::move(*socket));
    }
  }

  [[nodiscard]] std::size_t size() const { return running_.size(); }
  [[nodiscard]] const chaincode::Contracts& contracts() const { return contracts_; }
  RunningMember& operator[](std::size_t i) { return running_[i]; }
  [[nodiscard]] bool is_running(std::size_t i) const { return running_[i].replica != nullptr; }

  void start(std::size_t i, node::Quarantine quarantine = node::Quarantine::kRefuse) {
    RunningMember member;
    const std::string folder = folder_of(i);
    auto ledger =
        node::Ledger::open({.folder = folder + "/ledger", .network_id = contracts_.network()});
    if (!ledger) FAIL(ledger.error().message());
    member.ledger = std::move(*ledger);
    member.io = std::make_unique<network::IoThread>();
    node::ReplicaOptions options;
    options.contracts = &contracts_;
    options.self = static_cast<std::uint16_t>(i);
    options.journal_folder = folder + "/journal";
    options.quarantine = quarantine;
    network::MeshOptions mesh;
    mesh.self = options.self;
    mesh.members = addresses_;
    mesh.listen.port = addresses_[i].port;
    mesh.listen.inherited_fd = sockets_[i].release();
    mesh.tls_seed = member_seed(kTlsKey, static_cast<std::uint8_t>(i));
    mesh.network_id = contracts_.network();
    mesh.jitter_seed = i;
    auto replica = node::Replica::start(
        std::move(options), member_keys(static_cast<std::uint8_t>(i)),
        {node::real_file_system(), *member.ledger, *member.io}, std::move(mesh));
    if (!replica) FAIL(replica.error().message());
    member.replica = std::move(*replica);
    running_[i] = std::move(member);
  }
  void start_all() {
    for (std::size_t i = 0; i < size(); ++i) start(i);
  }
  void stop(std::size_t i) {
    running_[i].replica.reset();
    running_[i].io.reset();
    running_[i].ledger.reset();
  }
  [[nodiscard]] std::string folder_of(std::size_t i) const {
    return folder_.path() + "/" + kAuthorities[i];
  }

  // `declarations` new declarations of a member, signed as one submission.
  crypto::Bytes submission(std::uint8_t member, std::size_t declarations) {
    std::vector<StatementWithBody> statements;
    for (std::size_t i = 0; i < declarations; ++i) {
      Facts facts;
      facts.salt = ++declared_;
      facts.id = "D-" + std::to_string(declared_);
      facts.ucr = "UCR-" + std::to_string(declared_);
      facts.exporter = crypto::sha256(crypto::encode(declared_)).hex().substr(0, 32);
      statements.push_back(declare(facts, kAuthorities[member]));
    }
    const SubmissionTerms terms{contracts_.network(), wall_ms() + 120'000, ++nonce_};
    return crypto::encode(build_submission(key_of(kSubmitterKey, member), terms, statements));
  }

  using Future = std::future<chaincode::SubmissionStatus>;
  // Submits at a member; the future has what became of it.
  Future submit(std::size_t at, crypto::Bytes bytes) {
    auto promise = std::make_shared<std::promise<chaincode::SubmissionStatus>>();
    Future future = promise->get_future();
    running_[at].replica->submit(
        std::move(bytes),
        {.admitted =
             [promise](const crypto::Result<chaincode::SubmissionStatus>& status) {
               if (!status) {
                 promise->set_exception(
                     std::make_exception_ptr(std::runtime_error(status.error().message())));
               }
             },
         .finished =
             [promise](const chaincode::SubmissionStatus& status) { promise->set_value(status); }});
    return future;
  }

  // All running ledgers have this height, and the same block, roots and state there.
  void require_agreement(std::uint64_t height) {
    std::optional<node::CommittedBlock> first;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!is_running(i)) continue;
      INFO("member " << kAuthorities[i] << ", height " << height);
      REQUIRE(eventually([&] { return running_[i].ledger->tip()->height >= height; }));
      const auto block = running_[i].ledger->view().committed(height);
      REQUIRE(block.ok());
      if (!first) first = *block;
      CHECK(*block == *first);
    }
  }
  // Where every member stands, for the message of a failure.
  std::string describe() {
    std::string text;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!is_running(i)) continue;
      const auto status = running_[i].replica->status();
      const auto counters = running_[i].replica->counters();
      std::uint64_t invalid = 0;
      for (const auto& reasons : counters.frames_invalid) {
        for (const auto& [code, count] : reasons) invalid += count;
      }
      text += kAuthorities[i] + ": view " + std::to_string(status.view) + ", final " +
              std::to_string(status.finalized_height) + ", committed " +
              std::to_string(status.committed_height) + ", checkpoint " +
              std::to_string(status.checkpoint_height) + ", batches held " +
              std::to_string(counters.batches_held) + ", waiting " +
              std::to_string(counters.submissions_waiting) + ", requested " +
              std::to_string(counters.batches_requested) + ", invalid " + std::to_string(invalid) +
              ", links";
      for (const bool up : status.connected) text += up ? " up" : " down";
      text += status.trouble + "\n";
    }
    return text;
  }
  // Height of the newest block with anything in it, as far as this member has got.
  std::uint64_t height(std::size_t i) { return running_[i].ledger->tip()->height; }

 private:
  static chaincode::Contracts make_contracts() {
    auto contracts =
        chaincode::Contracts::create(sample_genesis(), sample_secret(), node::evidence_judge);
    if (!contracts) FAIL(contracts.error().message());
    return std::move(*contracts);
  }

  TemporaryFolder folder_;
  chaincode::Contracts contracts_;
  std::vector<network::ListenSocket> sockets_;
  std::vector<network::PeerAddress> addresses_;
  std::vector<RunningMember> running_;
  std::uint64_t declared_ = 0;
  std::uint64_t nonce_ = 0;
};

inline chaincode::SubmissionStatus await(Cluster& cluster, Cluster::Future& future) {
  if (future.wait_for(std::chrono::seconds(5)) != std::future_status::ready) {
    WARN("waiting for more than 5 s\n" << cluster.describe());
  }
  REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  return future.get();
}

}  // namespace sanad::tests
