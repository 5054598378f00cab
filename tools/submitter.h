// A member's submitting side: salts, commits and signs declarations, keeps them in the vault, sends
// them, and notes what became of them.
#pragma once

#include <set>

#include "tools/declaration.h"
#include "tools/node_client.h"
#include "tools/vault.h"

namespace sanad::tools {

// A submission ready to be sent, with the vault's entries that it carries.
struct Prepared {
  PendingSubmission submission;
  std::vector<VaultEntry> entries;
};

// Gathers declarations of one member into submissions within the ledger's limits.
class SubmissionBuilder {
 public:
  // `key` and `member` outlive the builder. REQUIRES: 1 <= statements_max <= 4096.
  SubmissionBuilder(const Member& member, const crypto::SigningKey& key,
                    std::size_t statements_max);
  // A copy would hand out the same salts once more.
  SubmissionBuilder(const SubmissionBuilder&) = delete;
  SubmissionBuilder& operator=(const SubmissionBuilder&) = delete;

  // kBadDeclaration names the field that the ledger would refuse; the builder is then unchanged.
  crypto::Status add_declaration(const Declaration& declaration);
  // Another declaration under the name of an earlier one.
  crypto::Status add_amendment(const VaultEntry& earlier, const Declaration& declaration);
  void add_statement(chaincode::StatementWithBody statement);

  [[nodiscard]] std::size_t size() const { return statements_.size(); }
  // True where the next declaration may not fit: take() before adding it.
  [[nodiscard]] bool full() const;
  [[nodiscard]] bool holds(std::string_view declaration_id) const;
  // Signs what was gathered, valid for ten minutes from now. REQUIRES: size() > 0.
  Prepared take();

 private:
  struct Names {
    crypto::Hash declaration;
    crypto::Hash commitment;
    crypto::Handle consignment;
  };
  void keep(const Names& names, crypto::Body body);
  crypto::Salt next_salt();

  const Member& member_;
  const crypto::SigningKey& key_;
  std::size_t statements_max_;
  // Drawn from the system many at once: a draw costs as much as hashing a field.
  std::array<std::uint8_t, 64 * crypto::Salt::kSize> random_{};
  std::size_t random_left_ = 0;
  std::size_t bytes_ = 0;
  std::vector<chaincode::StatementWithBody> statements_;
  std::vector<VaultEntry> entries_;
  std::set<std::string, std::less<>> ids_;  // of entries_
};

// Sends what is in the vault already, waits, and notes the outcomes. kExpired where it can never
// execute, kInvalid where it was never valid; its entries are then dropped and it may be built
// anew.
crypto::Result<chaincode::SubmissionStatus> deliver(NodeClient& node, Vault& vault,
                                                    const Prepared& prepared);
// Keeps the submission in the vault, then deliver().
crypto::Result<chaincode::SubmissionStatus> send(NodeClient& node, Vault& vault,
                                                 const Prepared& prepared);
// An inspection of a declaration with its reason beside it, to be signed by an officer.
chaincode::StatementWithBody make_inspection(const crypto::Hash& declaration,
                                             chaincode::InspectionResult result,
                                             std::string reason);
// Sends once more what an earlier run could not finish. The number of submissions settled; those
// that expired are dropped.
struct Settled {
  std::size_t finished = 0;
  std::size_t expired = 0;
};
crypto::Result<Settled> settle_pending(NodeClient& node, Vault& vault);

// Milliseconds since 1970 by this machine's clock.
std::uint64_t now_ms();

}  // namespace sanad::tools
