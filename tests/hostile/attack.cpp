#include "tests/hostile/attack.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "node/metrics.h"

namespace sanad::hostile {
namespace {

constexpr std::uint64_t kTellMs = 400;

std::uint64_t now_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

}  // namespace

Input input() {
  pollfd one{STDIN_FILENO, POLLIN, 0};
  if (poll(&one, 1, 0) <= 0) return Input::kNothing;
  char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) <= 0 ? Input::kEnded : Input::kSomething;
}

Attack::Attack(const Member& member, std::set<MemberIndex> victims, Size size)
    : known(member.committee),
      member_(member),
      victims_(std::move(victims)),
      size_(size),
      context_(member.context()) {}

bool Attack::goes_on(std::size_t so_far, std::size_t less, std::size_t all) const {
  return size_ == Size::kEndless ? input() != Input::kEnded : so_far < count(less, all);
}

std::unique_ptr<Session> Attack::dial(MemberIndex victim) {
  auto session = std::make_unique<Session>(member_.addresses[victim], context_.get());
  require(session->handshake(),
          "no handshake with " + member_.name(victim) + ": " + session->end());
  return session;
}

network::HelloFields Attack::hello(MemberIndex victim, Session& session) const {
  return {member_.network(), member_.self(), victim, session.binding()};
}

Session& Attack::link(MemberIndex victim) {
  auto& link = links_[victim];
  if (link && !link->ended()) return *link;
  link = dial(victim);
  link->frame(network::FrameKind::kHello, network::encode_hello(hello(victim, *link)));
  require(link->flush(10'000), "no link with " + member_.name(victim) + ": " + link->end());
  require(link->greeted(), member_.name(victim) + " said no hello");
  return *link;
}

Session* Attack::link_if_up(MemberIndex victim) {
  try {
    return &link(victim);
  } catch (const Failed&) {
    drop(victim);
    return nullptr;
  }
}

void Attack::say_up(const consensus::Message& message) {
  const Bytes bytes =
      crypto::encode(node::NodeMessage(node::ConsensusMessage{crypto::encode(message)}));
  for (auto& [victim, session] : links_) {
    if (!session->ended()) session->frame(network::FrameKind::kMessage, bytes);
  }
}

void Attack::link_all() {
  for (const MemberIndex victim : victims_) link(victim);
}

void Attack::say(MemberIndex victim, const node::NodeMessage& message) {
  link(victim).frame(network::FrameKind::kMessage, crypto::encode(message));
}

void Attack::say(MemberIndex victim, const consensus::Message& message) {
  say(victim, node::NodeMessage(node::ConsensusMessage{crypto::encode(message)}));
}

void Attack::flush() {
  for (auto& [victim, session] : links_) {
    if (session->ended()) continue;
    require(session->flush(30'000), member_.name(victim) + " did not read: " + session->end());
    take(victim, *session);
  }
}

void Attack::take(MemberIndex victim, Session& session) {
  for (const Bytes& bytes : session.messages()) {
    require(known.take(victim, bytes), member_.name(victim) + " sent what cannot be read");
    if (!on_message) continue;
    on_message(victim, *crypto::decode<node::NodeMessage>(bytes));
  }
}

void Attack::pump(int ms) {
  const std::uint64_t end = now_ms() + static_cast<std::uint64_t>(ms);
  do {
    if (present && now_ms() >= told_ms_ + kTellMs) {
      told_ms_ = now_ms();
      say_up(consensus::MemberStatus{consensus::kFirstEpoch, known.view(), 0, {}, {}});
    }
    for (auto& [victim, session] : links_) {
      session->read(1);
      take(victim, *session);
    }
  } while (now_ms() < end);
}

bool Attack::pump_until(const std::function<bool()>& condition, int limit_ms) {
  const std::uint64_t end = now_ms() + static_cast<std::uint64_t>(limit_ms);
  while (!condition()) {
    if (now_ms() > end) return false;
    pump(0);
  }
  return true;
}

void Attack::follow() {
  link_all();
  const bool seen = pump_until([this] { return known.finalization() != nullptr; });
  require(seen, "no finalization heard within a minute");
  const View from = known.view();  // what an earlier run voted for lies at or below it
  require(pump_until([&] { return known.final_view() > from; }), "the network stands still");
}

void Attack::expect(MemberIndex at, std::string metric, std::map<std::string, std::string> labels,
                    std::uint64_t value, Expectation::Kind kind) {
  for (Expectation& one : expectations_) {
    const bool grows =
        kind == Expectation::Kind::kGrowsBy || kind == Expectation::Kind::kGrowsAtLeast;
    if (grows && one.at == at && one.metric == metric && one.labels == labels && one.kind == kind) {
      one.value += value;
      return;
    }
  }
  expectations_.push_back({at, std::move(metric), std::move(labels), kind, value});
}

void Attack::expect_invalid(std::error_code why, std::uint64_t count, Expectation::Kind kind) {
  for (const MemberIndex victim : victims_) {
    expect(victim, "frames_invalid_total",
           {{"member", member_.name(member_.self())}, {"reason", node::reason_label(why)}}, count,
           kind);
  }
}

void Attack::expect_useless(std::error_code why, std::uint64_t count) {
  for (const MemberIndex victim : victims_) {
    expect(victim, "frames_useless_total",
           {{"member", member_.name(member_.self())}, {"reason", node::reason_label(why)}}, count,
           Expectation::Kind::kGrowsAtLeast);
  }
}

void Attack::expect_link_end(MemberIndex at, network::Errc why, std::uint64_t count) {
  expect(at, "peer_links_ended_total",
         {{"member", member_.name(member_.self())},
          {"reason", node::reason_label(make_error_code(why))}},
         count);
}

void Attack::expect_refusal(MemberIndex at, network::Errc why, std::uint64_t count) {
  expect(at, "handshakes_refused_total", {{"reason", node::reason_label(make_error_code(why))}},
         count, Expectation::Kind::kGrowsAtLeast);
}

void Attack::expect_evidence(std::uint64_t count) {
  for (const MemberIndex victim : victims_) expect(victim, "evidence_total", {}, count);
}

}  // namespace sanad::hostile
