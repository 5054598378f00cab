#include "tools/audit/chain_check.h"

#include "chaincode/trust.h"
#include "crypto/codec.h"

namespace sanad::tools {
namespace {

consensus::Committee committee_of(const chaincode::Genesis& genesis, const crypto::Hash& network) {
  std::vector<crypto::PublicKey> keys;
  for (const chaincode::Member& member : genesis.members) keys.push_back(member.consensus_key);
  return {consensus::kFirstEpoch, std::move(keys), network};
}

}  // namespace

ChainCheck::ChainCheck(const chaincode::Genesis& genesis)
    : network_(chaincode::network_id(genesis)),
      genesis_ms_(genesis.time_ms),
      committee_(committee_of(genesis, network_)),
      signers_(chaincode::signers_hash(chaincode::signers_of(genesis))),
      cache_(std::make_unique<consensus::SignatureCache>()) {}

void ChainCheck::resume(const node::CommittedBlock& tip, std::uint64_t certified_height) {
  before_ = tip;
  certified_height_ = certified_height;
}

Checked ChainCheck::next(const node::StoredBlock& block) {
  const std::uint64_t height = block.committed.height;
  Checked found;
  if (block.committee_hash != signers_) {
    found = Fault{"it names another committee than genesis"};
  } else if (!before_) {
    found = check_genesis(block);
  } else {
    found = check_header(block);
    if (!found) found = check_finalization(block);
  }
  if (found) found->height = height;
  before_ = block.committed;
  return found;
}

Checked ChainCheck::check_genesis(const node::StoredBlock& block) const {
  if (block.committed.height != 0) return Fault{"the first block has not height 0"};
  if (block.committed.block_hash != network_) return Fault{"its hash is not the network's id"};
  if (block.committed.time_ms != genesis_ms_) return Fault{"its time is not the genesis'"};
  if (block.epoch != consensus::kFirstEpoch) return Fault{"it is not of the first epoch"};
  if (!block.header.empty() || !block.finalization.empty() || !block.batches.empty()) {
    return Fault{"block 0 carries a header, a certificate or batches"};
  }
  return std::nullopt;
}

Checked ChainCheck::check_header(const node::StoredBlock& block) {
  auto header = crypto::decode<consensus::BlockHeader>(block.header);
  if (!header) return Fault{"header: " + header.error().message()};
  header_ = std::move(*header);
  if (consensus::block_hash(header_) != block.committed.block_hash) {
    return Fault{"its header has another hash than the ledger noted"};
  }
  if (header_.height != block.committed.height) return Fault{"its header is of another height"};
  if (header_.parent != before_->block_hash) return Fault{"its parent is not the block before"};
  if (header_.time_ms != block.committed.time_ms) {
    return Fault{"its header has another time than the ledger noted"};
  }
  if (header_.time_ms <= before_->time_ms) return Fault{"it is not later than the block before"};
  if (header_.epoch != block.epoch) return Fault{"its header is of another epoch"};
  if (header_.origin_view == 0) return Fault{"header: of view 0"};
  const auto fault = consensus::header_fault(header_, header_.origin_view, 0, committee_, network_);
  if (fault) return Fault{"header: " + std::string(*fault)};
  if (header_.batches.size() != block.batches.size()) {
    return Fault{"its header names " + std::to_string(header_.batches.size()) + " batches, " +
                 std::to_string(block.batches.size()) + " are there"};
  }
  return std::nullopt;
}

Checked ChainCheck::check_finalization(const node::StoredBlock& block) {
  auto certificate = crypto::decode<consensus::Certificate>(block.finalization);
  if (!certificate) return Fault{"certificate: " + certificate.error().message()};
  finalization_ = std::move(*certificate);
  ++certificates_;
  if (finalization_.subject.kind != consensus::VoteKind::finalize) {
    return Fault{"its certificate finalizes nothing"};
  }
  if (finalization_.subject.view < header_.origin_view) {
    return Fault{"its certificate is older than the block"};
  }
  const consensus::Verifier verifier(committee_, network_, *cache_);
  if (const auto checked = verifier.check(finalization_); !checked) {
    return Fault{"certificate: " + checked.error().message()};
  }
  if (finalization_.subject.block == block.committed.block_hash) {
    certified_height_ = block.committed.height;
  }
  return std::nullopt;
}

}  // namespace sanad::tools
