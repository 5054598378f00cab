// C, the part of any member: votes, certificates, cosignatures, batches.
#include <algorithm>

#include "tests/hostile/cases_consensus.h"

namespace sanad::hostile {
namespace {

using consensus::Errc;
using consensus::kFirstEpoch;
using consensus::Subject;
using consensus::Vote;
using Kind = Expectation::Kind;

constexpr View kFarView = 1'000'000;

Hash made_up(std::uint8_t number) {
  Hash hash;
  hash.bytes.fill(number);
  return hash;
}

// Signed by this member in everybody's place.
Certificate own_certificate(const Attack& attack, const Subject& subject, std::uint8_t signers,
                            std::size_t signatures) {
  const Vote vote = attack.member().vote(subject);
  return {subject, {signers}, std::vector(signatures, vote.signature)};
}

// The own vote, an honest one, and a forged one of a third member.
Certificate almost_certified(const Attack& attack, MemberIndex voter, const Vote& vote) {
  const Vote own = attack.member().vote(vote.subject);
  crypto::Signature forged = own.signature;
  forged.bytes[40] ^= 1;
  const MemberIndex third = voter == 1 ? 2 : 1;
  std::map<MemberIndex, crypto::Signature> signers = {
      {attack.member().self(), own.signature}, {voter, vote.signature}, {third, forged}};
  Certificate certificate{vote.subject, {0}, {}};
  for (const auto& [member, signature] : signers) {
    certificate.signers[0] = static_cast<std::uint8_t>(certificate.signers[0] | 1U << member);
    certificate.signatures.push_back(signature);
  }
  return certificate;
}

}  // namespace

void foreign_votes(Attack& attack) {
  attack.follow();
  const View view = attack.known.view();
  // Another member's vote as it was sent; another one's name under the own signature.
  const auto& [relayed_from, relayed] = *attack.known.votes().begin();
  Vote renamed = attack.member().vote(consensus::nullify(kFirstEpoch, view));
  renamed.voter = relayed_from;
  std::uint64_t sent = 0;
  for (const MemberIndex victim : attack.victims()) {
    attack.say(victim, relayed);
    attack.say(victim, renamed);
    sent = 2;
  }
  attack.flush();
  attack.expect_invalid(Errc::kNotTheSender, sent);
}

void no_such_signer(Attack& attack) {
  attack.follow();
  const View view = attack.known.view();
  const auto n = static_cast<MemberIndex>(attack.member().committee.n());
  for (const MemberIndex voter : {n, static_cast<MemberIndex>(n + 1), MemberIndex{0xffff}}) {
    Vote vote = attack.member().vote(consensus::nullify(kFirstEpoch, view));
    vote.voter = voter;
    attack.say_all(consensus::Message(vote));
    consensus::BatchRef ref;
    ref.author = voter;
    attack.say_all(consensus::Message(consensus::Announce{{ref}}));
  }
  // 2^32 − 1 in the place of a number of 16 bits.
  Vote vote = attack.member().vote(consensus::nullify(kFirstEpoch, view));
  vote.voter = 0xffff;
  Bytes bytes = crypto::encode(consensus::Message(vote));
  const Bytes wide = {0x1a, 0xff, 0xff, 0xff, 0xff};
  const auto at = std::search(bytes.begin(), bytes.end(), wide.begin() + 1, wide.begin() + 3);
  require(at != bytes.end() && *(at - 1) == 0x19, "the voter is not where it should be");
  const auto place = bytes.erase(at - 1, at + 2);
  bytes.insert(place, wide.begin(), wide.end());
  attack.say_all(node::NodeMessage(node::ConsensusMessage{bytes}));
  attack.flush();
  attack.expect_invalid(Errc::kNotTheSender, 3);
  attack.expect_invalid(Errc::kUnknownMember, 3);
  attack.expect_invalid(crypto::Errc::kOutOfRange, 1);
}

void bad_bitmaps(Attack& attack) {
  attack.follow();
  const Subject subject = consensus::nullify(kFirstEpoch, attack.known.view() + kFarView);
  Certificate long_one = own_certificate(attack, subject, 0x07, 3);
  long_one.signers.push_back(0);
  Certificate short_one = own_certificate(attack, subject, 0x07, 3);
  short_one.signers.clear();
  attack.say_all(consensus::Message(long_one));
  attack.say_all(consensus::Message(short_one));
  attack.say_all(consensus::Message(own_certificate(attack, subject, 0x13, 3)));  // a tail bit
  attack.expect_invalid(Errc::kBadBitmap, 3);
  attack.say_all(consensus::Message(own_certificate(attack, subject, 0x07, 4)));
  attack.say_all(consensus::Message(own_certificate(attack, subject, 0x0f, 3)));
  attack.expect_invalid(Errc::kBadSignerCount, 2);
  // A quorum of bits, one signature three times.
  attack.say_all(consensus::Message(own_certificate(attack, subject, 0x07, 3)));
  attack.expect_invalid(Errc::kBadSignature, 1);
  attack.flush();
}

void one_signature_short(Attack& attack) {
  attack.present = false;
  attack.follow();
  std::uint64_t sent = 0;
  const bool enough = attack.pump_until([&] {
    // What is only just going on is not certified yet: own vote, one honest vote, one forged.
    for (const auto& [voter, vote] : attack.known.votes()) {
      if (vote.subject.view < attack.known.view()) continue;
      attack.say_all(consensus::Message(almost_certified(attack, voter, vote)));
      ++sent;
    }
    attack.pump(20);
    return sent >= 30;
  });
  require(enough, "no votes to build on");
  // With one signature fewer, and with one fewer than bits.
  const Subject far = consensus::nullify(kFirstEpoch, attack.known.view() + kFarView);
  attack.say_all(consensus::Message(own_certificate(attack, far, 0x03, 2)));
  attack.say_all(consensus::Message(own_certificate(attack, far, 0x07, 2)));
  attack.flush();
  // The others are certified by the time they come, and then not even looked at.
  attack.expect_invalid(Errc::kBadSignature, 1, Kind::kGrowsAtLeast);
  attack.expect_invalid(Errc::kBadSignerCount, 2);
  attack.done["certificates"] = sent;
}

void mixed_certificates(Attack& attack) {
  attack.follow();
  const Certificate real = *attack.known.finalization();
  require(attack.pump_until([&] { return attack.known.final_view() > real.subject.view + 3; }),
          "the network stands still");
  const View view = attack.known.view() + kFarView;
  const auto say = [&](const Subject& subject) {
    attack.say_all(consensus::Message(Certificate{subject, real.signers, real.signatures}));
  };
  say(consensus::finalize(kFirstEpoch, view, real.subject.block));
  say(consensus::notarize(kFirstEpoch, view, real.subject.view, real.subject.block));
  say(consensus::nullify(kFirstEpoch, view));
  attack.expect_invalid(Errc::kBadSignature, 3);
  // Of the same view: what is final makes it useless, whatever it is.
  say(consensus::nullify(kFirstEpoch, real.subject.view));
  attack.expect_useless(Errc::kNotNeeded, 1);
  Subject odd = consensus::nullify(kFirstEpoch, view);
  odd.block = real.subject.block;
  say(odd);
  attack.expect_invalid(Errc::kBadSubject, 1);
  say(consensus::finalize(kFirstEpoch + 1, view, real.subject.block));
  attack.expect_invalid(Errc::kWrongEpoch, 1);
  attack.flush();
}

void other_epochs(Attack& attack) {
  attack.follow();
  for (const consensus::Epoch epoch : {kFirstEpoch - 1, kFirstEpoch + 1}) {
    const Subject subject = consensus::nullify(epoch, attack.known.view());
    attack.say_all(consensus::Message(attack.member().vote(subject)));
    attack.say_all(consensus::Message(consensus::GetCertificate{epoch, 1}));
    attack.say_all(consensus::Message(consensus::MemberStatus{epoch, 1, 0, {}, {}}));
    consensus::Proposal proposal;
    proposal.vote = attack.member().vote(consensus::notarize(epoch, 5, 4, made_up(1)));
    attack.say_all(consensus::Message(proposal));
  }
  attack.flush();
  attack.expect_invalid(Errc::kWrongEpoch, 8);
}

void far_views(Attack& attack) {
  attack.follow();
  const std::size_t times = attack.count(2'000, 100'000);
  const Vote one =
      attack.member().vote(consensus::nullify(kFirstEpoch, attack.known.view() + kFarView));
  for (std::size_t i = 0; i < times; ++i) {
    Vote vote = one;  // no signature is looked at so far away
    vote.subject.view += i;
    attack.say_all(consensus::Message(vote));
    if (i % 64 == 0) attack.pump(0);
  }
  for (const View view : {View{1} << 63, ~View{0}}) {
    attack.say_all(consensus::Message(attack.member().vote(consensus::nullify(kFirstEpoch, view))));
    attack.say_all(
        consensus::Message(consensus::MemberStatus{kFirstEpoch, view, view, made_up(1), {}}));
  }
  attack.flush();
  attack.expect_useless(Errc::kOutsideWindow, times + 2);
  attack.done["votes"] = times * attack.victims().size();
}

void contradictions(Attack& attack) {
  attack.present = false;
  attack.follow();
  // Views that are still counted, and in which this member has said nothing.
  const View base = attack.known.view();
  require(attack.pump_until([&] { return attack.known.final_view() > base + 3; }),
          "the network stands still");
  const auto both = [&](const Subject& first, const Subject& second) {
    attack.say_all(consensus::Message(attack.member().vote(first)));
    attack.say_all(consensus::Message(attack.member().vote(second)));
  };
  both(consensus::nullify(kFirstEpoch, base), consensus::finalize(kFirstEpoch, base, made_up(1)));
  both(consensus::notarize(kFirstEpoch, base + 1, base, made_up(1)),
       consensus::notarize(kFirstEpoch, base + 1, base, made_up(2)));
  both(consensus::finalize(kFirstEpoch, base + 2, made_up(1)),
       consensus::finalize(kFirstEpoch, base + 2, made_up(2)));
  attack.flush();
  attack.expect_evidence(3);
}

void nullifies_only(Attack& attack) {
  attack.follow();
  std::set<View> done;
  while (attack.goes_on(done.size(), 20, 500)) {
    const View view = attack.known.view();
    if (done.insert(view).second) {
      attack.say_all(
          consensus::Message(attack.member().vote(consensus::nullify(kFirstEpoch, view))));
    }
    const bool more = attack.pump_until([&] { return attack.known.view() > view; });
    require(more, "no views to nullify");
  }
  attack.flush();
  attack.expect_evidence(0);
  attack.done["views"] = done.size();
}

void outdated(Attack& attack) {
  attack.present = false;
  attack.follow();
  const View old = attack.known.view();
  const Certificate first = *attack.known.finalization();
  const Vote vote = attack.member().vote(consensus::nullify(kFirstEpoch, old));
  attack.say_all(consensus::Message(vote));
  require(attack.pump_until([&] { return attack.known.final_view() > old + 33; }),
          "the network stands still");
  for (int i = 0; i < 100; ++i) attack.say_all(consensus::Message(vote));
  attack.expect_useless(Errc::kOutsideWindow, 100);
  for (const auto& [from, other] : attack.known.votes()) {
    Vote stale = other;
    stale.subject.view = old;
    attack.say_all(consensus::Message(stale));
  }
  attack.say_all(consensus::Message(first));
  attack.flush();
  attack.expect_useless(Errc::kNotNeeded, 1);
  attack.expect_evidence(0);
}

void repeated_votes(Attack& attack) {
  attack.follow();
  const View view = attack.known.view();
  const Subject subject = consensus::notarize(kFirstEpoch, view, view - 1, made_up(41));
  const Vote vote = attack.member().vote(subject);
  for (int i = 0; i < 1'000; ++i) attack.say_all(consensus::Message(vote));
  attack.flush();
  require(attack.pump_until([&] { return attack.known.final_view() > view; }),
          "the network stands still");
  const Certificate* certified = attack.known.certificate(view, VoteKind::notarize);
  require(certified == nullptr || certified->subject != subject, "one vote was counted as many");
  attack.expect_evidence(0);
}

void other_result(Attack& attack) {
  attack.follow();
  require(attack.pump_until([&] { return attack.known.checkpoint().has_value(); }),
          "no cosignature heard");
  const node::CheckpointVote real = *attack.known.checkpoint();
  node::BlockEnd other{real.height, real.tree_size, real.root};
  other.root.bytes[0] ^= 1;
  for (int i = 0; i < 3; ++i) attack.say_all(node::NodeMessage(attack.member().cosign(other)));
  // The same with a signature that is of something else.
  node::CheckpointVote forged = attack.member().cosign(other);
  forged.tree_size += 1;
  attack.say_all(node::NodeMessage(forged));
  attack.flush();
  for (const MemberIndex victim : attack.victims()) {
    attack.expect(victim, "checkpoints_differing_total", {{"member", attack.member().name(0)}}, 1);
    attack.expect(victim, "serving", {}, 1, Kind::kIs);
  }
  attack.expect_invalid(crypto::Errc::kBadSignature, 1);
}

// As a member that votes for everything: each vote twice, in reversed order, and again much later.
void repeats_and_reorders(Attack& attack) {
  attack.present = false;
  attack.follow();
  std::vector<Vote> said;
  const std::size_t votes = attack.count(24, 1'000);
  const bool enough = attack.pump_until(
      [&] {
        std::vector<Vote> fresh;
        for (const auto& [from, vote] : attack.known.votes()) {
          if (vote.subject.kind == VoteKind::nullify) continue;
          const Vote own = attack.member().vote(vote.subject);
          if (std::ranges::find(said, own) == said.end() &&
              std::ranges::find(fresh, own) == fresh.end()) {
            fresh.push_back(own);
          }
        }
        said.insert(said.end(), fresh.begin(), fresh.end());
        std::ranges::reverse(fresh);
        for (int twice = 0; twice < 2; ++twice) {
          for (const Vote& vote : fresh) attack.say_all(consensus::Message(vote));
        }
        return said.size() >= votes;
      },
      static_cast<int>(attack.count(60'000, 600'000)));
  require(enough, "nothing to vote for");
  if (attack.is_full()) attack.pump(60'000);
  std::ranges::reverse(said);
  for (const Vote& vote : said) attack.say_all(consensus::Message(vote));
  attack.flush();
  attack.expect_evidence(0);
  attack.done["votes"] = said.size() * 3;
}

void bad_signatures(Attack& attack) {
  attack.follow();
  std::uint64_t sent = 0;
  while (attack.goes_on(sent, 5'000, 300'000)) {
    for (std::size_t i = 0; i < 50; ++i, ++sent) {
      // Within the window, or no signature would be looked at.
      Vote vote = attack.member().vote(consensus::nullify(kFirstEpoch, attack.known.final_view()));
      vote.signature.bytes[sent % 32] ^= static_cast<std::uint8_t>(1 + sent % 255);
      attack.say_all(consensus::Message(vote));
    }
    attack.pump(attack.is_endless() ? 50 : 0);  // 1,000 a second: victims share their processors
  }
  attack.flush();
  attack.expect_invalid(Errc::kBadSignature, sent);
  attack.expect_evidence(0);
  attack.done["votes"] = sent * attack.victims().size();
}

void evidence_flood(Attack& attack) {
  attack.follow();
  const View view = attack.known.view();
  for (std::uint8_t i = 0; i < 200; ++i) {
    attack.say_all(consensus::Message(
        attack.member().vote(consensus::notarize(kFirstEpoch, view, view - 1, made_up(i)))));
  }
  attack.flush();
  attack.expect_evidence(1);
}

}  // namespace sanad::hostile
