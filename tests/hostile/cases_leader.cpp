// C, a leader's part: what it proposes, to whom, and when.
#include <chrono>

#include "node/replica/batch.h"
#include "tests/hostile/cases_consensus.h"
#include "tests/hostile/catalogue.h"

namespace sanad::hostile {
namespace {

using consensus::BlockHeader;
using consensus::Errc;
using consensus::kFirstEpoch;
using consensus::Proposal;
using Kind = Expectation::Kind;

std::uint64_t wall_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

// A view that this member leads, right now.
struct Turn {
  View view = 0;
  Knowledge::Place place;
};

Turn next_turn(Attack& attack, const std::function<bool(const Turn&)>& suits = {}) {
  const View after = attack.known.view();
  Turn turn;
  const bool came = attack.pump_until([&] {
    turn.view = attack.known.view();
    if (turn.view <= after || attack.member().committee.leader(turn.view) != 0) return false;
    const auto place = attack.known.place(turn.view);
    if (place) turn.place = *place;
    return place.has_value() && (!suits || suits(turn));
  });
  require(came, "no turn to lead within a minute");
  return turn;
}

// What an honest leader would propose with nothing to order.
BlockHeader draft(const Attack& attack, const Turn& turn) {
  const Member& member = attack.member();
  BlockHeader header;
  header.chain_id = member.network();
  header.epoch = kFirstEpoch;
  header.origin_view = turn.view;
  header.height = turn.place.header.height + 1;
  header.parent = turn.place.parent;
  header.proposer = member.self();
  header.time_ms = std::max(wall_ms(), turn.place.header.time_ms + 1);
  header.beacon_reveal = member.beacon.reveal(turn.view);
  return header;
}

Proposal proposal(const Attack& attack, View view, View parent_view, const BlockHeader& header) {
  Proposal made;
  made.vote =
      attack.member().vote(consensus::notarize(kFirstEpoch, view, parent_view, block_hash(header)));
  made.header = header;
  for (const VoteKind kind : {VoteKind::nullify, VoteKind::notarize, VoteKind::finalize}) {
    const Certificate* entry = attack.known.certificate(view - 1, kind);
    if (entry != nullptr) made.entry = *entry;
  }
  return made;
}

Proposal proposal(const Attack& attack, const Turn& turn, const BlockHeader& header) {
  return proposal(attack, turn.view, turn.place.parent_view, header);
}

bool is_certified(const Attack& attack, View view, const Hash& block) {
  for (const VoteKind kind : {VoteKind::notarize, VoteKind::finalize}) {
    const Certificate* held = attack.known.certificate(view, kind);
    if (held != nullptr && held->subject.block == block) return true;
  }
  return false;
}

void wait_past(Attack& attack, View view) {
  require(attack.pump_until([&] { return attack.known.final_view() > view; }),
          "the network stands still after view " + std::to_string(view));
}

// Proposes to all what nobody may vote for.
void must_be_left(Attack& attack, const Proposal& bad) {
  attack.say_all(consensus::Message(bad));
  wait_past(attack, bad.vote.subject.view);
  require(!is_certified(attack, bad.vote.subject.view, bad.vote.subject.block),
          "an invalid block was certified in view " + std::to_string(bad.vote.subject.view));
  ++attack.done["refused proposals"];
}

// On a busy machine many turns come too late for the others' timeouts: a minute for each that does
// not.
class Patience {
 public:
  void check(std::size_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (done > done_) begin_ = now;
    done_ = done;
    require(now - begin_ < std::chrono::minutes(1), "two of three never notarized in time");
  }

 private:
  std::size_t done_ = 0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::vector<MemberIndex> three_victims(const Attack& attack) {
  std::vector<MemberIndex> victims(attack.victims().begin(), attack.victims().end());
  require(victims.size() == 3, "this case takes three victims");
  return victims;
}

}  // namespace

void equivocates(Attack& attack) {
  attack.follow();
  const auto victims = three_victims(attack);
  const std::size_t turns = attack.count(2, 20);
  for (std::size_t i = 0; i < turns; ++i) {
    const Turn turn = next_turn(attack);
    BlockHeader header = draft(attack, turn);
    const Proposal one = proposal(attack, turn, header);
    header.time_ms += 1;
    const Proposal other = proposal(attack, turn, header);
    attack.say(victims[0], consensus::Message(one));
    attack.say(victims[1], consensus::Message(other));
    attack.say(victims[2], consensus::Message(one));
    attack.say(victims[2], consensus::Message(other));
    wait_past(attack, turn.view);
    require(!is_certified(attack, turn.view, one.vote.subject.block) ||
                !is_certified(attack, turn.view, other.vote.subject.block),
            "two blocks were certified in one view");
  }
  attack.expect(victims[2], "evidence_total", {}, turns);
  attack.expect(victims[0], "evidence_total", {}, 0);
  attack.expect(victims[1], "evidence_total", {}, 0);
  attack.done["turns"] = turns;
}

void proposes_to_some(Attack& attack) {
  attack.follow();
  const auto victims = three_victims(attack);
  const std::size_t wanted = attack.count(2, 20);
  std::size_t certified = 0;
  Patience patience;
  while (certified < wanted) {
    patience.check(certified);
    const Turn turn = next_turn(attack);
    const Proposal made = proposal(attack, turn, draft(attack, turn));
    attack.say(victims[0], consensus::Message(made));
    attack.say(victims[1], consensus::Message(made));
    wait_past(attack, turn.view);
    certified += is_certified(attack, turn.view, made.vote.subject.block) ? 1 : 0;
  }
  attack.expect_evidence(0);
  attack.done["blocks that a quorum saw"] = certified;
}

void withholds_batches(Attack& attack) {
  attack.follow();
  const auto victims = three_victims(attack);
  require(attack.pump_until([&] { return !attack.known.batches().empty(); }), "no batch heard");
  const std::size_t wanted = attack.count(1, 10);
  std::size_t certified = 0;
  for (std::uint64_t seq = 1; certified < wanted; ++seq) {
    require(seq < 10 * wanted + 50, "two of three never notarized in time");
    const Turn turn = next_turn(attack);
    // What somebody else submitted, once more: it executes as a repeat.
    std::vector<node::SubmissionPtr> submissions;
    for (const auto& submission : attack.known.batches().back().submissions) {
      auto checked = chaincode::check_submission(submission.bytes, attack.member().network());
      require(checked.ok(), "an honest batch does not hold");
      submissions.push_back(
          std::make_shared<const chaincode::CheckedSubmission>(std::move(*checked)));
    }
    const auto batch =
        node::make_batch({attack.member().committee, attack.member().network()}, 0, seq,
                         std::move(submissions), attack.member().files.keys.consensus);
    BlockHeader header = draft(attack, turn);
    header.batches = {batch->ref()};
    const Proposal made = proposal(attack, turn, header);
    for (const MemberIndex shown : {victims[0], victims[1]}) {
      attack.say(shown, node::NodeMessage(batch->wire()));
    }
    attack.say_all(consensus::Message(made));
    wait_past(attack, turn.view);
    certified += is_certified(attack, turn.view, made.vote.subject.block) ? 1 : 0;
  }
  attack.expect(victims[2], "batches_requested_total", {}, certified, Kind::kGrowsAtLeast);
  attack.expect_evidence(0);
  attack.done["blocks"] = certified;
}

void bad_ancestry(Attack& attack) {
  attack.follow();
  // A parent below what is final.
  const Certificate old = *attack.known.finalization();
  const auto knows_old = [&](const Turn&) {
    return attack.known.header(old.subject.block) != nullptr &&
           attack.known.final_view() > old.subject.view;
  };
  Turn turn = next_turn(attack, knows_old);
  BlockHeader header = draft(attack, turn);
  header.parent = old.subject.block;
  header.height = attack.known.header(old.subject.block)->height + 1;
  must_be_left(attack, proposal(attack, turn.view, old.subject.view, header));
  // A height that does not follow; a gap that nobody nullified.
  turn = next_turn(attack);
  header = draft(attack, turn);
  header.height += 1;
  must_be_left(attack, proposal(attack, turn, header));
  turn = next_turn(attack, [&](const Turn& one) {
    const Certificate* final_one = attack.known.finalization();
    return one.place.parent_view > final_one->subject.view &&
           attack.known.header(final_one->subject.block) != nullptr;
  });
  header = draft(attack, turn);
  const Certificate final_one = *attack.known.finalization();
  header.parent = final_one.subject.block;
  header.height = attack.known.header(header.parent)->height + 1;
  must_be_left(attack, proposal(attack, turn.view, final_one.subject.view, header));
  // What convicts its leader by itself: a parent view that is not below, an old block again,
  // another proposer, another chain.
  turn = next_turn(attack);
  must_be_left(attack, proposal(attack, turn.view, turn.view, draft(attack, turn)));
  turn = next_turn(attack);
  must_be_left(attack, proposal(attack, turn, turn.place.header));
  turn = next_turn(attack);
  header = draft(attack, turn);
  header.proposer = 1;
  must_be_left(attack, proposal(attack, turn, header));
  turn = next_turn(attack);
  header = draft(attack, turn);
  header.chain_id.bytes[0] ^= 1;
  must_be_left(attack, proposal(attack, turn, header));
  attack.expect_evidence(4);
  // Not its turn; a vote for another header than the one beside it.
  const View view = attack.known.view();
  const View others = attack.member().committee.leader(view) == 0 ? view - 1 : view;
  Turn wrong{others, turn.place};
  attack.say_all(consensus::Message(proposal(attack, wrong, draft(attack, wrong))));
  turn = next_turn(attack);
  Proposal mismatched = proposal(attack, turn, draft(attack, turn));
  mismatched.header.time_ms += 1;
  attack.say_all(consensus::Message(mismatched));
  attack.flush();
  attack.expect_invalid(Errc::kNotTheLeader, 1);
  attack.expect_invalid(Errc::kHeaderMismatch, 1);
}

void slow_leader(Attack& attack) {
  attack.follow();
  const std::size_t turns = attack.count(4, 100);
  for (std::size_t i = 0; i < turns; ++i) {
    const Turn turn = next_turn(attack);
    const Proposal made = proposal(attack, turn, draft(attack, turn));
    attack.pump(60 + static_cast<int>(i % 3) * 20);  // about when the others give up
    attack.say_all(consensus::Message(made));
    wait_past(attack, turn.view);
    attack.done["certified"] += is_certified(attack, turn.view, made.vote.subject.block) ? 1U : 0U;
  }
  attack.expect_evidence(0);
  attack.done["turns"] = turns;
}

void takes_it_back(Attack& attack) {
  attack.follow();
  const std::size_t turns = attack.count(3, 50);
  for (std::size_t i = 0; i < turns; ++i) {
    const Turn turn = next_turn(attack);
    attack.say_all(consensus::Message(proposal(attack, turn, draft(attack, turn))));
    attack.say_all(
        consensus::Message(attack.member().vote(consensus::nullify(kFirstEpoch, turn.view))));
    wait_past(attack, turn.view);
  }
  attack.expect_evidence(0);
  attack.done["turns"] = turns;
}

void bad_times(Attack& attack) {
  attack.follow();
  for (const std::int64_t from_parent : {std::int64_t{0}, std::int64_t{-1}}) {
    const Turn turn = next_turn(attack);
    BlockHeader header = draft(attack, turn);
    header.time_ms = turn.place.header.time_ms + static_cast<std::uint64_t>(from_parent);
    must_be_left(attack, proposal(attack, turn, header));
  }
  for (const std::uint64_t ahead_ms : {std::uint64_t{3'600'000}, ~std::uint64_t{0} / 2}) {
    const Turn turn = next_turn(attack);
    BlockHeader header = draft(attack, turn);
    header.time_ms += ahead_ms;
    must_be_left(attack, proposal(attack, turn, header));
  }
  attack.expect_evidence(0);
}

std::vector<Case> consensus_cases() {
  return {
      {23, "a vote that another member signed, or in another one's name",
       Here{foreign_votes, "frames invalid: signed by another member than the sender"}},
      {24, "signers n, n + 1, 65,535, 2^32-1",
       Here{no_such_signer, "frames invalid: no such member, out of range"}},
      {25, "bitmaps too long, too short, with a tail, one signature for many",
       Here{bad_bitmaps, "frames invalid: bitmap, number of signers, signature"}},
      {26, "q - 1 valid signatures and a forged one",
       Here{one_signature_short, "frames invalid: signature, number of signers"}},
      {27, "signatures of another kind, view, epoch in one certificate",
       Here{mixed_certificates, "frames invalid: signature, subject, epoch"}},
      {28, "messages of another epoch", Here{other_epochs, "frames invalid: another epoch"}},
      {29, "votes and claims of views far ahead, up to 2^64-1",
       Here{far_views, "frames useless: outside the window; no signature is checked"}},
      {30, "nullify and finalize, two notarize, two finalize of one view",
       Here{contradictions, "evidence, once for each pair, against the sender alone"}},
      {31, "a leader shows halves of the network two blocks",
       Here{equivocates, "evidence where both are seen; never two certified blocks"}},
      {32, "a leader shows its block to a quorum only",
       Here{proposes_to_some, "the block is final everywhere"}},
      {33, "a good header, its batch withheld from f members",
       Here{withholds_batches, "the batch is fetched from others; final everywhere"}},
      {34, "parents below the final block, gaps, heights, old blocks, wrong proposers",
       Here{bad_ancestry, "the view is nullified; what is provable is evidence"}},
      {35, "a certificate shown to one member only, then silence",
       Elsewhere{"tests/scenarios/E-enter_by_the_certificate_alone.txt", "E-enter"}},
      {36, "a leader that is always just in time, or just not",
       Here{slow_leader, "blocks or nullified views; work goes on"}},
      {37, "a leader that takes its own good proposal back",
       Here{takes_it_back, "the view is over; no evidence, since it is no lie"}},
      {38, "a member that nullifies every view", Here{nullifies_only, "work goes on"}},
      {39, "old votes and certificates again",
       Here{outdated, "frames useless: outside the window, not needed"}},
      {40, "times an hour and 290 million years ahead, the parent's, below it",
       Here{bad_times, "the view is nullified, the block never certified"}},
      {41, "one vote a thousand times", Here{repeated_votes, "it counts once"}},
      {42, "a cosignature of another result",
       Here{other_result, "an alarm with both results, counted by member; serving goes on"}},
      {43, "every vote twice, in reverse, and again much later",
       Here{repeats_and_reorders, "no evidence; work goes on"}},
      {44, "a flood of wrong signatures",
       Here{bad_signatures, "frames invalid: signature, each of them; work goes on"}},
      {45, "many proofs against oneself",
       Here{evidence_flood, "evidence once for the view; nobody takes evidence from others"}},
  };
}

}  // namespace sanad::hostile
