#include <algorithm>

#include "node/ledger/ledger.h"
#include "node/replica/wire.h"
#include "tests/fuzz/fuzz_committee.h"
#include "tests/fuzz/seeds.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::fuzz {
namespace {

using namespace crypto;
namespace cc = sanad::chaincode;
namespace cs = sanad::consensus;

Hash hash(std::string_view name) { return sha256(as_bytes(name)); }

// ------------------------------------------------------------------------------------------ peer

cs::Certificate certificate_of(const cs::Subject& subject) {
  cs::Certificate certificate{subject, Bytes{7}, {}};
  const Hash digest = signed_digest(chain(), subject);
  for (std::size_t i = 0; i < 3; ++i) {
    certificate.signatures.push_back(member_key(i).sign(digest.view()));
  }
  return certificate;
}

// Votes and what is made of them, as views around 110 need it (peer_fuzz.cpp).
std::vector<std::pair<std::string, cs::Message>> consensus_messages() {
  const cs::Committee members = committee();
  const cs::MemberIndex leader = members.leader(110);
  cs::BlockHeader header = sample_header();
  header.chain_id = chain();
  header.proposer = leader;
  header.epoch_end.reset();
  const Hash block = block_hash(header);
  const auto notarize = cs::notarize(cs::kFirstEpoch, 110, 109, block);
  const auto nullify = cs::nullify(cs::kFirstEpoch, 109);
  const auto finalize = cs::finalize(cs::kFirstEpoch, 110, block);
  const cs::Vote proposed = sign_vote(chain(), notarize, leader, member_key(leader));
  const auto final_certificate = certificate_of(finalize);
  cs::BlockHeader child = header;
  child.parent = block;
  child.height = header.height + 1;
  return {
      {"vote-notarize", sign_vote(chain(), notarize, 1, member_key(1))},
      {"vote-nullify", sign_vote(chain(), nullify, 2, member_key(2))},
      {"vote-finalize", sign_vote(chain(), finalize, 3, member_key(3))},
      {"vote-old", sign_vote(chain(), cs::nullify(cs::kFirstEpoch, 3), 3, member_key(3))},
      {"vote-other-epoch",
       sign_vote(chain(), cs::nullify(cs::kFirstEpoch + 1, 3), 3, member_key(3))},
      {"vote-odd",
       sign_vote(chain(), cs::notarize(cs::kFirstEpoch, 110, 110, block), 3, member_key(3))},
      {"certificate", certificate_of(notarize)},
      {"certificate-held", certificate_of(cs::notarize(cs::kFirstEpoch, 105, 104, block))},
      {"certificate-nullify", certificate_of(nullify)},
      {"certificate-short",
       cs::Certificate{notarize, Bytes{3}, {proposed.signature, proposed.signature}}},
      {"certificate-wide", cs::Certificate{notarize, Bytes{0xF7}, {proposed.signature}}},
      {"proposal", cs::Proposal{proposed, header,
                                certificate_of(cs::notarize(cs::kFirstEpoch, 109, 108, block))}},
      {"proposal-needless-entry",
       cs::Proposal{proposed, header,
                    certificate_of(cs::notarize(cs::kFirstEpoch, 99, 98, block))}},
      {"proposal-first", cs::Proposal{proposed, header, std::nullopt}},
      {"status", cs::MemberStatus{cs::kFirstEpoch, 110, 49, block, final_certificate}},
      {"status-needless",
       cs::MemberStatus{cs::kFirstEpoch, 99, 49, block,
                        certificate_of(cs::finalize(cs::kFirstEpoch, 99, block))}},
      {"status-odd", cs::MemberStatus{cs::kFirstEpoch, 110, 49, block, certificate_of(notarize)}},
      {"status-bare", cs::MemberStatus{cs::kFirstEpoch, 110, 49, block, std::nullopt}},
      {"get-certificate", cs::GetCertificate{cs::kFirstEpoch, 109}},
      {"get-blocks", cs::GetBlocks{block, 40}},
      {"blocks", cs::Blocks{hash("tip"), {header, child}, std::nullopt}},
      {"blocks-final", cs::Blocks{hash("tip"), {child, header}, final_certificate}},
      {"blocks-none", cs::Blocks{hash("tip"), {}, std::nullopt}},
      {"announce", cs::Announce{header.batches}},
      {"announce-stranger", cs::Announce{{{9, 7, hash("batch"), 1000, 10}}}},
      {"get-view", cs::GetView{hash("nonce")}},
      {"view-report",
       cs::ViewReport{hash("nonce"), false, certificate_of(notarize), final_certificate}}};
}

cs::MemberIndex sender(const cs::Message& message) {
  if (const auto* vote = std::get_if<cs::Vote>(&message)) return vote->voter;
  if (const auto* proposal = std::get_if<cs::Proposal>(&message)) return proposal->vote.voter;
  return 0;
}

void add_frame(SeedFolder& folder, const std::string& name, cs::MemberIndex from,
               const node::NodeMessage& message) {
  Bytes bytes = {static_cast<std::uint8_t>(from)};
  append(bytes, encode(message));
  folder.add(name, ByteView(bytes));
}

void add_peer(SeedFolder& folder, const Bytes& submission) {
  for (const auto& [name, message] : consensus_messages()) {
    add_frame(folder, name, sender(message), node::ConsensusMessage{encode(message)});
  }
  const auto size = static_cast<std::uint32_t>(submission.size());
  const node::Batch batch{1, cs::kFirstEpoch, 7, size, {{submission}}, {}};
  add_frame(folder, "batch", 1, batch);
  node::Batch odd = batch;
  odd.bytes = size - 1;
  add_frame(folder, "batch-too-long", 1, odd);
  odd = batch;
  odd.submissions.clear();
  add_frame(folder, "batch-empty", 1, odd);
  odd = batch;
  odd.author = 9;
  add_frame(folder, "batch-of-a-stranger", 1, odd);
  odd = batch;
  odd.submissions[0].bytes.back() ^= 1;
  add_frame(folder, "batch-bad-submission", 1, odd);
  const node::CheckpointVote vote{49, 900, hash("root"), 1'760'000'000, {}};
  add_frame(folder, "get-batches", 2, node::GetBatches{50, {hash("batch")}});
  add_frame(folder, "batches-missing", 2, node::BatchesMissing{{hash("batch")}});
  add_frame(folder, "ledger-status", 3, node::LedgerStatus{49, vote});
  add_frame(folder, "checkpoint-vote", 3, vote);
}

// ------------------------------------------------------------------------------- journal, segments

void add_journal(SeedFolder& folder) {
  // What to damage (4 bytes) and how (1), then words: see journal_fuzz.cpp.
  const auto script = [](std::uint32_t where, std::uint8_t flip, std::size_t groups) {
    Bytes bytes;
    append_u32be(bytes, where);
    bytes.push_back(flip);
    for (std::size_t i = 0; i < groups; ++i) {
      const auto eighths = static_cast<std::uint8_t>(1 + 9 * i);
      append(bytes, Bytes{0, 70, eighths});
      append(bytes, Bytes(std::size_t{8} * eighths, static_cast<std::uint8_t>(i + 1)));
      append(bytes, Bytes{99, 0});
    }
    return bytes;
  };
  folder.add("whole", ByteView(script(0, 0, 4)));
  folder.add("changed-opening", ByteView(script(9, 1, 4)));
  folder.add("changed-middle", ByteView(script(700, 128, 9)));
  folder.add("changed-last", ByteView(script(240, 1, 1)));
  folder.add("one-long-group", ByteView(script(1'500, 4, 14)));
  folder.add("name", "journal-00000000000000a7.log");
  folder.add("name-other", "journal-000000000000z0a7.log");
}

node::CommitRequest block_of(std::uint64_t height) {
  node::CommitRequest block;
  block.height = height;
  block.block_hash = hash("block" + std::to_string(height));
  block.time_ms = 1'760'000'000'000 + height;
  block.committee_hash = hash("committee");
  if (height == 0) return block;
  block.header = encode(sample_header());
  block.finalization = Bytes(64, 3);
  block.batches = {Bytes(70, 4), Bytes(33, 5)};
  const Bytes body(50, static_cast<std::uint8_t>(height));
  block.bodies = {
      {cc::body_digest(body), body}, {cc::detail_digest(body), body}, {hash("x"), body}};
  cc::Record record;
  record.height = height;
  record.time_ms = block.time_ms;
  record.consignments = {*Handle::from(hash("consignment").view())};
  record.n = height;
  record.authority = "AE-DU";
  record.origin = cc::Origin(cc::StatementOrigin{hash("submission"), 0});
  record.content = cc::Declared{hash("declaration"), {*Handle::from(hash("container").view())}};
  block.effects.records.push_back(record);
  return block;
}

// The committed end and the files of a ledger of four blocks (segments_fuzz.cpp); `changed` may
// alter them.
template <class Change>
bool add_ledger(SeedFolder& folder, const std::string& name, std::uint64_t segment_bytes_max,
                Change change) {
  tests::SimulatedDisk disk;
  const node::LedgerOptions options{.folder = "ledger",
                                    .network_id = hash("network"),
                                    .files = &disk,
                                    .segment_bytes_max = segment_bytes_max};
  auto ledger = node::Ledger::open(options);
  for (std::uint64_t height = 0; height < 5; ++height) {
    if (!ledger || !(*ledger)->commit(block_of(height))) return false;
  }
  Bytes seed(4);
  for (std::uint8_t series = 0; series < node::kSeriesNames.size(); ++series) {
    for (std::uint8_t number = 0; number < 3; ++number) {
      const node::SegmentPlace place{&disk, "ledger/segments", {}, node::Series{series}};
      const Bytes* bytes = disk.bytes(place.path(number));
      if (bytes == nullptr) continue;
      append(seed, Bytes{series, number});
      append_u16be(seed, static_cast<std::uint16_t>(bytes->size()));
      append(seed, *bytes);
      // The end of the blocks is the one that the writers open at.
      if (series != 0) continue;
      seed[0] = number;
      seed[2] = static_cast<std::uint8_t>(bytes->size() >> 8);
      seed[3] = static_cast<std::uint8_t>(bytes->size());
    }
  }
  change(seed);
  folder.add(name, ByteView(seed));
  return true;
}

// Changes a byte of the first head: what stands `after` the beginning of its format.
auto in_head(std::ptrdiff_t after) {
  return [after](Bytes& seed) {
    const std::string_view format = "sanad segment 1";
    *(std::search(seed.begin(), seed.end(), format.begin(), format.end()) + after) ^= 1;
  };
}

bool add_segments(SeedFolder& folder) {
  const auto same = [](Bytes&) {};
  // After the format: two bytes and the network, then a byte each for series and number.
  constexpr std::ptrdiff_t kFormat = 14;
  constexpr std::ptrdiff_t kNetwork = 30;
  constexpr std::ptrdiff_t kNumber = 15 + 2 + 32 + 1;
  constexpr std::ptrdiff_t kPrevious = kNumber + 1;
  constexpr std::uint64_t kOneFile = 1 << 20;
  return add_ledger(folder, "one-file-each", kOneFile, same) &&
         add_ledger(folder, "several-files", 1'500, same) &&
         add_ledger(folder, "from-the-start", kOneFile,
                    [](Bytes& seed) { seed[2] = seed[3] = 0; }) &&
         add_ledger(folder, "committed-inside", kOneFile, [](Bytes& seed) { seed[3] ^= 1; }) &&
         add_ledger(folder, "committed-beyond", kOneFile, [](Bytes& seed) { seed[2] ^= 64; }) &&
         add_ledger(folder, "committed-elsewhere", kOneFile, [](Bytes& seed) { seed[0] = 1; }) &&
         add_ledger(folder, "cut", kOneFile, [](Bytes& seed) { seed.resize(seed.size() - 20); }) &&
         add_ledger(folder, "changed", kOneFile, [](Bytes& seed) { seed[300] ^= 1; }) &&
         add_ledger(folder, "other-series", kOneFile, [](Bytes& seed) { seed[4] = 1; }) &&
         add_ledger(folder, "other-format", kOneFile, in_head(kFormat)) &&
         add_ledger(folder, "other-network", kOneFile, in_head(kNetwork)) &&
         add_ledger(folder, "other-number", kOneFile, in_head(kNumber)) &&
         add_ledger(folder, "other-length-before", kOneFile, in_head(kPrevious)) &&
         add_ledger(folder, "too-long-a-frame", kOneFile, [](Bytes& seed) { seed[11] = 0x7F; });
}

// -------------------------------------------------------------------------------------- http_head

void add_http_heads(SeedFolder& folder) {
  const std::string host = "\r\nHost: here\r\n";
  folder.add("get", "GET /v1/records?from=3&count=10 HTTP/1.1" + host + "Accept: */*");
  folder.add("post", "POST /v1/submissions?wait=final HTTP/1.1" + host +
                         "Content-Type: application/cbor\r\nContent-Length: 512\r\n"
                         "Expect: 100-continue\r\nAuthorization: Bearer 0123");
  folder.add("escapes", "GET /v1/a%2Fb%20%C3%A9/?x&y=%26&z= HTTP/1.1" + host);
  folder.add("head", "HEAD / HTTP/1.1" + host + "Connection: keep-alive, close");
  folder.add("old", "GET /healthz HTTP/1.0");
  folder.add("new", "GET / HTTP/2.0" + host);
  folder.add("version", "GET / HTTPS/1" + host);
  folder.add("method", "BREW /pot HTTP/1.1" + host);
  folder.add("no-method", "(\") / HTTP/1.1" + host);
  folder.add("no-host", "GET / HTTP/1.1\r\nAccept: x");
  folder.add("two-hosts", "GET / HTTP/1.1" + host + "Host: there");
  folder.add("dots", "GET /a/%2e%2E/b HTTP/1.1" + host);
  folder.add("bad-escape", "GET /a%4 HTTP/1.1" + host);
  folder.add("not-utf8", "GET /%ff HTTP/1.1" + host);
  folder.add("not-a-path", "GET http://other/ HTTP/1.1" + host);
  folder.add("bad-query", "GET /?a=%00 HTTP/1.1" + host);
  folder.add("one-word", "GET");
  folder.add("nothing", "");
  folder.add("chunked", "POST / HTTP/1.1" + host + "Transfer-Encoding: chunked");
  folder.add("both-lengths",
             "POST / HTTP/1.1" + host + "Transfer-Encoding: x\r\nContent-Length: 5");
  folder.add("signed-length", "POST / HTTP/1.1" + host + "Content-Length: +5");
  folder.add("expects-more", "POST / HTTP/1.1" + host + "Expect: 200-ok");
  folder.add("folded", "GET / HTTP/1.1" + host + "X: y\r\n more");
  folder.add("line-feed", "GET / HTTP/1.1" + host + "X: y\nZ: w");
  folder.add("control", "GET / HTTP/1.1" + host + "X: \x01");
  std::string many = "GET / HTTP/1.1" + host;
  for (int i = 0; i < 64; ++i) many += "a:b\r\n";
  folder.add("many-fields", many + "a:b");
}

}  // namespace

bool add_node_seeds(const std::filesystem::path& corpus) {
  SeedFolder peer(corpus / "peer");
  // A submission of the same network that is whole.
  std::ifstream file(corpus / "submission" / "mixed", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  add_peer(peer, Bytes(whole.begin(), whole.end()));
  SeedFolder journal(corpus / "journal");
  add_journal(journal);
  SeedFolder segments(corpus / "segments");
  const bool has_segments = add_segments(segments);
  SeedFolder heads(corpus / "http_head");
  add_http_heads(heads);
  return has_segments && peer.good() && journal.good() && segments.good() && heads.good();
}

}  // namespace sanad::fuzz
