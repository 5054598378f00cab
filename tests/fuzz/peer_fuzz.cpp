// Frames of peers through the one door of a node. The first byte names the sender. Each is tried as
// it is, and again repaired: headers linked, and whatever is signed, signed by the keys of its
// signers, so that inputs get past the signatures.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>

#include "node/replica/open_frame.h"
#include "tests/fuzz/fuzz_committee.h"

namespace {

using namespace sanad;
using namespace sanad::consensus;
using crypto::Bytes;
using crypto::ByteView;

struct World {
  Hash chain = fuzz::chain();
  Committee committee = fuzz::committee();
  std::vector<crypto::SigningKey> keys;
  SignatureCache cache{64};
  Window window;
  node::CheckpointOptions checkpoint{"fuzz", {}, 0, fuzz::kMembers - 1};
  World() {
    for (std::size_t i = 0; i < fuzz::kMembers; ++i) {
      keys.push_back(fuzz::member_key(i));
      checkpoint.cosigners.push_back({std::to_string(i), keys.back().public_key()});
    }
    window.final_view = 100;
    window.view = 110;
    window.past_views_kept = 20;
    window.held = {{105, 1}, {109, 6}};
    window.asked_blocks = {crypto::sha256(crypto::as_bytes("tip"))};
  }
};

World& world() {
  static World kWorld;
  return kWorld;
}

// From what is kept with its block and the bodies beside it, the same batch again.
void check_joined(const node::CheckedBatch& batch) {
  std::map<Hash, Bytes> bodies;
  for (const node::SubmissionPtr& submission : batch.submissions()) {
    for (const auto& body : submission->stored_bodies()) {
      bodies[body.digest] = {body.bytes.begin(), body.bytes.end()};
    }
  }
  const auto joined = node::join_batch(batch.stored(), [&bodies](const Hash& digest) {
    const auto found = bodies.find(digest);
    return found == bodies.end() ? std::nullopt : std::optional(found->second);
  });
  assert(joined);
  const auto checked = node::check_batch({world().committee, world().chain}, *joined);
  assert(checked && (*checked)->ref() == batch.ref());
}

void check_accepted(const node::PeerFrame& frame, const node::DriverEvent& event,
                    const Window& window) {
  World& w = world();
  if (const auto* said = std::get_if<node::PeerConsensus>(&event)) {
    const Message& message = *said->message;
    assert(said->from == frame.from);
    if (const auto* vote = std::get_if<Vote>(&message)) assert(vote->voter == frame.from);
    if (const auto* proposal = std::get_if<Proposal>(&message)) {
      assert(w.committee.leader(proposal->vote.subject.view) == frame.from);
      assert(proposal->vote.subject.block == block_hash(proposal->header));
      const Subject& subject = proposal->vote.subject;
      const auto fault =
          header_fault(proposal->header, subject.view, subject.parent_view, w.committee, w.chain);
      assert(!fault || !fault->empty());
    }
    // A needless certificate was left out: without it the message is as good.
    const Verifier verifier(w.committee, w.chain, w.cache);
    const auto again = verifier.verify(crypto::encode(message), frame.from, window);
    assert(again.ok() || std::holds_alternative<Proposal>(message));
    if (again) assert(crypto::encode(**again) == crypto::encode(message));
  } else if (const auto* batch = std::get_if<node::PeerBatch>(&event)) {
    const node::NodeMessage wire = batch->batch->wire();
    assert(crypto::encode(wire) == Bytes(frame.bytes.begin(), frame.bytes.end()));
    assert(node::is_batch_frame(frame.bytes));
    check_joined(*batch->batch);
  } else {
    const auto& word = std::get<node::PeerWord>(event);
    assert(crypto::encode(word.message) == Bytes(frame.bytes.begin(), frame.bytes.end()));
  }
}

void open(const node::PeerFrame& frame, const Window& window) {
  World& w = world();
  const auto event = node::open_frame({w.committee, w.chain, w.checkpoint}, frame, window, w.cache);
  if (event) return check_accepted(frame, *event, window);
  assert(!event.error().message().empty());
  static_cast<void>(node::is_useless(event.error()));
}

MemberIndex signer(MemberIndex claimed) {
  return static_cast<MemberIndex>(claimed % fuzz::kMembers);
}

void repair(Vote& vote) {
  vote.voter = signer(vote.voter);
  vote = sign_vote(world().chain, vote.subject, vote.voter, world().keys[vote.voter]);
}

void repair(std::optional<Certificate>& certificate) {
  if (!certificate) return;
  certificate->signers = {7};
  certificate->signatures.clear();
  const Hash digest = signed_digest(world().chain, certificate->subject);
  for (std::size_t i = 0; i < 3; ++i) {
    certificate->signatures.push_back(world().keys[i].sign(digest.view()));
  }
}

// Who has to send it.
MemberIndex repair(Message& message, Window& window) {
  MemberIndex from = 0;
  if (auto* vote = std::get_if<Vote>(&message)) {
    repair(*vote);
    from = vote->voter;
  } else if (auto* certificate = std::get_if<Certificate>(&message)) {
    std::optional<Certificate> signed_one = std::move(*certificate);
    repair(signed_one);
    *certificate = std::move(*signed_one);
  } else if (auto* proposal = std::get_if<Proposal>(&message)) {
    Vote& own = proposal->vote;
    own.subject.block = block_hash(proposal->header);
    if (own.subject.view > 0) own.voter = world().committee.leader(own.subject.view);
    repair(own);
    repair(proposal->entry);
    from = own.voter;
  } else if (auto* status = std::get_if<MemberStatus>(&message)) {
    repair(status->finalization);
  } else if (auto* report = std::get_if<ViewReport>(&message)) {
    window.awaits_reports = true;
    repair(report->entry);
    repair(report->finalization);
  } else if (auto* blocks = std::get_if<Blocks>(&message)) {
    const BlockHeader* parent = nullptr;
    for (BlockHeader& header : blocks->headers) {
      header.chain_id = world().chain;
      if (parent != nullptr) header.parent = block_hash(*parent);
      if (parent != nullptr) header.height = parent->height + 1;
      parent = &header;
    }
    if (parent != nullptr) {
      const Hash last = block_hash(*parent);
      if (blocks->finalization) blocks->finalization->subject.block = last;
      if (!blocks->finalization) blocks->tip = last;
    }
    window.asked_blocks.insert(blocks->tip);
    repair(blocks->finalization);
  }
  return from;
}

MemberIndex repair(node::CheckpointVote& vote, MemberIndex from) {
  from = signer(from);
  const std::string text =
      crypto::Checkpoint{world().checkpoint.origin, vote.tree_size, vote.root}.text();
  vote.signature = crypto::cosign(world().keys[from], text, vote.time_s).signature;
  return from;
}

std::optional<node::Batch> repaired(const node::Batch& batch) {
  std::vector<node::SubmissionPtr> submissions;
  std::size_t bytes = 0;
  for (const node::SubmissionBytes& each : batch.submissions) {
    auto checked = chaincode::check_submission(each.bytes, world().chain);
    if (!checked) return std::nullopt;
    bytes += each.bytes.size();
    submissions.push_back(
        std::make_shared<const chaincode::CheckedSubmission>(std::move(*checked)));
  }
  if (submissions.empty() || bytes > node::kBatchBytesMax) return std::nullopt;
  const MemberIndex author = signer(batch.author);
  return node::make_batch({world().committee, world().chain}, author, batch.seq | 1,
                          std::move(submissions), world().keys[author])
      ->wire();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Window window = world().window;
  const node::PeerFrame frame{static_cast<MemberIndex>(data[0] % (fuzz::kMembers + 1)),
                              ByteView(data + 1, size - 1)};
  open(frame, window);
  auto message = crypto::decode<node::NodeMessage>(frame.bytes);
  if (!message) return 0;
  MemberIndex from = frame.from;
  if (auto* said = std::get_if<node::ConsensusMessage>(&*message)) {
    auto inner = crypto::decode<Message>(said->message);
    if (!inner) return 0;
    from = repair(*inner, window);
    said->message = crypto::encode(*inner);
  } else if (auto* batch = std::get_if<node::Batch>(&*message)) {
    auto good = repaired(*batch);
    if (!good) return 0;
    *batch = std::move(*good);
  } else if (auto* vote = std::get_if<node::CheckpointVote>(&*message)) {
    from = repair(*vote, from);
  } else if (auto* status = std::get_if<node::LedgerStatus>(&*message)) {
    if (status->newest) from = repair(*status->newest, from);
  }
  const Bytes bytes = crypto::encode(*message);
  open({from, bytes}, window);
  return 0;
}
