// One test per numbered rule of docs/protocol.md, on one core whose peers the test plays.
#include <sodium.h>

#include <catch2/catch.hpp>

#include "consensus/dissemination.h"
#include "solo.h"

namespace sanad::consensus {
namespace {

constexpr MemberIndex kSelf = 0;

// A started core with one batch held, in a view that another member leads, and that member's block.
struct Scene {
  explicit Scene(std::size_t n = 4) : solo(n, kSelf) {
    solo.start();
    ref = batch_ref(1, 1);
    solo.hold(ref);
    view = 1;
    while (solo.leader(view) == kSelf) ++view;
    solo.nullify_below(view);
    header = solo.block(view, solo.keys.chain_id, 1, {ref});
    leader = solo.leader(view);
    solo.clear();
  }
  [[nodiscard]] Proposal proposal() const { return solo.proposal(header, 0); }
  [[nodiscard]] Certificate notarization() const {
    return solo.keys.certificate(notarize(kFirstEpoch, view, 0, block_hash(header)));
  }
  [[nodiscard]] Certificate finalization() const {
    return solo.keys.certificate(finalize(kFirstEpoch, view, block_hash(header)));
  }

  Solo solo;
  BatchRef ref;
  View view = 0;
  MemberIndex leader = 0;
  BlockHeader header;
};

std::uint64_t timeout_of(const Solo& solo) { return solo.core->status().timeout_ms; }

// In order, so far.
std::vector<MemberIndex> asked_for_blocks(const Solo& solo) {
  std::vector<MemberIndex> members;
  for (const Action& action : solo.actions) {
    const auto* send = std::get_if<Send>(&action);
    if (send != nullptr && std::holds_alternative<GetBlocks>(send->message)) {
      members.push_back(send->to);
    }
  }
  return members;
}

}  // namespace

TEST_CASE("L1: every member leads once in n views, in an order fixed by the epoch's root") {
  const CommitteeKeys keys(7);
  const Committee committee = keys.committee();
  for (View first = 1; first < 30; ++first) {
    std::set<MemberIndex> leaders;
    for (View view = first; view < first + 7; ++view) leaders.insert(committee.leader(view));
    REQUIRE(leaders.size() == 7);
    REQUIRE(committee.leader(first) == committee.leader(first + 7));
    REQUIRE(committee.turn(first + 7) == committee.turn(first) + 1);
  }
  std::vector<PublicKey> publics;
  for (const auto& key : keys.keys) publics.push_back(key.public_key());
  const Committee other(kFirstEpoch, publics, crypto::sha256({}));
  bool differs = false;
  for (View view = 1; view <= 7; ++view) differs |= other.leader(view) != committee.leader(view);
  REQUIRE(differs);
}

TEST_CASE("quorums: f, q for the sizes of the table") {
  const std::vector<std::pair<std::size_t, std::size_t>> table = {{1, 1}, {4, 3},  {5, 4}, {6, 5},
                                                                  {7, 5}, {10, 7}, {13, 9}};
  for (const auto& [n, q] : table) REQUIRE(CommitteeKeys(n).committee().quorum() == q);
}

TEST_CASE(
    "L2: a silent leader is skipped only while a quorum is heard; a held proposal cancels it") {
  Solo solo(4, kSelf);
  solo.start();
  const View view = solo.leader(1) == kSelf ? 2 : 1;
  solo.nullify_below(view);
  const MemberIndex leader = solo.leader(view);
  std::vector<MemberIndex> others;
  for (MemberIndex member = 1; member < 4; ++member) {
    if (member != leader) others.push_back(member);
  }
  solo.advance(2'500);
  const MemberStatus status{kFirstEpoch, view, 0, solo.keys.chain_id, {}};
  REQUIRE(solo.deliver(status, others[0]).ok());
  SECTION("one of two others heard: not a quorum") {
    solo.hold(batch_ref(1, 1));
    REQUIRE_FALSE(solo.has_cast(VoteKind::nullify, view));
  }
  SECTION("both others heard: skipped at once") {
    REQUIRE(solo.deliver(status, others[1]).ok());
    solo.hold(batch_ref(1, 1));
    REQUIRE(solo.has_cast(VoteKind::nullify, view));
  }
}

TEST_CASE("L3: a leader that must not propose gives its view up at once, and others follow it") {
  Solo solo(4, kSelf);
  solo.start();
  solo.input(CanPropose{false});
  const View own = solo.view_led_by(kSelf);
  solo.nullify_below(own);
  REQUIRE_FALSE(solo.has_cast(VoteKind::nullify, own));  // W1: silent without work
  solo.hold(batch_ref(1, 1));
  REQUIRE(solo.has_cast(VoteKind::nullify, own));
  REQUIRE(solo.casts(VoteKind::notarize) == 0);

  Scene scene;
  REQUIRE(scene.solo
              .deliver(scene.solo.keys.vote(nullify(kFirstEpoch, scene.view), scene.leader),
                       scene.leader)
              .ok());
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
}

TEST_CASE("L3: a leader that said that it cannot lead is not waited for, until it says it can") {
  Solo solo(4, kSelf);
  solo.start();
  const View view = solo.leader(1) == kSelf ? 2 : 1;
  const MemberIndex leader = solo.leader(view);
  MemberStatus status{kFirstEpoch, 1, 0, solo.keys.chain_id, {}, false};
  REQUIRE(solo.deliver(status, leader).ok());
  SECTION("it cannot") {
    solo.nullify_below(view);
    solo.hold(batch_ref(1, 1));
    REQUIRE(solo.has_cast(VoteKind::nullify, view));
  }
  SECTION("its proposal is at hand all the same") {
    solo.nullify_below(view);
    REQUIRE(solo.deliver(solo.proposal(solo.block(view, solo.keys.chain_id, 1), 0), leader).ok());
    solo.hold(batch_ref(1, 1));
    REQUIRE_FALSE(solo.has_cast(VoteKind::nullify, view));
  }
  SECTION("it can again") {
    status.leads = true;
    REQUIRE(solo.deliver(status, leader).ok());
    solo.nullify_below(view);
    solo.hold(batch_ref(1, 1));
    REQUIRE_FALSE(solo.has_cast(VoteKind::nullify, view));
  }
}

TEST_CASE("L3: a status says at once when its sender cannot lead, or can again") {
  Solo solo(4, kSelf);
  solo.start();
  const auto count = [&] { return solo.sent<MemberStatus>().size(); };
  const std::size_t before = count();
  solo.input(CanPropose{false});
  REQUIRE(count() == before + 1);
  REQUIRE_FALSE(solo.sent<MemberStatus>().back().leads);
  solo.input(CanPropose{false});
  REQUIRE(count() == before + 1);
  solo.input(CanPropose{true});
  REQUIRE(count() == before + 2);
  REQUIRE(solo.sent<MemberStatus>().back().leads);
}

TEST_CASE(
    "B2: no notarize for a batch that is not held; it is asked of the leader, then voted for") {
  Scene scene;
  const BatchRef unknown = batch_ref(2, 9);
  scene.header.batches.push_back(unknown);
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::notarize, scene.view));
  const auto asked = scene.solo.all<RequestBatch>();
  REQUIRE(asked.size() == 1);
  REQUIRE(asked[0].ref == unknown);
  REQUIRE(asked[0].candidates.front() == scene.leader);
  scene.solo.hold(unknown);
  REQUIRE(scene.solo.has_cast(VoteKind::notarize, scene.view));
}

TEST_CASE("B2: a reference that differs from its held batch is never valid") {
  Scene scene;
  scene.header.batches[0].statements += 1;
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::notarize, scene.view));
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
}

TEST_CASE("B3: oldest first, a fair share per author, within the bounds of a block") {
  Limits limits;
  limits.block_refs_max = 6;
  Solo solo(4, kSelf, limits);
  solo.start();
  const View own = solo.view_led_by(kSelf, 2);
  // Held before its turn: twenty of member 1, then two of member 2.
  for (std::uint64_t seq = 0; seq < 20; ++seq) solo.hold(batch_ref(1, seq));
  solo.hold(batch_ref(2, 0));
  solo.hold(batch_ref(2, 1));
  solo.nullify_below(own);
  const CastVote* cast = solo.cast(VoteKind::notarize, own);
  REQUIRE(cast != nullptr);
  const std::vector<BatchRef> expected = {batch_ref(1, 0), batch_ref(2, 0), batch_ref(1, 1),
                                          batch_ref(2, 1), batch_ref(1, 2), batch_ref(1, 3)};
  REQUIRE(cast->header->batches == expected);
}

TEST_CASE("B3: an author whose batches are missing at f + 1 members is left out for a while") {
  Limits limits;
  Dissemination batches(limits, kSelf);
  batches.hold(batch_ref(1, 0), 1, 0);
  batches.hold(batch_ref(2, 0), 1, 0);
  batches.missing_at(2, batch_ref(1, 0).digest, 2, 1'000);
  batches.missing_at(2, batch_ref(1, 0).digest, 2, 1'001);  // the same member again
  REQUIRE(batches.pick({}, 1'002).size() == 2);
  batches.missing_at(3, batch_ref(1, 0).digest, 2, 1'003);
  REQUIRE(batches.pick({}, 1'004) == std::vector{batch_ref(2, 0)});
  REQUIRE(batches.pick({}, 1'004 + limits.author_pause_ms).size() == 2);
}

// As no honest member does: RFC 8032 §5.1.6 with a nonce r that does not follow from the message.
// For the member whose seed is all 3 (CommitteeKeys).
SignedBatch signed_again(const Hash& chain_id, const BatchHeader& header) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(3);
  std::array<std::uint8_t, 64> secret{};
  crypto_hash_sha512(secret.data(), seed.data(), seed.size());
  secret[0] &= 248;
  secret[31] = static_cast<std::uint8_t>((secret[31] & 127) | 64);
  std::array<std::uint8_t, 32> s{}, nonce{7}, key{};
  crypto_scalarmult_ed25519_base_noclamp(key.data(), secret.data());
  SignedBatch made{header, {}};
  crypto_scalarmult_ed25519_base_noclamp(made.signature.bytes.data(), nonce.data());
  Bytes input;
  crypto::append(input, crypto::ByteView(made.signature.bytes).first(32));
  crypto::append(input, key);
  crypto::append(input, signed_digest(chain_id, header).view());
  std::array<std::uint8_t, 64> hash{};
  crypto_hash_sha512(hash.data(), input.data(), input.size());
  std::array<std::uint8_t, 32> k{};
  crypto_core_ed25519_scalar_reduce(k.data(), hash.data());
  crypto_core_ed25519_scalar_mul(s.data(), k.data(), secret.data());
  crypto_core_ed25519_scalar_add(s.data(), s.data(), nonce.data());
  for (std::size_t i = 0; i < s.size(); ++i) made.signature.bytes[32 + i] = s[i];
  return made;
}

TEST_CASE("B4: two batches of one author and sequence number are evidence, one is not") {
  const CommitteeKeys keys(4);
  const Committee committee = keys.committee();
  const auto sign = [&](const BatchHeader& header) {
    return sign_batch(keys.chain_id, header, keys.keys[header.author]);
  };
  const BatchHeader first{2, kFirstEpoch, 7, {}, 100, 1};
  BatchHeader second = first;
  second.content = crypto::sha256({});
  REQUIRE(check(ConflictingBatches{sign(first), sign(second)}, committee, keys.chain_id).ok());
  REQUIRE_FALSE(check(ConflictingBatches{sign(first), sign(first)}, committee, keys.chain_id).ok());
  REQUIRE_FALSE(check(ConflictingBatches{sign(first), sign({2, kFirstEpoch, 8, {}, 100, 1})},
                      committee, keys.chain_id)
                    .ok());
  const ConflictingBatches proof{sign(first), sign(second)};
  REQUIRE(accused(proof) == 2);
  // Signed again with another nonce, the same header is another batch: its digest differs.
  const SignedBatch again = signed_again(keys.chain_id, first);
  REQUIRE(ref_of(again).digest != ref_of(sign(first)).digest);
  REQUIRE(check(ConflictingBatches{sign(first), again}, committee, keys.chain_id).ok());
  // One number in two epochs, of two authors, of nobody: none of it is a contradiction.
  const auto judge = [&](const SignedBatch& other) {
    return check(ConflictingBatches{sign(first), other}, committee, keys.chain_id).error();
  };
  BatchHeader next_epoch = second;
  next_epoch.epoch += 1;
  REQUIRE(judge(sign(next_epoch)) == Errc::kNotEvidence);
  REQUIRE(judge(sign({3, kFirstEpoch, 7, {}, 100, 1})) == Errc::kNotEvidence);
  ConflictingBatches nobody = proof;
  nobody.first.header.author = nobody.second.header.author = 9;
  REQUIRE(check(nobody, committee, keys.chain_id).error() == Errc::kUnknownMember);
  ConflictingBatches later = proof;
  later.first.header.epoch = later.second.header.epoch = kFirstEpoch + 1;
  REQUIRE(check(later, committee, keys.chain_id).error() == Errc::kWrongEpoch);
  SignedBatch forged = sign(second);
  forged.signature.bytes[3] ^= 1;
  REQUIRE(check(ConflictingBatches{sign(first), forged}, committee, keys.chain_id).error() ==
          Errc::kBadSignature);
}

TEST_CASE("B6: a batch kept out for 2n views while others went in rings one alarm, with names") {
  Solo solo(4, kSelf);
  solo.start();
  solo.input(CanPropose{false});
  const BatchRef unwanted = batch_ref(3, 1);
  solo.hold(unwanted);
  solo.wall_ms += 2'000;  // what is proposed from here on was made after it came
  Hash parent = solo.keys.chain_id;
  View parent_view = 0;
  Height height = 1;
  for (View view = 1; view <= 16; ++view) {
    if (solo.leader(view) == kSelf) {
      solo.nullify(view, view);
      continue;
    }
    if (view <= 9) REQUIRE(solo.all<CensorshipSuspected>().empty());
    const BatchRef ref = batch_ref(1, view);
    solo.hold(ref);
    const BlockHeader header = solo.block(view, parent, height++, {ref});
    REQUIRE(solo.deliver(solo.proposal(header, parent_view), solo.leader(view)).ok());
    parent = block_hash(header);
    parent_view = view;
    REQUIRE(solo.deliver(solo.keys.certificate(finalize(kFirstEpoch, view, parent)), 1).ok());
  }
  const auto suspicions = solo.all<CensorshipSuspected>();
  REQUIRE(suspicions.size() == 1);
  REQUIRE(suspicions[0].ref == unwanted);
  REQUIRE(suspicions[0].leaders == std::vector<MemberIndex>{1, 2, 3});
}

TEST_CASE("W1: without work there are no votes, however long it lasts") {
  Limits limits;
  limits.heartbeat_ms = 1'000'000;
  Solo solo(4, kSelf, limits);
  solo.start();
  for (int i = 0; i < 50; ++i) solo.advance(5'000);
  REQUIRE(solo.all<CastVote>().empty());
  REQUIRE_FALSE(solo.sent<MemberStatus>().empty());
}

TEST_CASE("W2: a child waits for the shortest interval; nothing new to reference waits for T'") {
  Solo solo(4, kSelf);
  solo.start();
  const View own = solo.view_led_by(kSelf, 2);
  if (own > 2) solo.nullify_below(own - 1);
  const BatchRef first = batch_ref(1, 1);
  solo.hold(first);
  const BlockHeader parent = solo.block(own - 1, solo.keys.chain_id, 1, {first});
  REQUIRE(solo.deliver(solo.proposal(parent, 0), solo.leader(own - 1)).ok());
  const auto subject = notarize(kFirstEpoch, own - 1, 0, block_hash(parent));
  REQUIRE(solo.deliver(solo.keys.certificate(subject), 1).ok());
  REQUIRE(solo.core->status().view == own);
  SECTION("something new") {
    solo.hold(batch_ref(1, 2));
    REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, own));
    solo.advance(solo.limits.block_interval_min_ms);
    REQUIRE(solo.cast(VoteKind::notarize, own)->header->batches == std::vector{batch_ref(1, 2)});
  }
  SECTION("nothing new, and the parent not final: an empty block after T'") {
    solo.advance(timeout_of(solo) - 1);
    REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, own));
    solo.advance(1);
    const CastVote* cast = solo.cast(VoteKind::notarize, own);
    REQUIRE(cast != nullptr);
    REQUIRE(cast->header->batches.empty());
    REQUIRE(cast->header->parent == block_hash(parent));
    REQUIRE(cast->subject.parent_view == own - 1);
  }
}

TEST_CASE(
    "W3: before a nullify, and with each resend, work that no proposal references is announced") {
  Scene scene;
  scene.solo.advance(2 * timeout_of(scene.solo));
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  REQUIRE(scene.solo.sent<Announce>().size() == 1);
  REQUIRE(scene.solo.sent<Announce>()[0].batches == std::vector{scene.ref});
  scene.solo.clear();
  scene.solo.advance(2'000);
  REQUIRE(scene.solo.sent<Announce>().size() == 1);

  // Who hears it and lacks the batch asks for it.
  Scene other;
  const BatchRef unknown = batch_ref(3, 4);
  REQUIRE(other.solo.deliver(Announce{{unknown}}, 2).ok());
  REQUIRE(other.solo.all<RequestBatch>()[0].candidates == std::vector<MemberIndex>{2});
}

TEST_CASE("W3: what only proposals of nullified views referenced is announced again") {
  Scene scene;
  Solo& solo = scene.solo;
  const bool proposal_first = GENERATE(true, false);
  if (proposal_first) {
    REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
    solo.nullify(scene.view, scene.view);
  } else {
    solo.nullify(scene.view, scene.view);
    REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  }
  View view = solo.core->status().view;
  if (solo.leader(view) == kSelf) solo.nullify(view, view);
  solo.clear();
  for (int i = 0; i < 4; ++i) solo.advance(2'000);
  const auto announced = solo.sent<Announce>();
  REQUIRE_FALSE(announced.empty());
  REQUIRE(announced.front().batches == std::vector{scene.ref});
}

TEST_CASE("W3: one member's announcements never grow without bound") {
  Solo solo(4, kSelf);
  solo.start();
  for (std::uint64_t round = 0; round < 40; ++round) {
    Announce announce;
    for (std::uint64_t i = 0; i < kAnnouncedMax; ++i) {
      announce.batches.push_back(batch_ref(1, round * kAnnouncedMax + i));
    }
    REQUIRE(solo.deliver(announce, 2).ok());
  }
  REQUIRE(solo.core->status().missing_batches == 2 * kAnnouncedMax);
}

TEST_CASE(
    "P1: the record and the header are durable before the proposal, and there is one per view") {
  Solo solo(4, kSelf);
  solo.start();
  const View own = solo.view_led_by(kSelf);
  solo.nullify_below(own);
  solo.clear();
  solo.hold(batch_ref(1, 1));
  solo.hold(batch_ref(1, 2));
  solo.advance(20);
  REQUIRE(solo.casts(VoteKind::notarize) == 1);
  std::size_t persisted = solo.actions.size();
  for (std::size_t i = 0; i < solo.actions.size(); ++i) {
    const auto* persist = std::get_if<Persist>(&solo.actions[i]);
    const auto* own_vote = persist ? std::get_if<OwnVote>(&persist->record) : nullptr;
    if (own_vote != nullptr && own_vote->header) persisted = i;
    if (std::holds_alternative<CastVote>(solo.actions[i])) REQUIRE(persisted < i);
  }
  // Not even after a restart.
  const Hash proposed = solo.cast(VoteKind::notarize, own)->subject.block;
  solo.restart();
  solo.hold(batch_ref(1, 3));
  solo.advance(5'000);
  for (const CastVote& cast : solo.all<CastVote>()) {
    if (cast.subject.kind == VoteKind::notarize) REQUIRE(cast.subject.block == proposed);
  }
}

TEST_CASE("P1: a leader asks for the certificate that it lacks and does not propose without it") {
  Solo solo(4, kSelf);
  solo.start();
  View own = solo.view_led_by(kSelf, 3);
  solo.hold(batch_ref(1, 1));
  // Enters `own` by a nullification of the view before; the view before that is unknown.
  REQUIRE(solo.deliver(solo.keys.certificate(nullify(kFirstEpoch, own - 1)), 1).ok());
  REQUIRE(solo.core->status().view == own);
  REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, own));
  const auto asks = solo.sent<GetCertificate>();
  REQUIRE_FALSE(asks.empty());
  REQUIRE(asks[0].view == own - 2);
  for (View view = own - 2; view >= 1; --view) {
    REQUIRE(solo.deliver(solo.keys.certificate(nullify(kFirstEpoch, view)), 1).ok());
  }
  REQUIRE(solo.has_cast(VoteKind::notarize, own));
}

TEST_CASE("P1: a leader that lacks a block's data goes below it where its view is nullified too") {
  Scene scene;
  Solo& solo = scene.solo;
  const View own = solo.view_led_by(kSelf, scene.view + 1);
  REQUIRE(solo.deliver(scene.notarization(), 1).ok());  // of a block that is not held
  solo.nullify(scene.view, own - 1);
  const CastVote* cast = solo.cast(VoteKind::notarize, own);
  REQUIRE(cast != nullptr);
  REQUIRE(cast->header->parent == solo.keys.chain_id);
  REQUIRE(cast->subject.parent_view == 0);
}

TEST_CASE("P2: a proposal carries the certificate by which its view was entered") {
  Solo solo(4, kSelf);
  solo.start();
  const View own = solo.view_led_by(kSelf, 2);
  solo.hold(batch_ref(1, 1));
  solo.nullify_below(own);
  const CastVote* cast = solo.cast(VoteKind::notarize, own);
  REQUIRE(cast != nullptr);
  REQUIRE(cast->entry->subject == nullify(kFirstEpoch, own - 1));
  // And who is behind enters the view by it.
  Solo late(4, kSelf == 0 ? MemberIndex{1} : MemberIndex{0});
  late.start();
  const Vote vote = solo.keys.vote(cast->subject, kSelf);
  REQUIRE(late.deliver(message_of(*cast, vote), kSelf).ok());
  REQUIRE(late.core->status().view == own);
}

TEST_CASE("N1: one notarize per view, ever") {
  Scene scene;
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(scene.solo.casts(VoteKind::notarize) == 1);
  scene.header.time_ms += 1;
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(scene.solo.casts(VoteKind::notarize) == 1);
  const Hash voted = scene.solo.cast(VoteKind::notarize, scene.view)->subject.block;
  scene.solo.restart();
  scene.solo.hold(scene.ref);
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  for (const CastVote& cast : scene.solo.all<CastVote>()) REQUIRE(cast.subject.block == voted);
}

TEST_CASE("N2: no notarize after own nullify") {
  Scene scene;
  scene.solo.advance(2 * timeout_of(scene.solo));
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::notarize, scene.view));
  scene.solo.restart();
  scene.solo.hold(scene.ref);
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::notarize, scene.view));
}

TEST_CASE("N3: the parent's certificate and every gap's nullification are held, not assumed") {
  Solo solo(4, kSelf);
  solo.start();
  solo.hold(batch_ref(1, 1));
  View view = 3;
  while (solo.leader(view) == kSelf) ++view;
  REQUIRE(solo.deliver(solo.keys.certificate(nullify(kFirstEpoch, view - 1)), 1).ok());
  const BlockHeader header = solo.block(view, solo.keys.chain_id, 1, {batch_ref(1, 1)});
  REQUIRE(solo.deliver(solo.proposal(header, 0), solo.leader(view)).ok());
  REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, view));
  for (View gap = 1; gap + 1 < view; ++gap) {
    REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, view));
    REQUIRE(solo.deliver(solo.keys.certificate(nullify(kFirstEpoch, gap)), 1).ok());
  }
  REQUIRE(solo.has_cast(VoteKind::notarize, view));
}

TEST_CASE(
    "N3, C34: a parent that was not certified, or lies below the final view, is never valid") {
  Scene scene;
  Solo& solo = scene.solo;
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(solo.deliver(scene.finalization(), 1).ok());
  View view = scene.view + 1;
  if (solo.leader(view) == kSelf) {
    solo.nullify(view, view);
    ++view;
  }
  solo.hold(batch_ref(1, 2));
  SECTION("below the final view") {
    const BlockHeader header = solo.block(view, solo.keys.chain_id, 1, {batch_ref(1, 2)});
    REQUIRE(solo.deliver(solo.proposal(header, 0), solo.leader(view)).ok());
  }
  SECTION("another parent than the certified one") {
    const BlockHeader header = solo.block(view, crypto::sha256({}), 2, {batch_ref(1, 2)});
    REQUIRE(solo.deliver(solo.proposal(header, scene.view), solo.leader(view)).ok());
  }
  REQUIRE_FALSE(solo.has_cast(VoteKind::notarize, view));
  REQUIRE(solo.has_cast(VoteKind::nullify, view));
}

TEST_CASE("N4: what can never become valid is nullified at once, and its leader is accused") {
  Scene scene;
  BlockHeader& header = scene.header;
  View parent_view = 0;
  bool is_evidence = true;
  SECTION("chain") { header.chain_id = crypto::sha256({}); }
  SECTION("epoch") { header.epoch += 1; }
  SECTION("proposer") { header.proposer = kSelf; }
  SECTION("height zero") { header.height = 0; }
  SECTION("epoch end") { header.epoch_end = 1; }
  SECTION("the same batch twice") { header.batches.push_back(scene.ref); }
  SECTION("author outside the committee") { header.batches[0].author = 4; }
  SECTION("more bytes than a block may have") {
    for (std::uint64_t seq = 2; seq < 19; ++seq) {
      header.batches.push_back(batch_ref(1, seq, 1 << 20));
      scene.solo.hold(header.batches.back());
    }
  }
  SECTION("C34: parent view not below the view") { parent_view = scene.view; }
  SECTION("height does not follow") {
    header.height = 2;
    is_evidence = false;
  }
  SECTION("C40: time not above the parent's") {
    header.time_ms = 0;
    is_evidence = false;
  }
  REQUIRE(scene.solo.deliver(scene.solo.proposal(header, parent_view), scene.leader).ok());
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::notarize, scene.view));
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  const auto evidence = scene.solo.all<EvidenceFound>();
  REQUIRE(evidence.size() == (is_evidence ? 1 : 0));
  if (is_evidence) {
    REQUIRE(accused(evidence[0].evidence) == scene.leader);
    REQUIRE(check(evidence[0].evidence, scene.solo.committee, scene.solo.keys.chain_id).ok());
  }
}

TEST_CASE("N4: a view that is final, or below, has no proposal to judge") {
  Scene scene;
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(scene.solo.deliver(scene.finalization(), 1).ok());
  scene.solo.clear();
  const bool is_final = GENERATE(false, true);
  const View view = is_final ? scene.view : scene.view + 1;
  if (!is_final) scene.solo.nullify(view, view);
  scene.solo.clear();
  for (std::uint64_t made = 0; made < 3; ++made) {
    BlockHeader header = scene.solo.block(view, scene.solo.keys.chain_id, 0, {});
    header.time_ms += made;
    REQUIRE(scene.solo.deliver(scene.solo.proposal(header, 0), scene.solo.leader(view)).ok());
  }
  std::size_t proposals = 0;
  for (const EvidenceFound& found : scene.solo.all<EvidenceFound>()) {
    if (std::holds_alternative<InvalidProposal>(found.evidence)) ++proposals;
  }
  REQUIRE(proposals == (is_final ? 0 : 1));
}

TEST_CASE("N4, C40: a clock ahead is waited for, up to the view's deadline") {
  Scene scene;
  scene.header.time_ms = scene.solo.wall_ms + scene.solo.limits.clock_ahead_max_ms + 50;
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(scene.solo.all<CastVote>().empty());
  scene.solo.advance(50);
  REQUIRE(scene.solo.has_cast(VoteKind::notarize, scene.view));

  Scene hour;
  hour.header.time_ms = hour.solo.wall_ms + 3'600'000;
  REQUIRE(hour.solo.deliver(hour.proposal(), hour.leader).ok());
  hour.solo.advance(3 * timeout_of(hour.solo));
  REQUIRE_FALSE(hour.solo.has_cast(VoteKind::notarize, hour.view));
  REQUIRE(hour.solo.has_cast(VoteKind::nullify, hour.view));
}

TEST_CASE("N5: a late proposal of a view in which nothing was voted still gets its notarize") {
  Scene scene;
  scene.solo.nullify(scene.view, scene.view);  // by others: this member voted nothing
  REQUIRE(scene.solo.core->status().view == scene.view + 1);
  REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(scene.solo.has_cast(VoteKind::notarize, scene.view));
}

TEST_CASE(
    "E-enter: a certificate of a view not below the current one is recorded, sent on, entered by") {
  Scene scene;
  const View ahead = scene.view + 5;
  SECTION("nullification") {
    REQUIRE(scene.solo.deliver(scene.solo.keys.certificate(nullify(kFirstEpoch, ahead)), 1).ok());
  }
  SECTION("notarization of an unknown block, which is fetched from its signers") {
    const Hash block = crypto::sha256({});
    REQUIRE(
        scene.solo.deliver(scene.solo.keys.certificate(notarize(kFirstEpoch, ahead, 0, block)), 1)
            .ok());
    REQUIRE(scene.solo.sent<GetBlocks>()[0].tip == block);
  }
  SECTION("finalization") {
    const Hash block = crypto::sha256({});
    REQUIRE(scene.solo.deliver(scene.solo.keys.certificate(finalize(kFirstEpoch, ahead, block)), 1)
                .ok());
  }
  REQUIRE(scene.solo.core->status().view == ahead + 1);
  REQUIRE(scene.solo.sent<Certificate>().size() == 1);
  const auto recorded = scene.solo.all<Persist>();
  REQUIRE(std::get<HeldCertificate>(recorded.front().record).certificate.subject.view == ahead);
}

TEST_CASE("F1: finalize and nullify of one view exclude each other, across restarts") {
  Scene scene;
  SECTION("nullified first") {
    scene.solo.advance(2 * timeout_of(scene.solo));
    REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
    if (GENERATE(false, true)) scene.solo.restart();
    REQUIRE(scene.solo.deliver(scene.notarization(), 1).ok());
    REQUIRE(scene.solo.core->status().view == scene.view + 1);
    REQUIRE_FALSE(scene.solo.has_cast(VoteKind::finalize, scene.view));
  }
  SECTION("finalized first, and the record of the certificate lost with the crash") {
    REQUIRE(scene.solo.deliver(scene.notarization(), 1).ok());
    REQUIRE(scene.solo.has_cast(VoteKind::finalize, scene.view));
    std::erase_if(scene.solo.journal, [&](const JournalRecord& record) {
      const auto* held = std::get_if<HeldCertificate>(&record);
      return held != nullptr && held->certificate.subject.view == scene.view;
    });
    scene.solo.restart();
    scene.solo.hold(scene.ref);
    REQUIRE(scene.solo.core->status().view == scene.view);
    for (int i = 0; i < 20; ++i) scene.solo.advance(1'000);
    REQUIRE_FALSE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  }
}

TEST_CASE("F2: finalize only on leaving a view by the notarization of its block") {
  Scene scene;
  SECTION("left by a nullification") {
    scene.solo.nullify(scene.view, scene.view);
    REQUIRE(scene.solo.deliver(scene.notarization(), 1).ok());
    REQUIRE_FALSE(scene.solo.has_cast(VoteKind::finalize, scene.view));
  }
  SECTION("left by its notarization") {
    REQUIRE(scene.solo.deliver(scene.notarization(), 1).ok());
    const CastVote* cast = scene.solo.cast(VoteKind::finalize, scene.view);
    REQUIRE(cast != nullptr);
    REQUIRE(cast->subject.block == block_hash(scene.header));
  }
}

TEST_CASE("F3: finalize votes count whenever they arrive") {
  Scene scene;
  Solo& solo = scene.solo;
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  solo.nullify(scene.view + 1, scene.view + 3);
  for (MemberIndex voter = 1; voter <= 3; ++voter) {
    REQUIRE(solo.all<Finalized>().empty());
    const auto subject = finalize(kFirstEpoch, scene.view, block_hash(scene.header));
    REQUIRE(solo.deliver(solo.keys.vote(subject, voter), voter).ok());
  }
  REQUIRE(solo.all<Finalized>().size() == 1);
}

TEST_CASE("F4: a finalization makes all ancestors final, each once, parent first") {
  Scene scene;
  Solo& solo = scene.solo;
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(solo.deliver(scene.notarization(), 1).ok());
  View view = scene.view + 1;
  if (solo.leader(view) == kSelf) {
    solo.nullify(view, view);
    ++view;
  }
  const BlockHeader child = solo.block(view, block_hash(scene.header), 2, {});
  REQUIRE(solo.deliver(solo.proposal(child, scene.view), solo.leader(view)).ok());
  REQUIRE(solo.all<Finalized>().empty());
  const auto certificate = solo.keys.certificate(finalize(kFirstEpoch, view, block_hash(child)));
  REQUIRE(solo.deliver(certificate, 1).ok());
  auto blocks = solo.all<Finalized>();
  REQUIRE(blocks.size() == 2);
  REQUIRE(blocks[0].header == scene.header);
  REQUIRE(blocks[1].header == child);
  REQUIRE(blocks[0].finalization == certificate);
  REQUIRE(solo.deliver(scene.finalization(), 1).error() == Errc::kNotNeeded);
  // After a restart what the executor lacks is emitted again, and no more.
  solo.restart({}, 1);
  blocks = solo.all<Finalized>();
  REQUIRE(blocks.size() == 1);
  REQUIRE(blocks[0].header == child);
}

TEST_CASE("catch-up: after an answer in part the rest is asked of another member") {
  Scene scene;
  Solo& solo = scene.solo;
  const BlockHeader second = solo.block(scene.view + 1, block_hash(scene.header), 2);
  const BlockHeader third = solo.block(scene.view + 2, block_hash(second), 3);
  const auto final = finalize(kFirstEpoch, scene.view + 2, block_hash(third));
  REQUIRE(solo.deliver(solo.keys.certificate(final), 1).ok());
  REQUIRE(asked_for_blocks(solo).size() == 1);
  const MemberIndex first = asked_for_blocks(solo).front();
  const Blocks part{block_hash(third), {scene.header}, scene.finalization()};
  REQUIRE(solo.deliver(part, first).ok());
  REQUIRE(solo.all<Finalized>().size() == 1);
  REQUIRE_FALSE(asked_for_blocks(solo).empty());
  CHECK(asked_for_blocks(solo).back() != first);
}

TEST_CASE(
    "F4, R2: what a finalization among fetched blocks makes final is emitted after a restart") {
  Scene scene;
  Solo& solo = scene.solo;
  const View child_view = scene.view + 1;
  const BlockHeader child = solo.block(child_view, block_hash(scene.header), 2);
  const auto notarized = notarize(kFirstEpoch, child_view, scene.view, block_hash(child));
  REQUIRE(solo.deliver(solo.keys.certificate(notarized), 1).ok());
  REQUIRE_FALSE(asked_for_blocks(solo).empty());
  const Blocks half{block_hash(child), {scene.header}, scene.finalization()};
  REQUIRE(solo.deliver(half, asked_for_blocks(solo).back()).ok());
  REQUIRE(solo.all<Finalized>().size() == 1);
  REQUIRE(solo.core->status().final_view == scene.view);
  solo.restart();
  REQUIRE(solo.all<Finalized>().size() == 1);
  // Own votes of views up to the floor are forgotten: nothing may be voted there again.
  REQUIRE(solo.core->status().final_view == scene.view);
}

TEST_CASE("C4: an answer that comes after another member's is late, and no offence") {
  Scene scene;
  Solo& solo = scene.solo;
  const View child_view = scene.view + 1;
  const BlockHeader child = solo.block(child_view, block_hash(scene.header), 2);
  const auto notarized = notarize(kFirstEpoch, child_view, scene.view, block_hash(child));
  REQUIRE(solo.deliver(solo.keys.certificate(notarized), 1).ok());
  solo.advance(solo.limits.request_timeout_min_ms);
  const std::vector<MemberIndex> asked = asked_for_blocks(solo);
  REQUIRE(asked.size() == 2);
  const Blocks answer{block_hash(child), {scene.header, child}, {}};
  REQUIRE(solo.deliver(answer, asked[1]).ok());
  REQUIRE(solo.deliver(answer, asked[0]).error() == Errc::kNotNeeded);
  // What was never asked for, and what no honest member answers, is neither early nor late.
  const Blocks unasked{block_hash(scene.header), {scene.header}, {}};
  REQUIRE(solo.deliver(unasked, asked[0]).error() == Errc::kNotAskedFor);
  const Blocks wrong{block_hash(child), {child, scene.header}, {}};
  REQUIRE(solo.deliver(wrong, asked[0]).error() == Errc::kBrokenAncestry);
}

TEST_CASE("T2: two timeouts without a proposal, three without a certificate") {
  Scene scene;
  const std::uint64_t timeout_ms = timeout_of(scene.solo);
  const bool proposed = GENERATE(false, true);
  if (proposed) REQUIRE(scene.solo.deliver(scene.proposal(), scene.leader).ok());
  const std::uint64_t deadline_ms = (proposed ? 3 : 2) * timeout_ms;
  scene.solo.advance(deadline_ms - 1);
  REQUIRE_FALSE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  scene.solo.advance(1);
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
}

TEST_CASE(
    "T2: timeouts grow by half beyond f failed views, to 20 s; only a finalization resets them") {
  Solo solo(4, kSelf);
  solo.start();
  const std::uint64_t base_ms = timeout_of(solo);
  solo.nullify(1, 1);
  REQUIRE(timeout_of(solo) == base_ms);  // f = 1
  solo.nullify(2, 2);
  REQUIRE(timeout_of(solo) == base_ms * 3 / 2);
  REQUIRE(
      solo.deliver(solo.keys.certificate(notarize(kFirstEpoch, 3, 0, crypto::sha256({}))), 1).ok());
  REQUIRE(timeout_of(solo) == base_ms * 3 / 2);
  solo.nullify(4, 40);
  REQUIRE(timeout_of(solo) == 20'000);
  REQUIRE(
      solo.deliver(solo.keys.certificate(finalize(kFirstEpoch, 41, crypto::sha256({}))), 1).ok());
  REQUIRE(timeout_of(solo) == base_ms);
  solo.input(DelayMeasured{5});
  REQUIRE(timeout_of(solo) == 40);
  solo.input(DelayMeasured{100'000});
  REQUIRE(timeout_of(solo) == 1'000);
}

TEST_CASE(
    "T3: after a nullify the own votes and the entry certificate are sent again, within a budget") {
  Scene scene;
  scene.solo.advance(2 * timeout_of(scene.solo));
  scene.solo.clear();
  scene.solo.advance(2 * timeout_of(scene.solo) + 250);
  REQUIRE(scene.solo.has_cast(VoteKind::nullify, scene.view));
  scene.solo.clear();
  // A long way without finalization does not make one resend larger.
  scene.solo.nullify(scene.view, scene.view + 600);
  scene.solo.clear();
  scene.solo.advance(200'000);
  scene.solo.advance(200'000);
  std::size_t bytes = 0;
  for (const Certificate& each : scene.solo.sent<Certificate>()) {
    bytes += crypto::encode(Message{each}).size();
  }
  REQUIRE(bytes > 0);
  REQUIRE(bytes <= 2 * scene.solo.limits.resend_bytes_max);
}

TEST_CASE("T5: nobody leaves a view without a certificate of it or of a later one") {
  Scene scene;
  for (int i = 0; i < 100; ++i) scene.solo.advance(1'000);
  REQUIRE(scene.solo.core->status().view == scene.view);
}

TEST_CASE(
    "R1, R2: a restart after any prefix of the journal never contradicts a vote that was sent") {
  Scene scene;
  Solo& solo = scene.solo;
  const bool timed_out = GENERATE(false, true);
  if (timed_out) solo.advance(2 * timeout_of(solo));
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(solo.deliver(scene.notarization(), 1).ok());
  REQUIRE(solo.deliver(scene.finalization(), 2).ok());
  const std::vector<JournalRecord> journal = solo.journal;
  for (std::size_t kept = 0; kept <= journal.size(); ++kept) {
    solo.journal = journal;
    solo.restart(kept);
    solo.hold(scene.ref);
    const RecoveredState before = replay(std::span(journal).first(kept));
    // What was in the journal may have been sent: nothing else may be voted in its view.
    for (int i = 0; i < 10; ++i) solo.advance(500);
    for (const CastVote& cast : solo.all<CastVote>()) {
      const auto own = before.own_votes.find(cast.subject.view);
      if (own == before.own_votes.end()) continue;
      if (cast.subject.kind == VoteKind::nullify) REQUIRE_FALSE(own->second.finalize);
      if (cast.subject.kind == VoteKind::finalize) REQUIRE_FALSE(own->second.nullify);
      if (cast.subject.kind == VoteKind::notarize && own->second.notarize) {
        REQUIRE(cast.subject == own->second.notarize);
      }
    }
    // R2: what is above the floor is sent again.
    for (const auto& [view, votes] : before.own_votes) {
      if (view <= solo.core->status().final_view) continue;
      if (votes.notarize) REQUIRE(solo.has_cast(VoteKind::notarize, view));
      if (votes.nullify) REQUIRE(solo.has_cast(VoteKind::nullify, view));
      if (votes.finalize) REQUIRE(solo.has_cast(VoteKind::finalize, view));
    }
  }
}

TEST_CASE("R1: a snapshot folds to the same state as the journal that led to it") {
  Scene scene;
  Solo& solo = scene.solo;
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(solo.deliver(scene.notarization(), 1).ok());
  REQUIRE(solo.deliver(scene.finalization(), 1).ok());
  solo.nullify(scene.view + 1, scene.view + 2);
  solo.advance(1'000);
  const CoreStatus before = solo.core->status();
  const RecoveredState journal = replay(solo.journal);
  solo.journal = solo.core->snapshot();
  const RecoveredState snapshot = replay(solo.journal);
  REQUIRE(snapshot.own_votes.size() == journal.own_votes.size());
  REQUIRE(snapshot.headers == journal.headers);
  solo.restart();
  REQUIRE(solo.core->status().view == before.view);
  REQUIRE(solo.core->status().final_block == before.final_block);
  REQUIRE(solo.all<Finalized>().size() == 1);
}

TEST_CASE("R1: a snapshot holds every kind of own vote, and none is given again differently") {
  Scene scene;
  Solo& solo = scene.solo;
  solo.hold(batch_ref(1, 0));
  REQUIRE(solo.deliver(scene.proposal(), scene.leader).ok());
  REQUIRE(solo.deliver(scene.notarization(), 1).ok());
  solo.advance(1'000);
  const View next = scene.view + 1;
  REQUIRE(solo.has_cast(VoteKind::notarize, scene.view));
  REQUIRE(solo.has_cast(VoteKind::finalize, scene.view));
  REQUIRE(solo.has_cast(VoteKind::nullify, next));
  solo.journal = solo.core->snapshot();
  solo.restart();
  REQUIRE(solo.core->status().view == next);
  REQUIRE(solo.has_cast(VoteKind::notarize, scene.view));
  REQUIRE(solo.has_cast(VoteKind::finalize, scene.view));
  REQUIRE(solo.has_cast(VoteKind::nullify, next));
  BlockHeader other = scene.proposal().header;
  other.time_ms += 1;
  REQUIRE(
      solo.deliver(solo.proposal(other, scene.proposal().vote.subject.parent_view), scene.leader)
          .ok());
  for (const CastVote& cast : solo.all<CastVote>()) {
    const bool first = cast.subject.kind == VoteKind::notarize && cast.subject.view == scene.view;
    if (first) REQUIRE(cast.subject == scene.proposal().vote.subject);
  }
}

TEST_CASE("R3: a snapshot of a member in quarantine keeps it there") {
  Solo solo;
  solo.journal = {Silence{}};
  solo.restart();
  REQUIRE(solo.core->status().in_quarantine);
  solo.journal = solo.core->snapshot();
  solo.restart();
  REQUIRE(solo.core->status().in_quarantine);
  solo.hold(batch_ref(1, 0));
  solo.advance(30'000);
  REQUIRE(solo.all<CastVote>().empty());
}

TEST_CASE("back-pressure: far ahead of the newest checkpoint a leader proposes without batches") {
  Limits limits;
  limits.checkpoint_lag_max = 0;
  Solo solo(4, kSelf, limits);
  solo.start();
  const View own = solo.view_led_by(kSelf, 2);
  solo.nullify_below(own - 1);
  const BlockHeader parent = solo.block(own - 1, solo.keys.chain_id, 1);
  REQUIRE(solo.deliver(solo.proposal(parent, 0), solo.leader(own - 1)).ok());
  const auto done = finalize(kFirstEpoch, own - 1, block_hash(parent));
  REQUIRE(solo.deliver(solo.keys.certificate(done), 1).ok());
  const bool cosigned = GENERATE(false, true);
  const CheckpointRef checkpoint{1, 1, crypto::sha256({})};
  if (cosigned) solo.input(CheckpointHeld{checkpoint});
  solo.hold(batch_ref(1, 1));
  solo.advance(timeout_of(solo));
  const CastVote* cast = solo.cast(VoteKind::notarize, own);
  REQUIRE(cast != nullptr);
  REQUIRE(cast->header->batches.size() == (cosigned ? 1 : 0));
  REQUIRE(cast->header->checkpoint.has_value() == cosigned);
}

}  // namespace sanad::consensus
