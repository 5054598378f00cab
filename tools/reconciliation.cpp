#include "tools/reconciliation.h"

#include <set>

#include "chaincode/record.h"

namespace sanad::tools {
namespace {

using crypto::Hash;
using crypto::Result;
using crypto::Status;

constexpr std::uint64_t kPage = 1'000;

std::string altered_field(std::uint8_t id) {
  const chaincode::FieldSpec* spec = chaincode::field_spec(id);
  return spec != nullptr ? std::string(spec->name) : "field " + std::to_string(id);
}

// One pass over the log and one over the vault.
class Reconciler {
 public:
  Reconciler(NodeClient& node, const Vault& vault, const std::string& member)
      : node_(node), vault_(vault), member_(member) {}

  Result<Reconciliation> run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    std::uint64_t size = 1;
    while (result_.records < size) {
      SANAD_TRY(const chaincode::RecordPage page, node_.records(result_.records, kPage));
      size = page.size;
      if (page.records.empty()) break;
      for (const chaincode::RecordAnswer& one : page.records) SANAD_TRY_STATUS(look_at(one));
      result_.records += page.records.size();
      progress(result_.records, size);
    }
    SANAD_TRY_STATUS(look_for_undeclared());
    return std::move(result_);
  }

 private:
  Status look_at(const chaincode::RecordAnswer& answer) {
    SANAD_TRY(const chaincode::Record record, chaincode::decode_record(answer.record));
    if (record.authority != member_) return {};
    const auto* declared = std::get_if<chaincode::Declared>(&record.content);
    const auto* amended = std::get_if<chaincode::Amended>(&record.content);
    if (declared == nullptr && amended == nullptr) return {};
    const Hash& commitment = declared != nullptr ? declared->declaration : amended->commitment;
    ++result_.declarations;
    declared_.insert(commitment);
    const auto entry = vault_.find(commitment);
    if (!entry) {
      add({Difference::kUnreadable, "", commitment, answer.index, ""});
    } else if (!*entry) {
      add({Difference::kDeleted, number_on_ledger(answer, commitment), commitment, answer.index,
           ""});
    } else {
      compare(**entry, commitment, answer);
    }
    return {};
  }

  void compare(const VaultEntry& entry, const Hash& commitment,
               const chaincode::RecordAnswer& answer) {
    const auto stored = crypto::field_digests(entry.body);
    const auto again = crypto::commitment_of(entry.body);
    if (again && *again == commitment) return;
    Finding finding{Difference::kAltered, entry.declaration_id, commitment, answer.index, ""};
    const auto body = crypto::decode<crypto::Body>(answer.body);
    const auto declared = body ? crypto::field_digests(*body) : body.error();
    // Digests that do not lead to the commitment in the log would accuse the wrong field.
    const auto bound = body ? crypto::commitment_of(*body) : body.error();
    if (!stored || !declared || !bound || *bound != commitment) return add(std::move(finding));
    for (const auto& [fault, id] : compare_fields(*stored, *declared)) {
      finding.fault = fault;
      finding.field = altered_field(id);
      add(finding);
    }
  }

  // The trader's number, where the node still holds the body that was declared.
  static std::string number_on_ledger(const chaincode::RecordAnswer& answer,
                                      const Hash& commitment) {
    const auto body = crypto::decode<crypto::Body>(answer.body);
    const auto bound = body ? crypto::commitment_of(*body) : body.error();
    if (!bound || *bound != commitment) return {};
    const auto* id = chaincode::opened_text(*body, chaincode::FieldId::kDeclarationId);
    return id == nullptr ? std::string() : *id;
  }

  // Entries that say they were accepted, of which the log knows nothing.
  Status look_for_undeclared() {
    const Status read = vault_.each([this](const VaultEntry& entry) {
      if (entry.outcome == "accepted" && !declared_.contains(entry.commitment)) {
        add({Difference::kUndeclared, entry.declaration_id, entry.commitment, 0, ""});
      }
      return Status();
    });
    // An unreadable entry was found from the log's side, unless its key is gone as well.
    if (!read && read.error() != make_error_code(Errc::kVaultDamaged)) return read.error();
    return {};
  }

  void add(Finding finding) { result_.findings.push_back(std::move(finding)); }

  NodeClient& node_;
  const Vault& vault_;
  const std::string& member_;
  std::set<Hash> declared_;
  Reconciliation result_;
};

}  // namespace

std::vector<std::pair<Difference, std::uint8_t>> compare_fields(
    const std::vector<std::pair<std::uint8_t, Hash>>& stored,
    const std::vector<std::pair<std::uint8_t, Hash>>& declared) {
  std::vector<std::pair<Difference, std::uint8_t>> faults;
  auto a = stored.begin();
  auto b = declared.begin();
  while (a != stored.end() || b != declared.end()) {
    if (b == declared.end() || (a != stored.end() && a->first < b->first)) {
      faults.emplace_back(Difference::kAdded, (a++)->first);
    } else if (a == stored.end() || b->first < a->first) {
      faults.emplace_back(Difference::kRemoved, (b++)->first);
    } else {
      if (a->second != b->second) faults.emplace_back(Difference::kAltered, a->first);
      ++a;
      ++b;
    }
  }
  return faults;
}

Result<Reconciliation> reconcile(
    NodeClient& node, const Vault& vault, const std::string& member,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return Reconciler(node, vault, member).run(progress);
}

std::string describe(const Finding& finding) {
  const std::string name = finding.declaration_id.empty()
                               ? "declaration " + finding.commitment.hex().substr(0, 12)
                               : "declaration " + finding.declaration_id;
  const std::string where = " (record " + std::to_string(finding.record) + ")";
  switch (finding.fault) {
    case Difference::kAltered:
      return name + where +
             (finding.field.empty() ? ": altered; which field cannot be told"
                                    : ": field " + finding.field + " is not what was declared");
    case Difference::kAdded:
      return name + where + ": field " + finding.field + " was never declared";
    case Difference::kRemoved:
      return name + where + ": field " + finding.field + " was declared and is gone";
    case Difference::kDeleted:
      return name + where + ": deleted from the vault";
    case Difference::kUnreadable:
      return name + where + ": its entry in the vault cannot be read";
    case Difference::kUndeclared:
      return name + ": the vault says accepted, the ledger does not know it";
  }
  return name;
}

}  // namespace sanad::tools
