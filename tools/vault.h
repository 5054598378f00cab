// A member's own full declarations with their salts (LEDGER F5): the database whose honesty
// `sanad reconcile` checks against the ledger. It never leaves the member.
//
// A LevelDB folder with these keys:
//   'v'                                    → format of the vault, "2"
//   'c' commitment (32)                    → VaultEntry but for its outcome (canonical CBOR)
//   'o' commitment (32)                    → VaultOutcome, once there is one
//   'd' declaration id 0x00 commitment     → nothing; finds entries by the trader's own number
//   's' submission id (32)                 → PendingSubmission, until its outcome is known
//
// Entries and the submission that carries them are written in one synced batch before the
// submission is sent: whatever happens then, the same bytes can be sent again, and the ledger
// answers with the first outcome. One process at a time; thread-safe within it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "chaincode/api_types.h"
#include "chaincode/statement.h"
#include "tools/errc.h"

namespace leveldb {
class DB;
}

namespace sanad::tools {

// What became of a declaration. Kept apart: it is written later, and is a tenth of the rest.
struct VaultOutcome {
  std::string outcome;  // empty until it is final; a code (chaincode/refusal.h) afterwards
  std::optional<std::uint64_t> record;
  std::optional<std::string> lane;
  bool inspected = false;  // this member has reported an inspection of it

  friend bool operator==(const VaultOutcome&, const VaultOutcome&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(outcome), SANAD_FIELD(record), SANAD_FIELD(lane), SANAD_FIELD(inspected));
  }
};

struct VaultEntry : VaultOutcome {
  std::string declaration_id;  // field 1
  std::string reference;       // UCR, or what stands in for it
  crypto::Hash declaration;    // the commitment it was first declared with: its name on the ledger
  crypto::Hash commitment;
  crypto::Handle consignment;
  crypto::Hash submission;
  std::uint32_t statement = 0;  // its index there
  crypto::Body body;            // every field opened

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(declaration_id), SANAD_FIELD(reference), SANAD_FIELD(declaration),
       SANAD_FIELD(commitment), SANAD_FIELD(consignment), SANAD_FIELD(submission),
       SANAD_FIELD(statement), SANAD_FIELD(body));
  }
};

struct PendingSubmission {
  crypto::Hash id;
  std::uint64_t valid_until_ms = 0;
  crypto::Bytes wire;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(valid_until_ms),
       SANAD_FIELD_MAX(wire, chaincode::kSubmissionBytesMax));
  }
};

class Vault {
 public:
  // Makes the folder if it is absent. kVault where another process has it open (and says which file
  // to look at), another version of the program wrote it, or the disk refuses; kVaultDamaged for a
  // folder that LevelDB cannot read.
  static crypto::Result<Vault> open(const std::filesystem::path& folder);
  ~Vault();
  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;

  // Durable on return.
  crypto::Status put(const std::vector<VaultEntry>& entries, const PendingSubmission* pending);
  // Notes the outcomes of a final submission and forgets its bytes. `entries` are those it carried.
  crypto::Status settle(const chaincode::SubmissionStatus& status,
                        const std::vector<VaultEntry>& entries);
  // Forgets a submission that can never execute, with its entries.
  crypto::Status drop(const crypto::Hash& submission, const std::vector<VaultEntry>& entries);
  // Removes one entry as a careless administrator would.
  crypto::Status erase(const VaultEntry& entry);

  crypto::Result<std::optional<VaultEntry>> find(const crypto::Hash& commitment) const;
  // All versions filed under the trader's number.
  crypto::Result<std::vector<VaultEntry>> find_declaration(std::string_view declaration_id) const;
  crypto::Result<std::vector<PendingSubmission>> pending() const;
  // Every entry by ascending commitment, until `visit` returns an error. kVaultDamaged with the key
  // for an entry that cannot be read.
  crypto::Status each(const std::function<crypto::Status(const VaultEntry&)>& visit) const;
  // The entries that a submission carried. REQUIRES: `wire` is what put() was given.
  crypto::Result<std::vector<VaultEntry>> entries_of(const PendingSubmission& pending) const;
  // Those of the declarations whose inspection it reports. REQUIRES: the same.
  crypto::Result<std::vector<VaultEntry>> inspected_by(const PendingSubmission& pending) const;

 private:
  using CommitmentOf = std::function<std::optional<crypto::Hash>(const chaincode::Statement&)>;
  [[nodiscard]] crypto::Result<std::vector<VaultEntry>> find_all(
      const PendingSubmission& pending, const CommitmentOf& commitment_of) const;

  explicit Vault(std::unique_ptr<leveldb::DB> store);
  std::unique_ptr<leveldb::DB> store_;
};

}  // namespace sanad::tools
