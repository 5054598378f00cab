// Checks that blocks form the chain that the members of a genesis made final: headers, the hashes
// that link them, certificates, and what the ledger noted beside them. Block by block, no I/O.
#pragma once

#include "chaincode/genesis.h"
#include "consensus/verify.h"
#include "node/ledger/ledger_types.h"
#include "tools/audit/fault.h"

namespace sanad::tools {

class ChainCheck {
 public:
  // REQUIRES: a genesis that chaincode::check() accepts.
  explicit ChainCheck(const chaincode::Genesis& genesis);

  // The next block from height 0 on.
  Checked next(const node::StoredBlock& block);
  // Goes on after `tip` instead, a block that was checked before.
  void resume(const node::CommittedBlock& tip, std::uint64_t certified_height);
  // Of the last block, above height 0; and its certificate.
  [[nodiscard]] const consensus::BlockHeader& header() const { return header_; }
  [[nodiscard]] const consensus::Certificate& finalization() const { return finalization_; }
  // Up to here a certificate of these blocks' own proves all of them final. Blocks above have the
  // certificate of a block that was not seen yet.
  [[nodiscard]] std::uint64_t certified_height() const { return certified_height_; }
  [[nodiscard]] const consensus::Committee& committee() const { return committee_; }
  [[nodiscard]] const crypto::Hash& network() const { return network_; }
  [[nodiscard]] std::uint64_t certificates() const { return certificates_; }
  // Signatures of members checked; one that stands in several places is checked once.
  [[nodiscard]] std::uint64_t signatures() const { return cache_->computed(); }

 private:
  Checked check_genesis(const node::StoredBlock& block) const;
  Checked check_header(const node::StoredBlock& block);
  Checked check_finalization(const node::StoredBlock& block);

  crypto::Hash network_;
  std::uint64_t genesis_ms_;
  consensus::Committee committee_;
  crypto::Hash signers_;  // as commit records name them
  std::unique_ptr<consensus::SignatureCache> cache_;
  std::optional<node::CommittedBlock> before_;
  consensus::BlockHeader header_;
  consensus::Certificate finalization_;
  std::uint64_t certified_height_ = 0;
  std::uint64_t certificates_ = 0;
};

}  // namespace sanad::tools
