// The door in: what HOSTILE.md lists under consensus messages, case by case.
#include "consensus/verify.h"

#include <catch2/catch.hpp>

#include "cluster.h"
#include "committee_keys.h"
#include "consensus/votes.h"

namespace sanad::consensus {
namespace {

struct Door {
  explicit Door(std::size_t n = 7) : keys(n), committee(keys.committee()), cache(512) {
    window.final_view = 100;
    window.view = 110;
    window.past_views_kept = 32;
  }
  std::error_code refuse(const Message& message, MemberIndex from = 1) {
    const Verifier verifier(committee, keys.chain_id, cache);
    const auto verified = verifier.verify(crypto::encode(message), from, window);
    return verified.ok() ? std::error_code() : verified.error().code;
  }
  [[nodiscard]] BlockHeader header(View view) const {
    BlockHeader made;
    made.chain_id = keys.chain_id;
    made.epoch = kFirstEpoch;
    made.origin_view = view;
    made.height = 50;
    made.proposer = committee.leader(view);
    return made;
  }
  [[nodiscard]] Proposal proposal(View view) const {
    const Subject subject = notarize(kFirstEpoch, view, view - 1, block_hash(header(view)));
    return {keys.vote(subject, committee.leader(view)), header(view), {}};
  }

  CommitteeKeys keys;
  Committee committee;
  SignatureCache cache;
  Window window;
};

const Hash kBlock = crypto::sha256(crypto::as_bytes("a block"));
const Subject kNotarize = notarize(kFirstEpoch, 110, 109, kBlock);

}  // namespace

TEST_CASE("every honest message passes the door") {
  Door door;
  REQUIRE_FALSE(door.refuse(door.keys.vote(kNotarize, 1)));
  REQUIRE_FALSE(door.refuse(door.keys.certificate(kNotarize)));
  REQUIRE_FALSE(door.refuse(door.proposal(110), door.committee.leader(110)));
  REQUIRE_FALSE(door.refuse(MemberStatus{kFirstEpoch, 5, 3, kBlock, {}}));
  REQUIRE_FALSE(door.refuse(GetCertificate{kFirstEpoch, 5}));
  REQUIRE_FALSE(door.refuse(GetBlocks{kBlock, 2}));
  REQUIRE_FALSE(door.refuse(Announce{{batch_ref(1, 1)}}));
}

TEST_CASE("C3, C23: a vote or proposal of another signer than the sender is refused") {
  Door door;
  REQUIRE(door.refuse(door.keys.vote(kNotarize, 2), 1) == Errc::kNotTheSender);
  const MemberIndex leader = door.committee.leader(110);
  const auto other = static_cast<MemberIndex>((leader + 1) % 7);
  REQUIRE(door.refuse(door.proposal(110), other) == Errc::kNotTheSender);
}

TEST_CASE("C24: members that do not exist sign nothing") {
  Door door;
  Vote vote = door.keys.vote(kNotarize, 1);
  for (const MemberIndex index : {MemberIndex{7}, MemberIndex{8}, MemberIndex{65'535}}) {
    vote.voter = index;
    REQUIRE(door.refuse(vote, index) == Errc::kUnknownMember);
    REQUIRE(door.refuse(vote, 1) == Errc::kNotTheSender);
  }
  BatchRef ref = batch_ref(7, 1);
  REQUIRE(door.refuse(Announce{{ref}}) == Errc::kUnknownMember);
}

TEST_CASE("C25: bitmaps too long, too short, with tail bits, or not matching the signatures") {
  Door door;
  const Certificate good = door.keys.certificate(kNotarize);
  Certificate bad = good;
  bad.signers.push_back(0);
  REQUIRE(door.refuse(bad) == Errc::kBadBitmap);
  bad = good;
  bad.signers.clear();
  REQUIRE(door.refuse(bad) == Errc::kBadBitmap);
  bad = good;
  bad.signers[0] |= 0x80;  // member 7 of 7
  bad.signatures.push_back(good.signatures[0]);
  REQUIRE(door.refuse(bad) == Errc::kBadBitmap);
  bad = good;
  bad.signatures.pop_back();
  REQUIRE(door.refuse(bad) == Errc::kBadSignerCount);
  bad = good;
  bad.signatures.push_back(good.signatures[0]);
  REQUIRE(door.refuse(bad) == Errc::kBadSignerCount);
  // One signature under several bits.
  bad = good;
  for (Signature& signature : bad.signatures) signature = good.signatures[0];
  REQUIRE(door.refuse(bad) == Errc::kBadSignature);
  REQUIRE_FALSE(door.refuse(good));
}

TEST_CASE("C26: q − 1 valid signatures are no certificate, with or without an invalid one") {
  Door door;
  REQUIRE(door.refuse(door.keys.certificate(kNotarize, {0, 1, 2, 3})) == Errc::kBadSignerCount);
  for (std::size_t broken = 0; broken < 5; ++broken) {
    Certificate bad = door.keys.certificate(kNotarize);
    bad.signatures[broken].bytes[7] ^= 1;
    REQUIRE(door.refuse(bad) == Errc::kBadSignature);
  }
}

TEST_CASE("C27: a signature of another kind, view, parent, block, epoch or chain does not count") {
  Door door;
  const CommitteeKeys& keys = door.keys;
  CommitteeKeys other_chain(7);
  other_chain.chain_id = kBlock;
  const std::vector<Signature> strangers = {
      keys.vote(finalize(kFirstEpoch, 110, kBlock), 4).signature,
      keys.vote(notarize(kFirstEpoch, 109, 108, kBlock), 4).signature,
      keys.vote(notarize(kFirstEpoch, 110, 108, kBlock), 4).signature,
      keys.vote(notarize(kFirstEpoch, 110, 109, crypto::sha256({})), 4).signature,
      keys.vote(notarize(kFirstEpoch + 1, 110, 109, kBlock), 4).signature,
      other_chain.vote(kNotarize, 4).signature,
      keys.vote(kNotarize, 3).signature,
  };
  for (const Signature& stranger : strangers) {
    Certificate mixed = keys.certificate(kNotarize);
    mixed.signatures[4] = stranger;
    REQUIRE(door.refuse(mixed) == Errc::kBadSignature);
  }
}

TEST_CASE("C27: fields that a kind does not have are zero") {
  Door door;
  Subject subject = nullify(kFirstEpoch, 110);
  subject.block = kBlock;
  REQUIRE(door.refuse(door.keys.vote(subject, 1)) == Errc::kBadSubject);
  REQUIRE(door.refuse(door.keys.certificate(subject)) == Errc::kBadSubject);
  subject = finalize(kFirstEpoch, 110, kBlock);
  subject.parent_view = 3;
  REQUIRE(door.refuse(door.keys.vote(subject, 1)) == Errc::kBadSubject);
  subject = notarize(kFirstEpoch, 110, 110, kBlock);
  REQUIRE(door.refuse(door.keys.vote(subject, 1)) == Errc::kBadSubject);
}

TEST_CASE("C28: another epoch is refused in every message") {
  Door door;
  for (const Epoch epoch : {kFirstEpoch - 1, kFirstEpoch + 1}) {
    REQUIRE(door.refuse(door.keys.vote(nullify(epoch, 110), 1)) == Errc::kWrongEpoch);
    REQUIRE(door.refuse(door.keys.certificate(nullify(epoch, 110))) == Errc::kWrongEpoch);
    REQUIRE(door.refuse(GetCertificate{epoch, 1}) == Errc::kWrongEpoch);
    REQUIRE(door.refuse(MemberStatus{epoch, 1, 1, kBlock, {}}) == Errc::kWrongEpoch);
    Proposal proposal = door.proposal(110);
    proposal.vote.subject.epoch = epoch;
    REQUIRE(door.refuse(proposal, door.committee.leader(110)) == Errc::kWrongEpoch);
  }
}

TEST_CASE("C29, C39: votes outside the window are refused before any signature is checked") {
  Door door;
  for (const View view : {View{1}, View{67}, View{112}, View{1} << 63, ~View{0}}) {
    REQUIRE(door.refuse(door.keys.vote(nullify(kFirstEpoch, view), 1)) == Errc::kOutsideWindow);
  }
  REQUIRE(door.cache.computed() == 0);
  REQUIRE_FALSE(door.refuse(door.keys.vote(nullify(kFirstEpoch, 68), 1)));
  REQUIRE_FALSE(door.refuse(door.keys.vote(nullify(kFirstEpoch, 111), 1)));
}

TEST_CASE(
    "C2: a certificate that is held or superseded costs nothing, and one in advance is taken") {
  Door door;
  door.window.held[110] = 1;  // its notarization
  REQUIRE(door.refuse(door.keys.certificate(kNotarize)) == Errc::kNotNeeded);
  REQUIRE(door.refuse(door.keys.certificate(nullify(kFirstEpoch, 100))) == Errc::kNotNeeded);
  REQUIRE(door.cache.computed() == 0);
  REQUIRE_FALSE(door.refuse(door.keys.certificate(nullify(kFirstEpoch, 110))));
  REQUIRE_FALSE(door.refuse(door.keys.certificate(nullify(kFirstEpoch, 5'000))));
}

TEST_CASE("signatures seen valid are not checked again; an invalid one is never remembered") {
  Door door;
  for (MemberIndex member = 0; member < 5; ++member) {
    REQUIRE_FALSE(door.refuse(door.keys.vote(kNotarize, member), member));
  }
  REQUIRE(door.cache.computed() == 5);
  REQUIRE_FALSE(door.refuse(door.keys.certificate(kNotarize)));
  REQUIRE(door.cache.computed() == 5);
  Vote forged = door.keys.vote(kNotarize, 6);
  forged.signature.bytes[0] ^= 1;
  REQUIRE(door.refuse(forged, 6) == Errc::kBadSignature);
  REQUIRE(door.refuse(forged, 6) == Errc::kBadSignature);
  REQUIRE(door.cache.computed() == 7);
}

TEST_CASE("C45: forged evidence, and honest pairs, convict nobody") {
  const CommitteeKeys keys(4);
  const Committee committee = keys.committee();
  const Vote first = keys.vote(kNotarize, 1);
  Vote second = keys.vote(notarize(kFirstEpoch, 110, 109, crypto::sha256({})), 1);
  REQUIRE(check(ConflictingVotes{first, second}, committee, keys.chain_id).ok());
  second.signature = first.signature;
  REQUIRE(check(ConflictingVotes{first, second}, committee, keys.chain_id).error() ==
          Errc::kBadSignature);
  const std::vector<Vote> innocent = {
      first,                                                     // the same again
      keys.vote(finalize(kFirstEpoch, 110, kBlock), 1),          // notarize and finalize
      keys.vote(nullify(kFirstEpoch, 110), 1),                   // notarize, then nullify
      keys.vote(notarize(kFirstEpoch, 111, 110, kBlock), 1),     // another view
      keys.vote(notarize(kFirstEpoch, 110, 108, kBlock), 2),     // another voter
      keys.vote(notarize(kFirstEpoch + 1, 110, 108, kBlock), 1)  // another epoch
  };
  for (const Vote& other : innocent) {
    REQUIRE(check(ConflictingVotes{first, other}, committee, keys.chain_id).error() ==
            Errc::kNotEvidence);
  }
  const Vote nullified = keys.vote(nullify(kFirstEpoch, 110), 1);
  const Vote finalized = keys.vote(finalize(kFirstEpoch, 110, kBlock), 1);
  REQUIRE(check(ConflictingVotes{nullified, finalized}, committee, keys.chain_id).ok());
}

TEST_CASE("C28, C46: blocks of another epoch or chain, or proved by something else, are refused") {
  Door door;
  const BlockHeader header = door.header(109);
  const Hash tip = crypto::sha256(crypto::as_bytes("what was asked for"));
  door.window.asked_blocks.insert(tip);
  const Certificate proof = door.keys.certificate(finalize(kFirstEpoch, 109, block_hash(header)));
  REQUIRE_FALSE(door.refuse(Blocks{tip, {header}, proof}));
  BlockHeader foreign = header;
  foreign.epoch = kFirstEpoch + 1;
  REQUIRE(door.refuse(Blocks{tip, {foreign}, proof}) == Errc::kWrongEpoch);
  foreign = header;
  foreign.chain_id = kBlock;
  REQUIRE(door.refuse(Blocks{tip, {foreign}, proof}) == Errc::kHeaderMismatch);
  const Certificate other = door.keys.certificate(finalize(kFirstEpoch, 109, kBlock));
  REQUIRE(door.refuse(Blocks{tip, {header}, other}) == Errc::kBrokenAncestry);
  const Certificate weaker =
      door.keys.certificate(notarize(kFirstEpoch, 109, 108, block_hash(header)));
  REQUIRE(door.refuse(Blocks{tip, {header}, weaker}) == Errc::kBadSubject);
  BlockHeader child = header;
  child.parent = block_hash(header);
  child.height = header.height + 2;
  REQUIRE(door.refuse(Blocks{tip, {header, child}, proof}) == Errc::kBrokenAncestry);
}

TEST_CASE("C27, C28: a claim shows a finalization of this epoch, or nothing") {
  Door door;
  door.window.awaits_reports = true;
  const Certificate weaker = door.keys.certificate(kNotarize);
  REQUIRE(door.refuse(MemberStatus{kFirstEpoch, 111, 3, kBlock, weaker}) == Errc::kBadSubject);
  REQUIRE(door.refuse(ViewReport{{}, false, weaker, weaker}) == Errc::kBadSubject);
  REQUIRE_FALSE(door.refuse(ViewReport{{}, false, weaker, {}}));
  const Certificate later = door.keys.certificate(nullify(kFirstEpoch + 1, 110));
  REQUIRE(door.refuse(ViewReport{{}, false, later, {}}) == Errc::kWrongEpoch);
  REQUIRE(door.refuse(later) == Errc::kWrongEpoch);
}

TEST_CASE("C29, P2: a proposal ahead of the window comes with its entry certificate") {
  Door door;
  const View ahead = door.window.view + 4;
  const MemberIndex leader = door.committee.leader(ahead);
  Proposal proposal = door.proposal(ahead);
  REQUIRE(door.refuse(proposal, leader) == Errc::kOutsideWindow);
  proposal.entry = door.keys.certificate(nullify(kFirstEpoch, ahead - 2));
  REQUIRE(door.refuse(proposal, leader) == Errc::kOutsideWindow);
  proposal.entry = door.keys.certificate(nullify(kFirstEpoch, ahead - 1));
  REQUIRE_FALSE(door.refuse(proposal, leader));
  // What it says of long ago is of no use, whatever led there.
  const View old = door.window.final_view - door.window.past_views_kept - 1;
  Proposal late = door.proposal(old);
  late.entry = door.keys.certificate(nullify(kFirstEpoch, old - 1));
  REQUIRE(door.refuse(late, door.committee.leader(old)) == Errc::kOutsideWindow);
  proposal.vote.signature.bytes[5] ^= 1;
  REQUIRE(door.refuse(proposal, leader) == Errc::kBadSignature);
  proposal.vote = door.keys.vote(nullify(kFirstEpoch, ahead), leader);
  REQUIRE(door.refuse(proposal, leader) == Errc::kBadSubject);
}

TEST_CASE("C45: an invalid proposal convicts its leader, and nobody else of anything") {
  Door door(4);
  const auto judge = [&door](const InvalidProposal& evidence) {
    const Status status = check(evidence, door.committee, door.keys.chain_id);
    return status.ok() ? std::error_code() : status.error().code;
  };
  const Proposal honest = door.proposal(7);
  REQUIRE(judge({honest.vote, honest.header}) == Errc::kNotEvidence);
  const MemberIndex leader = door.committee.leader(7);
  BlockHeader wrong = honest.header;
  wrong.height = 0;
  const Subject subject = notarize(kFirstEpoch, 7, 6, block_hash(wrong));
  const InvalidProposal proof{door.keys.vote(subject, leader), wrong};
  REQUIRE_FALSE(judge(proof));
  REQUIRE(accused(proof) == leader);
  // Who repeats what a leader showed, a vote for another block, a vote that is no notarize.
  const auto other = static_cast<MemberIndex>((leader + 1) % 4);
  REQUIRE(judge({door.keys.vote(subject, other), wrong}) == Errc::kNotEvidence);
  REQUIRE(judge({proof.vote, honest.header}) == Errc::kNotEvidence);
  const Subject nullified = nullify(kFirstEpoch, 7);
  REQUIRE(judge({door.keys.vote(nullified, leader), wrong}) == Errc::kNotEvidence);
  InvalidProposal forged = proof;
  forged.vote.signature.bytes[9] ^= 1;
  REQUIRE(judge(forged) == Errc::kBadSignature);
  forged.vote.voter = 9;
  REQUIRE(judge(forged) == Errc::kUnknownMember);
}

TEST_CASE("C46, C54: blocks that were not asked for, or do not link, are refused") {
  Door door;
  BlockHeader parent = door.header(108);
  BlockHeader child = door.header(109);
  child.height = parent.height + 1;
  child.parent = block_hash(parent);
  Blocks blocks{block_hash(child), {parent, child}, {}};
  REQUIRE(door.refuse(blocks) == Errc::kNotAskedFor);
  door.window.asked_blocks.insert(block_hash(child));
  REQUIRE_FALSE(door.refuse(blocks));
  std::swap(blocks.headers[0], blocks.headers[1]);
  REQUIRE(door.refuse(blocks) == Errc::kBrokenAncestry);
  blocks.headers = {};
  REQUIRE(door.refuse(blocks) == Errc::kBrokenAncestry);
  blocks.headers = {parent};
  REQUIRE(door.refuse(blocks) == Errc::kBrokenAncestry);  // does not end in the tip
  blocks.finalization = door.keys.certificate(finalize(kFirstEpoch, 108, block_hash(parent)));
  REQUIRE_FALSE(door.refuse(blocks));
  blocks.finalization->signatures[2].bytes[1] ^= 1;
  REQUIRE(door.refuse(blocks) == Errc::kBadSignature);
}

TEST_CASE("C33: a proposal whose vote names another header, or whose sender does not lead") {
  Door door;
  Proposal proposal = door.proposal(110);
  proposal.header.time_ms += 1;
  REQUIRE(door.refuse(proposal, door.committee.leader(110)) == Errc::kHeaderMismatch);
  const auto other = static_cast<MemberIndex>((door.committee.leader(110) + 1) % 7);
  proposal = door.proposal(110);
  proposal.vote = door.keys.vote(proposal.vote.subject, other);
  REQUIRE(door.refuse(proposal, other) == Errc::kNotTheLeader);
}

TEST_CASE("A7, A8: no changed, cut or lengthened byte string is taken for the same message") {
  Door door;
  const Bytes good = crypto::encode(Message{door.keys.certificate(kNotarize)});
  const Verifier verifier(door.committee, door.keys.chain_id, door.cache);
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 0x01;
    REQUIRE_FALSE(verifier.verify(changed, 1, door.window).ok());
    REQUIRE_FALSE(verifier.verify(ByteView(good).first(at), 1, door.window).ok());
  }
  Bytes longer = good;
  longer.push_back(0);
  REQUIRE_FALSE(verifier.verify(longer, 1, door.window).ok());
  REQUIRE(verifier.verify(Bytes(kMessageBytesMax + 1, 0), 1, door.window).error() ==
          Errc::kTooLarge);
}

TEST_CASE("C41: repeated votes count once") {
  const CommitteeKeys keys(4);
  const Committee committee = keys.committee();
  ViewTally tally(4);
  for (int i = 0; i < 5; ++i) {
    for (MemberIndex voter = 0; voter < 2; ++voter) {
      REQUIRE_FALSE(tally.add(keys.vote(kNotarize, voter), committee).certificate);
    }
  }
  const auto formed = tally.add(keys.vote(kNotarize, 3), committee).certificate;
  REQUIRE(formed);
  REQUIRE(signers_of(*formed) == std::vector<MemberIndex>{0, 1, 3});
  REQUIRE_FALSE(tally.add(keys.vote(kNotarize, 2), committee).certificate);
}

TEST_CASE("all members at once, killed and started again at any moment, agree and go on") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 7);
  cluster.start_all();
  std::vector<BatchRef> refs;
  for (std::uint64_t i = 0; i < 40; ++i) {
    refs.push_back(batch_ref(static_cast<MemberIndex>(i % n), i));
    cluster.submit(refs.back());
    cluster.run_for(1 + i * 3 % 31);
    for (MemberIndex member = 0; member < n; ++member) cluster.crash(member);
    cluster.start_all();
  }
  cluster.run_for(5'000);
  for (const BatchRef& ref : refs) REQUIRE(cluster.everywhere(ref));
  for (const auto& node : cluster.nodes) REQUIRE(node.evidence.empty());
}

}  // namespace sanad::consensus
