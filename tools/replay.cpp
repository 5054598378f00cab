#include "tools/replay.h"

#include "consensus/types.h"
#include "node/replica/batch.h"

namespace sanad::tools {

using crypto::Error;
using crypto::Result;
using crypto::Status;

Result<Replay> Replay::open(const std::filesystem::path& folder,
                            const chaincode::Contracts& contracts) {
  const auto inner = folder / "ledger";
  const auto& chosen = std::filesystem::exists(inner) ? inner : folder;
  SANAD_TRY(node::SegmentReader reader, node::SegmentReader::open(chosen.string()));
  if (reader.network_id() != contracts.network()) {
    return Error{Errc::kNetworkFolder, chosen.string() + " is the ledger of another network"};
  }
  return Replay(std::move(reader), contracts);
}

const crypto::Bytes* Replay::body(const crypto::Hash& digest) const {
  const auto found = bodies_.find(digest);
  return found == bodies_.end() ? nullptr : &found->second;
}

Result<std::optional<ReplayStep>> Replay::next() {
  SANAD_TRY(std::optional<node::SegmentBlock> stored, reader_.next());
  if (!stored) return std::optional<ReplayStep>();
  for (node::StoredBody& body : stored->bodies) bodies_[body.digest] = std::move(body.bytes);
  ReplayStep step;
  step.committed = stored->block.committed;
  step.first_record = step.committed.first_record;
  step.records = std::move(stored->records);
  if (step.committed.height == 0) return std::optional(std::move(step));
  SANAD_TRY(const auto header, crypto::decode<consensus::BlockHeader>(stored->block.header));
  step.block.height = header.height;
  step.block.block_hash = step.committed.block_hash;
  step.block.time_ms = header.time_ms;
  step.block.epoch = header.epoch;
  step.block.view = header.origin_view;
  step.block.proposer = header.proposer;
  step.block.beacon_reveal = header.beacon_reveal;
  const auto look_up = [this](const crypto::Hash& digest) -> std::optional<crypto::Bytes> {
    const crypto::Bytes* held = body(digest);
    return held == nullptr ? std::nullopt : std::optional(*held);
  };
  for (const crypto::Bytes& bytes : stored->block.batches) {
    SANAD_TRY(const node::Batch batch, node::join_batch(bytes, look_up));
    for (const node::SubmissionBytes& one : batch.submissions) {
      SANAD_TRY(auto checked, chaincode::check_submission(one.bytes, contracts_->network()));
      step.block.submissions.push_back(
          std::make_shared<const chaincode::CheckedSubmission>(std::move(checked)));
    }
  }
  return std::optional(std::move(step));
}

Status Replay::apply(const ReplayStep& step) {
  if (step.committed.height == 0) {
    digest_ = step.committed.state_digest;
    return {};
  }
  const chaincode::Effects effects =
      chaincode::execute(*contracts_, step.block, state_, step.first_record);
  const std::string block = "block " + std::to_string(step.block.height);
  if (effects.records.size() + 1 != step.records.size()) {
    return Error{Errc::kDiffers, block + " gives " + std::to_string(effects.records.size() + 1) +
                                     " records, the log holds " +
                                     std::to_string(step.records.size())};
  }
  for (std::size_t i = 0; i < effects.records.size(); ++i) {
    if (chaincode::encode_record(effects.records[i]) == step.records[i]) continue;
    return Error{Errc::kDiffers, "record " + std::to_string(step.first_record + i) + " of " +
                                     block + " is not what the log holds"};
  }
  digest_ = chaincode::state_digest(digest_, effects.writes);
  if (digest_ != step.committed.state_digest) {
    return Error{Errc::kDiffers, "the state digest after " + block + " is not the log's"};
  }
  state_.apply(effects.writes);
  return {};
}

}  // namespace sanad::tools
