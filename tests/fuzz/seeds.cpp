// Writes the seeds that a program makes: fuzz_seeds CORPUS_FOLDER. The same bytes in every run.
#include "tests/fuzz/seeds.h"

#include <algorithm>
#include <cstdio>

#include "chaincode/record.h"
#include "chaincode/rules/evaluate.h"
#include "consensus/journal_record.h"
#include "crypto/codec_json.h"
#include "crypto/key_file.h"
#include "crypto/log_tile.h"
#include "crypto/receipt.h"
#include "crypto/tlog_proof.h"

namespace {

using namespace sanad;
using namespace sanad::crypto;
namespace cc = sanad::chaincode;
namespace cs = sanad::consensus;

// The types of codec_fuzz.cpp, in its order.
enum Type : std::uint8_t {
  kSubmission,
  kPayload,
  kStatement,
  kBody,
  kRecord,
  kDetail,
  kVerdict,
  kMessage,
  kJournalRecord,
  kCose,
  kReceipt
};

class Codec {
 public:
  explicit Codec(const std::filesystem::path& folder) : folder_(folder) {}
  void add(const std::string& name, Type type, const Bytes& value) {
    Bytes bytes = {type};
    append(bytes, value);
    folder_.add(name, as_text(bytes));
  }
  template <class T>
  void add(const std::string& name, Type type, const T& value) {
    add(name, type, encode(value));
  }
  [[nodiscard]] bool good() const { return folder_.good(); }

 private:
  fuzz::SeedFolder folder_;
};

SigningKey key() {
  Seed seed;
  seed.bytes.fill(7);
  return SigningKey(seed);
}
Hash hash(std::string_view name) { return sha256(as_bytes(name)); }
Salt salt(std::string_view name) { return *Salt::from(hash(name).view().first(16)); }

Body body() {
  Body made;
  made.schema = cc::kDeclarationSchema;
  made.opened.push_back({1, std::string("D-1"), salt("1")});
  made.opened.push_back({2, std::int64_t{-20'370}, salt("2")});
  made.opened.push_back({3, std::vector<std::string>{"A", "B"}, salt("3")});
  made.sealed.push_back({4, hash("4")});
  return made;
}

std::vector<cc::Statement> statements() {
  const Handle handle = *Handle::from(hash("consignment").view());
  const Hash name = hash("declaration");
  const Hash reason = hash("reason");
  return {cc::Declare{handle, name, cc::body_digest(encode(body()))},
          cc::Amend{name, handle, hash("commitment"), cc::body_digest(encode(body()))},
          cc::Cancel{name, reason},
          cc::Inspect{name, cc::InspectionResult::kOffence, reason},
          cc::Hold{name, reason},
          cc::Release{name, reason},
          cc::Move{name, cc::MoveEvent::kArrived, std::nullopt},
          cc::Accuse{encode(name)}};
}

}  // namespace

cc::Submission fuzz::sample_submission(const Hash& network) {
  std::vector<cc::StatementWithBody> all;
  for (cc::Statement& each : statements()) {
    const bool has_body = cc::kind_of(each) <= cc::StatementKind::kAmend;
    all.push_back({std::move(each), has_body ? std::optional(encode(body())) : std::nullopt});
  }
  return build_submission(key(), {network, 1'760'000'000'000, 1}, std::move(all));
}

cs::BlockHeader fuzz::sample_header() {
  cs::BlockHeader header;
  header.chain_id = hash("chain");
  header.epoch = cs::kFirstEpoch;
  header.origin_view = 110;
  header.height = 50;
  header.parent = hash("parent");
  header.proposer = 1;
  header.time_ms = 1'760'000'000'000;
  header.batches = {{1, 7, hash("batch"), 1000, 10}};
  header.epoch_end = 60;
  header.checkpoint = cs::CheckpointRef{49, 900, hash("root")};
  return header;
}

namespace {

cc::Submission submission() { return fuzz::sample_submission(hash("network")); }

void add_chaincode(Codec& codec) {
  const cc::Submission wire = submission();
  codec.add("submission", kSubmission, wire);
  codec.add("cose", kCose, wire.cose);
  MemoryTree log;
  for (const char* name : {"1", "2", "3"}) log.append(hash(name));
  codec.add("receipt", kReceipt,
            encode_receipt(sign_receipt(key(), log.root(), 3, 1, *inclusion_proof(1, 3, log))));
  codec.add("payload", kPayload, parse_cose(wire.cose).value().payload);
  codec.add("body", kBody, body());
  for (const cc::Statement& each : statements()) {
    const auto name = cc::kStatementKindNames[each.index()];
    codec.add("statement-" + std::string(name), kStatement, each);
  }

  const Hash name = hash("declaration");
  const std::vector<cc::RecordContent> contents = {
      cc::Declared{name, {*Handle::from(name.view()), *Handle::from(Bytes(32, 0xFF))}},
      cc::Amended{name, name, {*Handle::from(name.view())}},
      cc::Cancelled{name, name},
      cc::VerdictGiven{name, cc::Lane::kRed, name, name},
      cc::Inspected{name, cc::InspectionResult::kSeizure, name},
      cc::HeldBack{name, name},
      cc::Approved{name, name},
      cc::Released{name, cc::ReleaseBasis::kOfficer, name},
      cc::Moved{name, cc::MoveEvent::kGateOut, std::nullopt},
      cc::Refused{cc::StatementKind::kRelease, cc::Code::kNotInspected, name},
      cc::CommitRecord{1, name, 2, 3, name, name, name, name},
      cc::Accused{"AE-DU", cc::Fault::kConflictingVotes, 1, 2, name}};
  for (const cc::RecordContent& content : contents) {
    cc::Record record;
    record.height = 123'456;
    record.time_ms = 1'760'000'000'000;
    record.consignments.push_back(*Handle::from(name.view()));
    record.n = 3;
    record.authority = "AE-DU";
    record.origin = cc::Origin(cc::StatementOrigin{name, 4000});
    record.content = content;
    codec.add("record-" + std::string(cc::kRecordKindNames[content.index()]), kRecord,
              encode_record(record));
  }

  cc::rules::Verdict verdict;
  verdict.rule_set = hash("rules");
  verdict.lane = cc::Lane::kYellow;
  verdict.score = -40;
  verdict.fired = {{"RULE", 10, cc::Lane::kBlue, {{"net_mass", "12.5 kg"}}}};
  verdict.not_evaluated = {{"OTHER", "origin is missing"}};
  verdict.cost = 300;
  codec.add("verdict", kVerdict, verdict);
  codec.add("detail", kDetail, cc::StoredDetail{salt("detail"), encode(verdict)});
  const auto say = [&](const std::string& seed, const std::string& text) {
    verdict.not_evaluated = {{"OTHER", text}};
    codec.add("verdict-" + seed, kVerdict, verdict);
  };
  say("two-bytes", "\u00e9 \u0627");
  say("three-bytes", "\u20ac \ud7ff");
  say("four-bytes", "\U0001f4e6");
}

// Bytes that nobody writes.
void add_refused(Codec& codec) {
  Bytes body_bytes = encode(body());
  body_bytes.pop_back();
  codec.add("refused-cut", kBody, body_bytes);
  append(body_bytes, Bytes{0, 0, 0});
  codec.add("refused-trailing", kBody, body_bytes);
  cc::rules::Verdict verdict;
  verdict.not_evaluated = {{"OTHER", "text"}};
  Bytes verdict_bytes = encode(verdict);
  const std::string_view word = "text";
  const auto text =
      std::search(verdict_bytes.begin(), verdict_bytes.end(), word.begin(), word.end());
  *text = 0xE2;
  codec.add("refused-not-utf8", kVerdict, verdict_bytes);
  *text = 0x07;
  codec.add("refused-control", kVerdict, verdict_bytes);
  codec.add("refused-long-form", kMessage, Bytes{0x82, 0x18, 0x04, 0x82, 0x01, 0x02});
  codec.add("refused-unknown", kMessage, Bytes{0x82, 0x17, 0x80});
  codec.add("refused-map", kStatement, Bytes{0xA1, 0x00, 0x00});
  codec.add("refused-endless", kStatement, Bytes{0x9F, 0xFF});
  codec.add("refused-huge", kCose, Bytes{0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
}

void add_submissions(fuzz::SeedFolder& folder) {
  const cc::Submission signed_one = fuzz::sample_submission(hash("fuzz"));
  folder.add("other-network", ByteView(encode(submission())));
  folder.add("other-facts", ByteView(encode(signed_one)));
  const auto add = [&](const std::string& name, auto change) {
    cc::Submission wire = signed_one;
    change(wire);
    folder.add(name, ByteView(encode(wire)));
  };
  add("fewer-bodies", [](cc::Submission& wire) { wire.bodies.pop_back(); });
  add("fewer-statements", [](cc::Submission& wire) {
    wire.bodies.pop_back();
    wire.statements.pop_back();
  });
  add("changed-statement", [](cc::Submission& wire) { wire.statements[0].back() ^= 1; });
  add("changed-signature", [](cc::Submission& wire) { wire.cose.back() ^= 1; });
  add("changed-algorithm", [](cc::Submission& wire) { wire.cose[5] ^= 1; });
}

void add_consensus(Codec& codec) {
  const cs::BlockHeader header = fuzz::sample_header();
  const Hash& chain = header.chain_id;
  const cs::Subject subject = cs::notarize(cs::kFirstEpoch, 110, 109, block_hash(header));
  const cs::Vote vote = sign_vote(chain, subject, 1, key());
  const cs::Certificate certificate{
      subject, Bytes{7}, {vote.signature, vote.signature, vote.signature}};
  const std::vector<std::pair<std::string, cs::Message>> messages = {
      {"vote", vote},
      {"certificate", certificate},
      {"proposal", cs::Proposal{vote, header, certificate}},
      {"status", cs::MemberStatus{cs::kFirstEpoch, 110, 49, hash("final"), certificate}},
      {"get-certificate", cs::GetCertificate{cs::kFirstEpoch, 109}},
      {"get-blocks", cs::GetBlocks{hash("tip"), 40}},
      {"blocks", cs::Blocks{block_hash(header), {header, header}, certificate}},
      {"announce", cs::Announce{header.batches}},
      {"get-view", cs::GetView{hash("nonce")}},
      {"view-report", cs::ViewReport{hash("nonce"), false, certificate, certificate}}};
  for (const auto& [name, message] : messages) codec.add("message-" + name, kMessage, message);
  const std::vector<std::pair<std::string, cs::JournalRecord>> records = {
      {"own-vote", cs::OwnVote{subject, header}},
      {"certificate", cs::HeldCertificate{certificate}},
      {"block", cs::HeldBlock{header}},
      {"floor", cs::FinalFloor{110, 50, block_hash(header), 49}},
      {"silence", cs::Silence{110}}};
  for (const auto& [name, record] : records) codec.add("journal-" + name, kJournalRecord, record);
}

void add_notes(fuzz::SeedFolder& note) {
  MemoryTree tree;
  for (std::uint8_t i = 0; i < 11; ++i) tree.append(leaf_hash(Bytes(3, i)));
  const std::string text = Checkpoint{"log", tree.size(), tree.root()}.text();
  SignedNote signed_note{text, {sign_note_line(key(), "fuzz", text)}};
  note.add("checkpoint", text);
  note.add("note-log-only", signed_note.format());
  signed_note.lines.push_back(cosign_line(key(), "fuzz", text, 1'700'000'000));
  signed_note.lines.push_back({"stranger", 7, Bytes(64)});
  note.add("note", signed_note.format());

  TlogProof proof;
  proof.index = 5;
  proof.path = inclusion_proof(5, tree.size(), tree).value();
  proof.checkpoint = signed_note;
  note.add("proof", proof.format());
  proof.extra = Bytes{1, 2, 3};
  note.add("proof-extra", proof.format());

  const std::string log_key = VerifierKey{"log", NoteKeyType::kEd25519, key().public_key()}.text();
  const std::string witness =
      VerifierKey{"fuzz", NoteKeyType::kCosignature, key().public_key()}.text();
  note.add("policy", "log " + log_key + " https://log.example\n# who cosigns\nwitness W " +
                         witness +
                         "\ngroup all-of-them all W\ngroup any any all-of-them\n"
                         "group one 1 any\nquorum one\n");
  note.add("policy-none", "log " + log_key + "\nquorum none\n");
  note.add("tile", LogTile{false, 2, 1'234'067, 112}.path());
  note.add("tile-entries", LogTile{true, 0, 273, LogTile::kFullWidth}.path());
  note.add("verifier-log", VerifierKey{"log", NoteKeyType::kEd25519, key().public_key()}.text());
  note.add("verifier-cosigner",
           VerifierKey{"fuzz", NoteKeyType::kCosignature, key().public_key()}.text());
}

void add_json(fuzz::SeedFolder& note) {
  Seed seed;
  seed.bytes.fill(7);
  note.add("key-insecure", seal_key_insecurely(seed, "submitter"));
  KeyEncryption encryption{"correct horse", {}, {}};
  encryption.salt.bytes.fill(1);
  encryption.nonce.bytes.fill(2);
  note.add("key-sealed", seal_key(seed, "consensus", encryption));

  const cc::Submission wire = submission();
  const CoseSign1 cose = parse_cose(wire.cose).value();
  cc::SubmissionDocument document;
  document.key = cose.kid;
  document.valid_until_ms = 1'760'000'000'000;
  document.nonce = 1;
  document.statements = statements();
  document.bodies.resize(document.statements.size());
  document.bodies[0] = body();
  document.signature = cose.signature;
  note.add("submission.json", to_json(document));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: seeds CORPUS_FOLDER\n");
    return 2;
  }
  const std::filesystem::path corpus = argv[1];
  Codec codec(corpus / "codec");
  add_chaincode(codec);
  add_consensus(codec);
  add_refused(codec);
  fuzz::SeedFolder submissions(corpus / "submission");
  add_submissions(submissions);
  fuzz::SeedFolder note(corpus / "note");
  add_notes(note);
  add_json(note);
  return codec.good() && note.good() && submissions.good() && fuzz::add_node_seeds(corpus) ? 0 : 1;
}
