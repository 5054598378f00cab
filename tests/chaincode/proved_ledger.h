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

// Facts of a declaration that no rule holds back: no exporter is busy.
inline Facts goods(const std::string& id, const std::string& flow, const std::string& ucr,
                   std::uint64_t salt) {
  Facts made;
  made.id = id;
  made.flow = flow;
  made.ucr = ucr;
  made.salt = salt;
  made.exporter = std::string(32, "0123456789abcdef"[salt % 16]);
  return made;
}

// Members of the sample network that cosign in an epoch; the actors are the genesis' ones.
struct SampleCommittee {
  std::uint64_t epoch = kGenesisEpoch;
  std::vector<std::uint8_t> members = {0, 1, 2, 3};

  [[nodiscard]] Signers signers(const std::vector<TrustedActor>& actors) const {
    Signers signers{epoch, {}, actors_hash(actors)};
    for (const std::uint8_t member : members) {
      const std::string& id = kManyAuthorities[member];
      signers.validators.push_back({id, "Customs of " + id, key_of(kLogKey, member).public_key(),
                                    key_of(kCosignerKey, member).public_key()});
    }
    return signers;
  }
  // The first members that make a quorum.
  [[nodiscard]] std::vector<std::uint8_t> quorum() const {
    return {members.begin(),
            members.begin() + static_cast<std::ptrdiff_t>(quorum_of(members.size()))};
  }
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
  [[nodiscard]] static Subject consignment(const std::string& ucr) {
    return ConsignmentSubject{ucr, salt(ucr)};
  }
  [[nodiscard]] static Subject container(const std::string& number) {
    return ContainerSubject{number, crypto::handle_salt(sample_secret(), "container", number)};
  }

  void act(KeyKind kind, StatementWithBody statement, std::uint8_t member = 0) {
    std::vector<StatementWithBody> statements;
    statements.push_back(std::move(statement));
    run(chain_.sign(key_of(kind, member), std::move(statements)));
  }
  void run(const SubmissionPtr& submission) {
    submissions_[submission->id()] = submission;
    run_block({submission}, committee_);
  }
  // An empty block that ends the epoch; these members sign from the next one on.
  void hand_over(std::vector<std::uint8_t> members) {
    const SampleCommittee next{committee_.epoch + 1, std::move(members)};
    run_block({}, next);
    Bundle signed_in = head(committee_.quorum());
    handovers_.push_back({signed_in.checkpoint, signed_in.commit_record, signed_in.commit_path,
                          next.signers(trust().actors)});
    committee_ = next;
  }
  [[nodiscard]] const SampleCommittee& committee() const { return committee_; }

  // The note of the log as it is now, cosigned by these members.
  [[nodiscard]] std::string note(const std::vector<std::uint8_t>& cosigners) const {
    return note_of({trust().origin(), log_.size(), log_.root()}, cosigners);
  }
  [[nodiscard]] std::string note_of(const crypto::Checkpoint& checkpoint,
                                    const std::vector<std::uint8_t>& cosigners) const {
    crypto::SignedNote signed_note{checkpoint.text(), {}};
    signed_note.lines.push_back(crypto::sign_note_line(key_of(kLogKey, committee_.members[0]),
                                                       checkpoint.origin, checkpoint.text()));
    for (const std::uint8_t member : cosigners) {
      signed_note.lines.push_back(crypto::cosign_line(
          key_of(kCosignerKey, member), cosigner_name(genesis().network, kManyAuthorities[member]),
          checkpoint.text(), kGenesisMs / 1'000));
    }
    return signed_note.format();
  }

  [[nodiscard]] std::vector<Hash> commit_path(std::uint64_t index) const {
    return crypto::inclusion_proof(index, log_.size(), log_).value();
  }
  [[nodiscard]] const Bytes& leaf(std::uint64_t index) const { return leaves_[index]; }
  [[nodiscard]] std::uint64_t size() const { return log_.size(); }
  [[nodiscard]] Hash root() const { return log_.root(); }

  [[nodiscard]] Bundle bundle(const std::string& ucr, std::uint64_t since = 0) const {
    return bundle(consignment(ucr), since);
  }
  [[nodiscard]] Bundle bundle(const Subject& subject, std::uint64_t since = 0) const {
    Bundle bundle = head(committee_.quorum());
    bundle.subject = subject;
    bundle.handovers = handovers_;
    if (!handovers_.empty()) bundle.actors = trust().actors;
    crypto::IndexMap index(nodes_, index_root_);
    bundle.index_proof = index.prove(index_key_of(subject)).value();
    const auto found = histories_.find(index_key_of(subject));
    if (found == histories_.end()) return bundle;
    if (since > 0) bundle.since.emplace();
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      const Bytes& bytes = found->second[i];
      if (i < since) {
        bundle.since->append(crypto::leaf_hash(bytes));
        continue;
      }
      bundle.records.push_back(bytes);
      if (!std::holds_alternative<AuthorityDaySubject>(subject)) {
        add_behind(bundle, static_cast<std::uint32_t>(i + 1), *decode_record(bytes));
      }
    }
    return bundle;
  }

 private:
  // The checkpoint and what leads to its last leaf.
  [[nodiscard]] Bundle head(const std::vector<std::uint8_t>& cosigners) const {
    Bundle bundle;
    bundle.checkpoint = note_lines(note(cosigners));
    bundle.commit_record = leaves_.back();
    bundle.commit_path = commit_path(log_.size() - 1);
    return bundle;
  }

  void run_block(std::vector<SubmissionPtr> submissions, const SampleCommittee& next) {
    const OrderedBlock block = chain_.next_block(std::move(submissions));
    const Effects effects = chain_.run(block);
    for (const DetailBody& detail : effects.details) details_[detail.digest] = detail.bytes;
    crypto::IndexMap index(nodes_, index_root_);
    for (const Record& record : effects.records) {
      append(encode_record(record));
      for (const Hash& key : keys_of(record)) add_to(index, key, encode_record(record));
    }
    index_root_ = index.commit([this](ByteView id, ByteView bytes) {
      nodes_.nodes[Bytes(id.begin(), id.end())] = Bytes(bytes.begin(), bytes.end());
    });
    CommitRecord commit;
    commit.height = block.height;
    commit.time_ms = block.time_ms;
    commit.epoch = committee_.epoch;
    commit.committee_hash = signers_hash(next.signers(trust().actors));
    commit.index_root = index_root_;
    append(encode_record(make_commit_record(commit)));
  }

  static std::vector<Hash> keys_of(const Record& record) {
    std::vector<Hash> keys;
    for (const Handle& one : record.consignments) {
      keys.push_back(crypto::index_key("consignment", one.view()));
    }
    for (const Handle& one : containers_of(record)) {
      keys.push_back(crypto::index_key("container", one.view()));
    }
    if (!record.authority.empty()) {
      keys.push_back(index_key_of(AuthorityDaySubject{
          record.authority, static_cast<std::uint32_t>(record.time_ms / kMsPerDay)}));
    }
    return keys;
  }

  void add_to(crypto::IndexMap& index, const Hash& key, const Bytes& leaf) {
    histories_[key].push_back(leaf);
    crypto::LogFrontier history;
    for (const Bytes& one : histories_[key]) history.append(crypto::leaf_hash(one));
    REQUIRE(index.put(key, {history.size(), history.root()}).ok());
  }

  void append(Bytes leaf) {
    log_.append(crypto::leaf_hash(leaf));
    leaves_.push_back(std::move(leaf));
  }

  void add_behind(Bundle& bundle, std::uint32_t n, const Record& record) const {
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
  SampleCommittee committee_;
  std::vector<Handover> handovers_;
  crypto::MemoryTree log_;
  std::vector<Bytes> leaves_;
  IndexNodesInMemory nodes_;
  Hash index_root_ = crypto::empty_index_root();
  std::map<Hash, std::vector<Bytes>> histories_;  // by index key
  std::map<Hash, SubmissionPtr> submissions_;
  std::map<Hash, Bytes> details_;
};

}  // namespace sanad::tests
