// D: lies about the past, to a member that asks for it.
#include <iostream>

#include "node/metrics.h"
#include "tests/hostile/catalogue.h"
#include "tests/hostile/voter.h"

namespace sanad::hostile {
namespace {

using consensus::Blocks;
using consensus::Errc;
using consensus::GetBlocks;
using consensus::kFirstEpoch;
using Kind = Expectation::Kind;

// ---------------------------------------------------------------------- not asked for

void tall_claims(Attack& attack) {
  attack.follow();
  for (const std::uint64_t height : {std::uint64_t{1'000'000'000}, ~std::uint64_t{0}}) {
    attack.say_all(node::NodeMessage(node::LedgerStatus{height, {}}));
    attack.say_all(consensus::Message(
        consensus::MemberStatus{kFirstEpoch, height, height, attack.member().network(), {}}));
    attack.pump(300);
  }
  attack.say_all(node::NodeMessage(node::LedgerStatus{1, {}}));
  attack.flush();
  for (const MemberIndex victim : attack.victims()) {
    attack.expect(victim, "best_peer_height", {}, 1'000'000, Kind::kIsBelow);
    attack.expect(victim, "caught_up", {}, 1, Kind::kIs);
  }
}

void answers_unasked(Attack& attack) {
  attack.follow();
  require(attack.pump_until([&] { return !attack.known.batches().empty(); }), "no batch heard");
  Blocks blocks;
  const auto* header = attack.known.header(attack.known.finalization()->subject.block);
  require(header != nullptr, "no final header heard");
  blocks.tip = attack.known.finalization()->subject.block;
  blocks.headers = {*header};
  blocks.finalization = *attack.known.finalization();
  node::BatchesMissing missing{{blocks.tip}};
  // Another author's, as it was sent.
  node::Batch batch = attack.known.batches().back();
  for (int i = 0; i < 10; ++i) {
    attack.say_all(consensus::Message(blocks));
    attack.say_all(node::NodeMessage(missing));
    attack.say_all(node::NodeMessage(batch));
    attack.say_all(consensus::Message(consensus::ViewReport{}));
  }
  attack.flush();
  attack.expect_invalid(Errc::kNotAskedFor, 10);
  attack.expect_useless(Errc::kNotNeeded, 10);  // the reports
  for (const MemberIndex victim : attack.victims()) {
    attack.expect(victim, "batches_unasked_total", {{"member", attack.member().name(0)}}, 10);
  }
}

// ------------------------------------------------------------------------------- asked

template <class Request>
std::optional<Request> asked_for(const node::NodeMessage& said) {
  const auto* envelope = std::get_if<node::ConsensusMessage>(&said);
  if (envelope == nullptr) return std::nullopt;
  auto message = crypto::decode<consensus::Message>(envelope->message);
  auto* request = message ? std::get_if<Request>(&*message) : nullptr;
  return request == nullptr ? std::nullopt : std::optional(*request);
}

std::map<std::string, std::string> as_reason(const Attack& attack, std::error_code why) {
  return {{"member", attack.member().name(0)}, {"reason", node::reason_label(why)}};
}

// A final block with another body under its certificate.
bool other_body(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  const auto request = asked_for<GetBlocks>(said);
  const auto* header = request ? attack.known.header(request->tip) : nullptr;
  if (header == nullptr) return false;
  Blocks blocks{request->tip, {*header}, {}};
  blocks.headers[0].time_ms += 1;
  for (View view = attack.known.view(); view > 0 && !blocks.finalization; --view) {
    const Certificate* held = attack.known.certificate(view, VoteKind::finalize);
    if (held != nullptr && held->subject.block == request->tip) blocks.finalization = *held;
  }
  attack.say(to, consensus::Message(blocks));
  attack.expect(to, "frames_invalid_total", as_reason(attack, Errc::kBrokenAncestry), 1);
  return true;
}

// Headers that link, of another chain and of another committee's epoch.
bool other_chain(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  const auto request = asked_for<GetBlocks>(said);
  if (!request) return false;
  Blocks blocks{request->tip, std::vector<consensus::BlockHeader>(3), {}};
  for (std::size_t i = 0; i < 3; ++i) {
    auto& header = blocks.headers[i];
    header.epoch = kFirstEpoch;
    header.height = request->above + 1 + i;
    if (i > 0) header.parent = block_hash(blocks.headers[i - 1]);
  }
  attack.say(to, consensus::Message(blocks));
  blocks.headers[0].epoch += 1;
  attack.say(to, consensus::Message(blocks));
  attack.expect(to, "frames_invalid_total", as_reason(attack, Errc::kHeaderMismatch), 1);
  attack.expect(to, "frames_invalid_total", as_reason(attack, Errc::kWrongEpoch), 1);
  return true;
}

// One block at a time: its parent is held, and what lies below is not said.
bool only_the_tip(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  const auto request = asked_for<GetBlocks>(said);
  const auto* header = request ? attack.known.header(request->tip) : nullptr;
  if (header == nullptr) return false;
  attack.say(to, consensus::Message(Blocks{request->tip, {*header}, {}}));
  return true;
}

bool wrong_bytes(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  if (!std::holds_alternative<node::GetBatches>(said) || attack.known.batches().empty()) {
    return false;
  }
  node::Batch batch = attack.known.batches().back();
  batch.submissions[0].bytes[batch.submissions[0].bytes.size() / 2] ^= 1;
  attack.say(to, node::NodeMessage(batch));
  attack.expect(to, "frames_invalid_total", as_reason(attack, node::ReplicaErrc::kBatchInvalid), 1);
  return true;
}

bool never_found(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  const auto* request = std::get_if<node::GetBatches>(&said);
  if (request == nullptr) return false;
  attack.say(to, node::NodeMessage(node::BatchesMissing{request->digests}));
  return true;
}

// A byte now and then of an answer that would be long.
bool drips(Attack& attack, MemberIndex to, const node::NodeMessage& said) {
  if (!std::holds_alternative<node::GetBatches>(said)) return false;
  Bytes begun = wire(network::FrameKind::kMessage, Bytes(1'000'000, 1));
  begun.resize(100);
  attack.link(to).lively = false;
  attack.link(to).write(begun);
  return true;
}

}  // namespace

void tell_lies(Attack& attack, const std::vector<Lie>& lies) {
  attack.present = false;
  attack.follow();
  Voter voter(attack);
  bool gone = false;  // what a victim asks before that, it forgets
  attack.on_message = [&](MemberIndex from, const node::NodeMessage& said) {
    voter.take(said);
    if (!gone) return;
    for (std::size_t i = 0; i < lies.size(); ++i) {
      if (lies[i].answer(attack, from, said))
        ++attack.done["lies of kind " + std::to_string(i + 1)];
    }
  };
  std::cerr << "ready" << std::endl;
  for (Input said = input(); said != Input::kEnded; said = input()) {
    gone = gone || said == Input::kSomething;
    for (const MemberIndex victim : attack.victims()) {
      Session* link = attack.link_if_up(victim);
      // Whoever claims to be far is asked.
      const Bytes claim = crypto::encode(node::NodeMessage(node::LedgerStatus{1'000'000, {}}));
      if (link != nullptr && link->lively) link->frame(network::FrameKind::kMessage, claim);
    }
    attack.pump(5);
  }
  require(attack.done.size() == lies.size(), "not every lie was asked for");
  attack.pump(200);
}

std::vector<Case> sync_cases() {
  return {
      {46, "heights of 10^9 and 2^64-1, then 1",
       Here{tall_claims, "not believed: best_peer_height is what f + 1 claim; caught_up stays 1"}},
      {47, "a valid finalization over another body",
       Lie{other_body, "frames invalid: headers do not link; fetched from others"}},
      {48, "a batch of wrong bytes",
       Lie{wrong_bytes, "frames invalid: batch; fetched from others"}},
      {49, "\"not found\" for ever", Lie{never_found, "the next member is asked at once"}},
      {50, "headers that link, of another chain or epoch",
       Lie{other_chain, "frames invalid: another header, another epoch; fetched from others"}},
      {51, "snapshots with chunks too many, missing, swapped",
       DoesNotApply{"there are no snapshots yet"}},
      {52, "an old but valid snapshot", DoesNotApply{"there are no snapshots yet"}},
      {53, "an answer that drips", Lie{drips, "others are asked; the link ends as in case 2"}},
      {54, "blocks, batches and reports that nobody asked for",
       Here{answers_unasked, "frames invalid: answer to no request; batches unasked"}},
      {55, "an answer with the tip alone", Lie{only_the_tip, "its parent is asked for in turn"}},
      {56, "five joiners at once",
       DoesNotApply{"members are those of genesis; what catching up costs live ones is measured "
                    "with `sanad bench`"}},
      {57, "two members hold different certificates of one view",
       Elsewhere{"tests/scenarios/catch-up_different_certificates.txt", "notarization"}},
  };
}

}  // namespace sanad::hostile
