#include "tests/node/replica/driver_world.h"

namespace sanad::tests {

namespace {

chaincode::Contracts make_contracts() {
  auto contracts =
      chaincode::Contracts::create(sample_genesis(), sample_secret(), node::judge_evidence);
  if (!contracts) FAIL(contracts.error().message());
  return std::move(*contracts);
}

constexpr const char* kLedgerFolder = "data/ledger";
constexpr const char* kJournalFolder = "data/journal";

}  // namespace

DriverWorld::DriverWorld(bool check_durable)
    : contracts_(make_contracts()),
      check_durable_(check_durable),
      nodes_(kAuthorities.size()),
      links_(kAuthorities.size()) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    disks_.push_back(std::make_unique<SimulatedDisk>(i + 1));
    REQUIRE(disks_.back()->create_folders("data").ok());
  }
}

DriverWorld::~DriverWorld() = default;

node::Journal::Opened DriverWorld::open_journal(node::FileSystem& disk, std::uint8_t member) const {
  node::JournalOptions options;
  options.folder = kJournalFolder;
  options.owner.bytes.fill(member);
  options.segment_bytes = 64 << 10;
  auto opened = node::Journal::open(disk, std::move(options));
  if (!opened) FAIL(opened.error().message());
  return std::move(*opened);
}

void DriverWorld::start(std::uint8_t member) {
  auto node = std::make_unique<Node>(*this, member);
  node::LedgerOptions ledger{.folder = kLedgerFolder, .network_id = contracts_.network()};
  ledger.files = disks_[member].get();
  auto opened = node::Ledger::open(ledger);
  if (!opened) FAIL(opened.error().message());
  node->ledger = std::move(*opened);
  node->executor =
      std::make_unique<node::Executor>(contracts_, *node->ledger, signer_.committee().hash());
  REQUIRE(node->executor->prepare().ok());
  node->checkpoint = {"test-net/00", {}, member, signer_.committee().quorum()};
  for (const chaincode::Member& one : contracts_.genesis().members) {
    node->checkpoint.cosigners.push_back({one.id, one.cosigner_key});
  }
  const auto beacon =
      std::make_shared<const node::BeaconSource>(beacon_seed(member), kBeaconLength, nodes_.size());
  node::DriverOptions options{
      .committee = signer_.committee(),
      .network_id = contracts_.network(),
      .self = member,
      .consensus_limits = {},
      .batch_limits = {},
      .sync_limits = {},
      .checkpoint = node->checkpoint,
      .beacon = [beacon](std::uint64_t view) { return beacon->reveal(view); },
      .clock_us = {},
      .leaves_quarantine = false,
      .nonce = {}};
  auto driver = node::Driver::create(std::move(options), node->keys,
                                     open_journal(*disks_[member], member), *node->ledger, *node);
  if (!driver) FAIL(driver.error().message());
  node->driver = std::move(*driver);
  node->wake_at_ms = now_ms_;
  nodes_[member] = std::move(node);
  links_[member].clear();
  link_all();
}

void DriverWorld::start_all() {
  for (std::uint8_t i = 0; i < nodes_.size(); ++i) start(i);
}

void DriverWorld::crash(std::uint8_t member, Unsynced unsynced) {
  auto image = disks_[member]->after_power_cut(unsynced, now_ms_ + member);
  nodes_[member].reset();
  disks_[member] = std::move(image);
  link_all();
}

// Tells everybody who is connected to whom, where it changed.
void DriverWorld::link_all() {
  for (std::uint8_t a = 0; a < nodes_.size(); ++a) {
    if (nodes_[a] == nullptr) continue;
    for (std::uint8_t b = 0; b < nodes_.size(); ++b) {
      if (a == b) continue;
      const bool up = nodes_[b] != nullptr && !cut_.contains(a) && !cut_.contains(b);
      const bool was = links_[a].contains(b);
      if (up == was) continue;
      up ? (void)links_[a].insert(b) : (void)links_[a].erase(b);
      nodes_[a]->events.emplace_back(node::LinkChanged{b, up});
    }
  }
}

bool DriverWorld::Node::send(consensus::MemberIndex to, network::Priority,
                             const std::shared_ptr<const crypto::Bytes>& frame) {
  REQUIRE(frame->size() <= node::kWireBytesMax);
  if (world.full_.contains({self, to})) return false;
  const auto message = crypto::decode<node::NodeMessage>(*frame);
  REQUIRE(message.ok());
  if (std::holds_alternative<node::GetBatches>(*message)) asked.push_back(to);
  if (world.check_durable_) world.require_durable(*this, *message);
  world.packets_.push({world.now_ms_ + kDelayMs, ++world.packets_sent_, self,
                       static_cast<std::uint8_t>(to), frame});
  return true;
}

// I9: own votes with their headers, own batches, and block ends that are cosigned.
void DriverWorld::require_durable(const Node& node, const node::NodeMessage& message) {
  std::optional<consensus::Vote> vote;
  std::optional<consensus::BlockHeader> header;
  if (const auto* said = std::get_if<node::ConsensusMessage>(&message)) {
    const auto inner = crypto::decode<consensus::Message>(said->message);
    REQUIRE(inner.ok());
    if (const auto* own = std::get_if<consensus::Vote>(&*inner)) vote = *own;
    if (const auto* own = std::get_if<consensus::Proposal>(&*inner)) {
      vote = own->vote;
      header = own->header;
    }
  }
  const auto* batch = std::get_if<node::Batch>(&message);
  const auto* cosigned = std::get_if<node::CheckpointVote>(&message);
  if (batch != nullptr) ++batches_sent_;
  if (!vote && batch == nullptr && cosigned == nullptr) return;
  if (batch != nullptr && batch->author != node.self) return;

  const auto image = disks_[node.self]->after_power_cut(Unsynced::kDropped, 1);
  const auto entries = open_journal(*image, node.self).entries;
  bool found = false;
  std::set<Hash> headers;
  for (const node::JournalEntry& entry : entries) {
    if (entry.kind == node::kConsensusEntry) {
      const auto record = crypto::decode<consensus::JournalRecord>(entry.bytes);
      REQUIRE(record.ok());
      if (const auto* own = std::get_if<consensus::OwnVote>(&*record)) {
        if (own->header) headers.insert(consensus::block_hash(*own->header));
        found = found || (vote && own->subject == vote->subject);
      }
      if (const auto* held = std::get_if<consensus::HeldBlock>(&*record)) {
        headers.insert(consensus::block_hash(held->header));
      }
    } else if (entry.kind == node::kBatchEntry && batch != nullptr) {
      const auto stored = crypto::decode<node::Batch>(crypto::ByteView(entry.bytes).subspan(32));
      REQUIRE(stored.ok());
      found = found || stored->signature == batch->signature;
    } else if (entry.kind == node::kCommittedEntry && cosigned != nullptr) {
      const auto committed = crypto::decode<node::CommittedEntry>(entry.bytes);
      REQUIRE(committed.ok());
      found = found || (committed->end.tree_size == cosigned->tree_size &&
                        committed->end.root == cosigned->root);
    }
  }
  REQUIRE(found);
  if (header) REQUIRE(headers.contains(consensus::block_hash(*header)));
  ++durable_sends_;
}

crypto::Result<node::DriverEvent> DriverWorld::open(Node& node, consensus::MemberIndex from,
                                                    const crypto::Bytes& frame) {
  return node::open_frame({signer_.committee(), signer_.network(), node.checkpoint}, {from, frame},
                          node.driver->window(), node.cache);
}

void DriverWorld::deliver() {
  while (!packets_.empty() && packets_.top().at_ms <= now_ms_) {
    const Packet packet = packets_.top();
    packets_.pop();
    if (cut_.contains(packet.from) || cut_.contains(packet.to)) continue;
    Node* to = nodes_[packet.to].get();
    if (to == nullptr) continue;
    auto event = open(*to, packet.from, *packet.bytes);
    if (event) {
      to->events.push_back(std::move(*event));
    } else {
      INFO(event.error().message());
      REQUIRE(node::is_useless(event.error()));
    }
  }
}

void DriverWorld::turn(Node& node) {
  auto result =
      node.driver->turn({now_ms_, kWallStartMs + now_ms_, std::exchange(node.events, {})});
  if (!result) return stop_by_disk(node.self);
  node.wake_at_ms = result->wake_at_ms;
  if (result->checkpoint) node.note = result->checkpoint;
  REQUIRE_FALSE(result->diverged.has_value());
  REQUIRE(result->evidence.empty());
  for (const node::Serve& request : result->serve) serve(node, request);
  for (const node::FinalizedBlock& block : result->execute) {
    auto executed = node.executor->commit(node.executor->execute(block));
    if (!executed) return stop_by_disk(node.self);
    node.events.emplace_back(node::BlockExecuted{executed->end(), executed->batches});
  }
}

void DriverWorld::stop_by_disk(std::uint8_t member) {
  REQUIRE(disks_[member]->fault_happened());
  stopped_by_disk_.insert(member);
  nodes_[member].reset();
  link_all();
}

void DriverWorld::serve(Node& node, const node::Serve& request) {
  const node::Archive archive(*node.ledger);
  const auto send = [&](consensus::MemberIndex to, const node::NodeMessage& message) {
    node.send(to, network::Priority::kBulk,
              std::make_shared<const crypto::Bytes>(crypto::encode(message)));
  };
  if (const auto* blocks = std::get_if<consensus::ServeBlocks>(&request)) {
    auto found = archive.blocks(blocks->request);
    if (found) {
      send(blocks->to,
           node::ConsensusMessage{crypto::encode(consensus::Message(std::move(*found)))});
    }
    return;
  }
  const auto& asked = std::get<node::ServeBatches>(request);
  node::BatchesMissing missing;
  const bool check = std::exchange(check_durable_, false);  // from the ledger, not the journal
  for (auto& batch : archive.batches(asked.request, missing.digests)) {
    send(asked.to, std::move(batch));
  }
  if (!missing.digests.empty()) send(asked.to, missing);
  check_durable_ = check;
}

bool DriverWorld::run_until(const std::function<bool()>& condition, std::uint64_t limit_ms) {
  const std::uint64_t end = now_ms_ + limit_ms;
  while (now_ms_ <= end) {
    deliver();
    std::uint64_t next = end + 1;
    for (std::uint8_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i] == nullptr) continue;
      if (!nodes_[i]->events.empty() || nodes_[i]->wake_at_ms <= now_ms_) turn(*nodes_[i]);
      if (nodes_[i] == nullptr) continue;
      next = std::min(next, nodes_[i]->events.empty() ? nodes_[i]->wake_at_ms : now_ms_);
    }
    if (condition()) return true;
    if (!packets_.empty()) next = std::min(next, packets_.top().at_ms);
    now_ms_ = std::max(now_ms_ + 1, next);
  }
  return false;
}

void DriverWorld::run_ms(std::uint64_t ms) {
  run_until([] { return false; }, ms);
}

void DriverWorld::admit(std::uint8_t member, node::SubmissionPtr submission) {
  nodes_[member]->events.emplace_back(node::SubmissionAdmitted{std::move(submission)});
}

std::uint64_t DriverWorld::height(std::uint8_t member) const {
  return nodes_[member]->ledger->tip()->height;
}

std::optional<chaincode::SubmissionOutcome> DriverWorld::outcome(std::uint8_t member,
                                                                 const Hash& id) const {
  if (nodes_[member] == nullptr) return std::nullopt;
  const node::LedgerView view = nodes_[member]->ledger->view();
  return chaincode::read_outcome(view.state(), id);
}

const node::CheckpointNote* DriverWorld::note(std::uint8_t member) const {
  return nodes_[member]->note ? &*nodes_[member]->note : nullptr;
}

void DriverWorld::require_agreement() const {
  std::map<std::uint64_t, node::CommittedBlock> blocks;
  for (const auto& node : nodes_) {
    if (node == nullptr) continue;
    const node::LedgerView view = node->ledger->view();
    for (std::uint64_t height = 0; height <= view.tip().height; ++height) {
      const auto block = view.committed(height);
      REQUIRE(block.ok());
      const auto [at, first] = blocks.emplace(height, *block);
      REQUIRE(at->second == *block);
    }
  }
}

}  // namespace sanad::tests
