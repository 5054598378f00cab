// A ledger in memory with real roots, so that its bundles can be proved: chain, log tree, index,
// cosigned checkpoints.
#pragma once

#include "chaincode/bundle.h"
#include "crypto/log_tree.h"
#include "crypto/note.h"
#include "tests/chaincode/sample.h"

namespace sanad::tests {

class IndexNodesInMemory final : public crypto::IndexNodes {
 public:
  [[nodiscard]] std::optional<Bytes> read(ByteView node_id) const override {
    const auto found = nodes.find(Bytes(node_id.begin(), node_id.end()));
    return found == nodes.end() ? std::nullopt : found->second;
  }
  std::map<Bytes, std::optional<Bytes>> nodes;
};

class ProvedLedger {
 public:
  using SubmissionPtr = std::shared_ptr<const CheckedSubmission>;

  [[nodiscard]] const Genesis& genesis() const { return chain_.contracts().genesis(); }
  [[nodiscard]] Trust trust() const { return trust_of(genesis(), kGenesisMs, 90); }
  [[nodiscard]] static Handle handle(const std::string& ucr) {
    return crypto::make_handle("consignment", salt(ucr), ucr);
  }
  [[nodiscard]] static crypto::Salt salt(const std::string& ucr) {
    return crypto::handle_salt(sample_secret(), "consignment", ucr);
  }

  void act(KeyKind kind, StatementWithBody statement, std::uint8_t member = 0) {
    std::vector<StatementWithBody> statements;
    statements.push_back(std::move(statement));
    run(chain_.sign(key_of(kind, member), std::move(statements)));
  }

  void run(const SubmissionPtr& submission) {
    submissions_[submission->id()] = submission;
    const OrderedBlock block = chain_.next_block({submission});
    const Effects effects = chain_.run(block);
    for (const DetailBody& detail : effects.details) details_[detail.digest] = detail.bytes;
    crypto::IndexMap index(nodes_, index_root_);
    for (const Record& record : effects.records) {
      append(encode_record(record));
      for (const Handle& one : record.consignments) {
        histories_[one].push_back(encode_record(record));
        crypto::LogFrontier history;
        for (const Bytes& leaf : histories_[one]) history.append(crypto::leaf_hash(leaf));
        REQUIRE(
            index
                .put(crypto::index_key("consignment", one.view()), {history.size(), history.root()})
                .ok());
      }
    }
    index_root_ = index.commit([this](ByteView id, ByteView bytes) {
      nodes_.nodes[Bytes(id.begin(), id.end())] = Bytes(bytes.begin(), bytes.end());
    });
    CommitRecord commit;
    commit.height = block.height;
    commit.time_ms = block.time_ms;
    commit.epoch = 1;
    commit.index_root = index_root_;
    append(encode_record(make_commit_record(commit)));
  }

  // The note of the log as it is now, cosigned by these members.
  [[nodiscard]] std::string note(const std::vector<std::uint8_t>& cosigners) const {
    const crypto::Checkpoint checkpoint{trust().origin(), log_.size(), log_.root()};
    crypto::SignedNote signed_note{checkpoint.text(), {}};
    signed_note.lines.push_back(
        crypto::sign_note_line(key_of(kLogKey, 0), checkpoint.origin, checkpoint.text()));
    for (const std::uint8_t member : cosigners) {
      signed_note.lines.push_back(crypto::cosign_line(
          key_of(kCosignerKey, member), cosigner_name(genesis().network, kAuthorities[member]),
          checkpoint.text(), kGenesisMs / 1'000));
    }
    return signed_note.format();
  }

  [[nodiscard]] std::vector<Hash> commit_path(std::uint64_t index) const {
    return crypto::inclusion_proof(index, log_.size(), log_).value();
  }
  [[nodiscard]] const Bytes& leaf(std::uint64_t index) const { return leaves_[index]; }
  [[nodiscard]] std::uint64_t size() const { return log_.size(); }

  [[nodiscard]] Bundle bundle(const std::string& ucr) const {
    Bundle bundle;
    bundle.ucr = ucr;
    bundle.handle_salt = salt(ucr);
    bundle.checkpoint = note_lines(note({0, 1, 2}));
    bundle.commit_record = leaves_.back();
    bundle.commit_path = commit_path(log_.size() - 1);
    crypto::IndexMap index(nodes_, index_root_);
    bundle.index_proof = index.prove(crypto::index_key("consignment", handle(ucr).view())).value();
    const auto found = histories_.find(handle(ucr));
    if (found == histories_.end()) return bundle;
    bundle.records = found->second;
    for (const Bytes& bytes : bundle.records) add_behind(bundle, *decode_record(bytes));
    return bundle;
  }

 private:
  void append(Bytes leaf) {
    log_.append(crypto::leaf_hash(leaf));
    leaves_.push_back(std::move(leaf));
  }

  void add_behind(Bundle& bundle, const Record& record) const {
    const auto n = static_cast<std::uint32_t>(record.n);
    if (const auto* verdict = std::get_if<VerdictGiven>(&record.content)) {
      bundle.details.push_back({n, details_.at(verdict->detail)});
    }
    const auto* origin = std::get_if<StatementOrigin>(&*record.origin);
    if (origin == nullptr) return;
    const CheckedSubmission& submission = *submissions_.at(origin->submission);
    crypto::MemoryTree tree;
    for (std::size_t i = 0; i < submission.statements().size(); ++i) {
      tree.append(crypto::leaf_hash(submission.statement_bytes(i)));
    }
    const ByteView cose = submission.cose_bytes();
    const ByteView statement = submission.statement_bytes(origin->index);
    bundle.statements.push_back(
        {{cose.begin(), cose.end()},
         origin->index,
         {statement.begin(), statement.end()},
         crypto::inclusion_proof(origin->index, tree.size(), tree).value()});
    const auto& body = submission.bodies()[origin->index];
    if (body && (record.kind() == RecordKind::kDeclared || record.kind() == RecordKind::kAmended)) {
      bundle.bodies.push_back({n, *body});
    }
  }

  Chain chain_;
  crypto::MemoryTree log_;
  std::vector<Bytes> leaves_;
  IndexNodesInMemory nodes_;
  Hash index_root_ = crypto::empty_index_root();
  std::map<Handle, std::vector<Bytes>> histories_;
  std::map<Hash, SubmissionPtr> submissions_;
  std::map<Hash, Bytes> details_;
};

}  // namespace sanad::tests
