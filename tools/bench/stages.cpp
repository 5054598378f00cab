#include "tools/bench/stages.h"

#include <algorithm>

#include "chaincode/contracts.h"
#include "node/replica/evidence_judge.h"
#include "node/replica/executor.h"
#include "node/replica/journal.h"
#include "node/replica/recovery.h"
#include "tools/bench/measure.h"
#include "tools/generator.h"

namespace sanad::tools {
namespace {

using chaincode::CheckedSubmission;

// A folder that is removed with its object.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The network's genesis with one more submitter, whose key is ours: its members' keys are not
// needed.
crypto::Result<chaincode::Contracts> contracts_with(const LoadedGenesis& loaded,
                                                    const Member& member,
                                                    const crypto::PublicKey& key) {
  chaincode::Genesis genesis = loaded.genesis;
  genesis.actors.push_back({key, member.id, {chaincode::Role::kSubmitter}});
  std::ranges::sort(genesis.actors, {}, &chaincode::Actor::key);
  return chaincode::Contracts::create(std::move(genesis), member.secret, node::evidence_judge);
}

class StagesRun {
 public:
  StagesRun(const Member& member, const chaincode::Contracts& contracts,
            const crypto::SigningKey& key)
      : member_(member),
        contracts_(contracts),
        key_(key),
        committee_(consensus::kFirstEpoch, {key.public_key()}, contracts.network()) {
    member_.network_id = contracts.network();
  }

  crypto::Result<Stages> measure(const std::filesystem::path& folder, std::size_t batch,
                                 std::size_t declarations) {
    SANAD_TRY(const auto wires, make_wires(batch, declarations));
    std::filesystem::create_directories(folder);
    SANAD_TRY(auto ledger,
              node::Ledger::open({(folder / "ledger").string(), contracts_.network()}));
    SANAD_TRY(auto journal,
              node::Journal::open(node::real_file_system(),
                                  {(folder / "journal").string(), contracts_.network()}));
    node::Executor executor(contracts_, *ledger);
    SANAD_TRY_STATUS(executor.prepare());
    const std::uint64_t process_before = own_processor_time_us();
    const std::uint64_t thread_before = thread_processor_time_ns();
    for (const crypto::Bytes& wire : wires) {
      SANAD_TRY_STATUS(one_block(wire, *journal.journal, executor));
    }
    const std::uint64_t process_ns = (own_processor_time_us() - process_before) * 1'000;
    const std::uint64_t thread_ns = thread_processor_time_ns() - thread_before;
    stages_.declarations = declarations;
    for (std::uint64_t& sum : stages_.processor_ns) sum /= declarations;
    stages_.background_ns = process_ns > thread_ns ? (process_ns - thread_ns) / declarations : 0;
    ledger.reset();
    stages_.ledger_bytes = folder_bytes(folder / "ledger") / declarations;
    return stages_;
  }

 private:
  [[nodiscard]] crypto::Result<std::vector<crypto::Bytes>> make_wires(
      std::size_t batch, std::size_t declarations) const {
    GeneratorPlan plan;
    plan.members = {member_.id};
    Generator generator(plan);
    SubmissionBuilder builder(member_, key_, batch);
    std::vector<crypto::Bytes> wires;
    for (std::size_t made = 0; made < declarations;) {
      for (const Generated& one : generator.next()) {
        if (made++ == declarations) break;
        SANAD_TRY_STATUS(builder.add_declaration(one.declaration));
        if (builder.full()) wires.push_back(builder.take().submission.wire);
      }
    }
    if (builder.size() > 0) wires.push_back(builder.take().submission.wire);
    return wires;
  }

  template <class Work>
  auto timed(Stage stage, Work work) {
    const std::uint64_t before = thread_processor_time_ns();
    auto result = work();
    stages_.processor_ns[static_cast<std::size_t>(stage)] += thread_processor_time_ns() - before;
    return result;
  }

  static crypto::Status keep(const node::CheckedBatch& batch, node::Journal& journal) {
    journal.append(node::kBatchEntry, node::batch_entry(batch));
    SANAD_TRY_STATUS(journal.sync());
    if (!journal.wants_rotation()) return {};
    SANAD_TRY_STATUS(journal.rotate());
    return journal.prune_below(journal.segment());
  }

  crypto::Status one_block(const crypto::Bytes& wire, node::Journal& journal,
                           node::Executor& executor) {
    SANAD_TRY(auto checked, timed(Stage::kCheck, [&] {
                return chaincode::check_submission(wire, contracts_.network());
              }));
    node::BatchPtr batch = timed(Stage::kPack, [&] {
      return node::make_batch({committee_, contracts_.network()}, 0, height_ + 1,
                              {std::make_shared<const CheckedSubmission>(std::move(checked))},
                              key_);
    });
    const crypto::Bytes frame =
        timed(Stage::kSend, [&] { return crypto::encode(node::NodeMessage(batch->wire())); });
    static_cast<void>(frame);
    const auto journaled = timed(Stage::kJournal, [&] { return keep(*batch, journal); });
    if (!journaled) return journaled.error();
    node::FinalizedBlock block;
    block.header.height = ++height_;
    block.header.origin_view = height_;
    block.header.time_ms = now_ms();
    block.header.batches = {batch->ref()};
    block.hash = consensus::block_hash(block.header);
    block.batches = {std::move(batch)};
    auto planned = timed(Stage::kExecute, [&] { return executor.execute(block); });
    for (const auto& outcome : planned.executed.outcomes) {
      if (outcome.result != chaincode::SubmissionResult::kExecuted) {
        return crypto::Error{Errc::kBadDeclaration, "a generated submission did not execute"};
      }
    }
    return timed(Stage::kCommit, [&]() -> crypto::Status {
      SANAD_TRY(const auto executed, executor.append(std::move(planned)));
      static_cast<void>(executed);
      return executor.commit();
    });
  }

  Member member_;
  const chaincode::Contracts& contracts_;
  const crypto::SigningKey& key_;
  consensus::Committee committee_;
  std::uint64_t height_ = 0;
  Stages stages_;
};

}  // namespace

crypto::Result<Stages> measure_stages(const LoadedGenesis& genesis, const Member& member,
                                      const std::filesystem::path& folder, std::size_t batch,
                                      std::size_t declarations) {
  const crypto::SigningKey key(fresh<crypto::Seed>());
  SANAD_TRY(const chaincode::Contracts contracts,
            contracts_with(genesis, member, key.public_key()));
  const ScratchFolder scratch(folder / ("stages-" + std::to_string(::getpid())));
  return StagesRun(member, contracts, key).measure(scratch.path(), batch, declarations);
}

}  // namespace sanad::tools
