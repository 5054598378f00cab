#include "cluster.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "consensus/ledger_blocks.h"

namespace sanad::consensus {
namespace {

constexpr std::uint64_t kWallOffsetMs = 1'800'000'000'000;

}  // namespace

Cluster::Cluster(std::size_t n, std::uint64_t delay_ms, Limits bounds)
    : keys(n),
      committee(keys.committee()),
      limits(bounds),
      nodes(n),
      delay_ms_(delay_ms),
      cache_(1 << 14) {}

void Cluster::start(MemberIndex member) {
  Node& node = nodes[member];
  REQUIRE(node.core == nullptr);
  const BeaconSource beacon = [](View view) { return crypto::tagged_hash("test-beacon", view); };
  node.core = std::make_unique<Core>(
      CoreOptions{committee, keys.chain_id, member, limits, beacon, true}, replay(node.journal));
  input(member, Started{node.ledger.size(), crypto::tagged_hash("test-nonce", now_ms)});
  std::set<Hash> done;
  for (const Finalized& block : node.ledger) {
    for (const BatchRef& ref : block.header.batches) done.insert(ref.digest);
  }
  for (const auto& [digest, ref] : node.batches) {
    if (!done.contains(digest)) input(member, BatchHeld{ref});
  }
}

void Cluster::start_all() {
  for (MemberIndex member = 0; member < n(); ++member) start(member);
}

void Cluster::crash(MemberIndex member) {
  nodes[member].core.reset();
  nodes[member].timer_ms.reset();
  ++nodes[member].run;
}

void Cluster::lose_journal(MemberIndex member) {
  Node& node = nodes[member];
  REQUIRE(node.core == nullptr);
  node.journal = {Silence{}};
  if (node.ledger.empty()) return;
  node.journal = quarantined_at(node.ledger.back().header, node.ledger.back().finalization);
}

void Cluster::submit(const BatchRef& ref, const std::vector<MemberIndex>& at) {
  for (MemberIndex member = 0; member < n(); ++member) {
    const bool chosen = at.empty() || std::find(at.begin(), at.end(), member) != at.end();
    if (!chosen || nodes[member].core == nullptr) continue;
    nodes[member].batches.emplace(ref.digest, ref);
    input(member, BatchHeld{ref});
  }
}

void Cluster::later(std::uint64_t delay_ms, MemberIndex to, std::function<void()> act) {
  queue_.push({now_ms + delay_ms, order_++, to, nodes[to].run, std::move(act)});
}

void Cluster::run_for(std::uint64_t ms) {
  const std::uint64_t until_ms = now_ms + ms;
  while (true) {
    std::uint64_t next_ms = queue_.empty() ? until_ms + 1 : queue_.top().at_ms;
    std::optional<MemberIndex> timer;
    for (MemberIndex member = 0; member < n(); ++member) {
      if (nodes[member].timer_ms && *nodes[member].timer_ms < next_ms) {
        next_ms = *nodes[member].timer_ms;
        timer = member;
      }
    }
    if (next_ms > until_ms) break;
    now_ms = std::max(now_ms, next_ms);
    if (timer) {
      nodes[*timer].timer_ms.reset();
      input(*timer, TimerFired{});
      continue;
    }
    const Delivery delivery = queue_.top();
    queue_.pop();
    const Node& node = nodes[delivery.to];
    if (node.core != nullptr && node.run == delivery.run) delivery.act();
  }
  now_ms = until_ms;
}

void Cluster::input(MemberIndex member, Event event) {
  Core& core = *nodes[member].core;
  carry_out(member, core.step({now_ms, now_ms + kWallOffsetMs, std::move(event)}));
}

void Cluster::carry_out(MemberIndex member, std::vector<Action> actions) {
  Node& node = nodes[member];
  for (const Action& action : actions) {
    if (const auto* persist = std::get_if<Persist>(&action)) {
      node.journal.push_back(persist->record);
    } else if (const auto* cast = std::get_if<CastVote>(&action)) {
      carry_out(member, *cast);
    } else if (const auto* all = std::get_if<Broadcast>(&action)) {
      broadcast(member, all->message);
    } else if (const auto* one = std::get_if<Send>(&action)) {
      send(member, one->to, one->message);
    } else if (const auto* timer = std::get_if<SetTimer>(&action)) {
      node.timer_ms = timer->at_ms;
    } else if (const auto* batch = std::get_if<RequestBatch>(&action)) {
      carry_out(member, *batch);
    } else if (const auto* blocks = std::get_if<ServeBlocks>(&action)) {
      carry_out(member, *blocks);
    } else if (const auto* block = std::get_if<Finalized>(&action)) {
      execute(member, *block);
    } else if (const auto* evidence = std::get_if<EvidenceFound>(&action)) {
      REQUIRE(check(evidence->evidence, committee, keys.chain_id).ok());
      node.evidence.push_back(evidence->evidence);
    } else if (const auto* suspicion = std::get_if<CensorshipSuspected>(&action)) {
      node.suspicions.push_back(*suspicion);
    }
  }
}

void Cluster::check_cast(Node& node, const Subject& subject) const {
  const RecoveredState durable = replay(node.journal);
  const auto found = durable.own_votes.find(subject.view);
  REQUIRE(found != durable.own_votes.end());  // R1: durable before it is sent
  ViewVotes& life = node.life[subject.view];
  switch (subject.kind) {
    case VoteKind::notarize:
      REQUIRE(found->second.notarize == subject);
      REQUIRE((!life.notarize || life.notarize == subject));  // N1
      // N2; a resend after a nullify is the same vote again.
      REQUIRE((!life.nullify || life.notarize == subject));
      life.notarize = subject;
      break;
    case VoteKind::nullify:
      REQUIRE(found->second.nullify);
      REQUIRE(!life.finalize);  // F1
      life.nullify = true;
      break;
    case VoteKind::finalize:
      REQUIRE(found->second.finalize == subject);
      REQUIRE(!life.nullify);  // F1
      REQUIRE((!life.finalize || life.finalize == subject));
      life.finalize = subject;
      break;
  }
}

void Cluster::carry_out(MemberIndex member, const CastVote& cast) {
  check_cast(nodes[member], cast.subject);
  const Vote vote = keys.vote(cast.subject, member);
  broadcast(member, message_of(cast, vote));
  later(0, member, [this, member, vote] { input(member, OwnVoteSigned{vote}); });
}

void Cluster::carry_out(MemberIndex member, const RequestBatch& request) {
  for (const MemberIndex candidate : request.candidates) {
    REQUIRE(candidate != member);
    const Node& other = nodes[candidate];
    if (other.core == nullptr || other.mute || !other.batches.contains(request.ref.digest))
      continue;
    later(2 * delay_ms_, member, [this, member, ref = request.ref] {
      if (nodes[member].batches.emplace(ref.digest, ref).second) input(member, BatchHeld{ref});
    });
    return;
  }
}

void Cluster::carry_out(MemberIndex member, const ServeBlocks& serve) {
  const std::vector<Finalized>& ledger = nodes[member].ledger;
  const auto blocks =
      blocks_from(serve.request, ledger.size(),
                  [&ledger](Height height) -> Result<Finalized> { return ledger[height - 1]; });
  REQUIRE(blocks.ok());
  if (*blocks) send(member, serve.to, **blocks);
}

void Cluster::execute(MemberIndex member, const Finalized& block) {
  Node& node = nodes[member];
  REQUIRE(block.hash == block_hash(block.header));
  REQUIRE(block.header.height == node.ledger.size() + 1);  // F4: each once, parent first
  if (!node.ledger.empty()) {
    REQUIRE(block.header.parent == node.ledger.back().hash);
    REQUIRE(block.header.time_ms > node.ledger.back().header.time_ms);
  }
  const Verifier verifier(committee, keys.chain_id, cache_);
  REQUIRE(verifier.check(block.finalization).ok());
  node.ledger.push_back(block);
  for (const Node& other : nodes) {  // I1
    if (other.ledger.size() >= node.ledger.size()) {
      REQUIRE(other.ledger[node.ledger.size() - 1].hash == block.hash);
    }
  }
  const Height height = block.header.height;
  later(0, member, [this, member, height] {
    input(member, BlockCommitted{height});
    input(member, CheckpointHeld{{height, height, {}}});
  });
}

void Cluster::broadcast(MemberIndex from, const Message& message) {
  for (MemberIndex to = 0; to < n(); ++to) {
    if (to != from) send(from, to, message);
  }
}

void Cluster::send(MemberIndex from, MemberIndex to, const Message& message) {
  if (nodes[from].mute || (lost && lost(from, to, message))) return;
  inject(from, to, message);
}

void Cluster::inject(MemberIndex from, MemberIndex to, const Message& message) {
  ++messages;
  later(delay_ms_, to, [this, from, to, bytes = crypto::encode(message)] {
    const Verifier verifier(committee, keys.chain_id, cache_);
    auto verified = verifier.verify(bytes, from, nodes[to].core->window());
    if (verified) {
      input(to, PeerMessage{from, std::move(*verified)});
    } else {
      ++refused[static_cast<Errc>(verified.error().code.value())];
    }
  });
}

bool Cluster::executed(MemberIndex member, const BatchRef& ref) const {
  std::size_t times = 0;
  for (const Finalized& block : nodes[member].ledger) {
    for (const BatchRef& each : block.header.batches) times += each == ref ? 1 : 0;
  }
  REQUIRE(times <= 1);
  return times == 1;
}

bool Cluster::everywhere(const BatchRef& ref) const {
  for (MemberIndex member = 0; member < n(); ++member) {
    if (nodes[member].core != nullptr && !executed(member, ref)) return false;
  }
  return true;
}

}  // namespace sanad::consensus
