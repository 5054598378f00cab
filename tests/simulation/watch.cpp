#include "simulation/watch.h"

#include <algorithm>

namespace sanad::simulation {
namespace {

const consensus::Limits kLimits;
// 2T: no run measures delays, so T never falls below its start.
const std::uint64_t kShortestWaitMs = 2 * kLimits.delay_start_ms;
// The worst of 850 seeds without a mutant needed 1,680, 16 and 16.
constexpr std::uint64_t kSentPerSecondMax = 3'000;
constexpr std::uint64_t kBlocksMax = 100;
constexpr std::uint64_t kViewsMax = 150;

}  // namespace

Watch::Watch(const Plan& plan) : plan_(plan), members_(plan.n) {}

void Watch::on_start(MemberIndex member, std::uint64_t now_ms) {
  members_[member] = {};
  members_[member].heard_ms.assign(plan_.n, now_ms);
  members_[member].leads.assign(plan_.n, true);
}

void Watch::on_heard(MemberIndex member, MemberIndex from, const consensus::Message& message,
                     std::uint64_t now_ms) {
  members_[member].heard_ms[from] = now_ms;
  if (const auto* status = std::get_if<consensus::MemberStatus>(&message)) {
    members_[member].leads[from] = status->leads;
  }
}

bool Watch::silent(const Watched& watched, MemberIndex of, std::uint64_t now_ms) const {
  return now_ms - watched.heard_ms[of] >= kLimits.skip_timeout_ms;
}

bool Watch::quorum_heard(MemberIndex member, MemberIndex leader, std::uint64_t now_ms) const {
  std::size_t heard = 1;  // itself
  for (MemberIndex other = 0; other < plan_.n; ++other) {
    const bool counts = other != member && other != leader;
    if (counts && !silent(members_[member], other, now_ms)) ++heard;
  }
  return heard >= plan_.quorum();
}

void Watch::on_step(MemberIndex member, const consensus::CoreStatus& status, std::uint64_t now_ms) {
  Watched& watched = members_[member];
  if (status.view != watched.view || status.has_work != watched.has_work) {
    watched.since_ms = now_ms;
    const bool silent_leader =
        silent(watched, status.leader, now_ms) && quorum_heard(member, status.leader, now_ms);
    watched.declined = status.leader != member && !watched.leads[status.leader];
    watched.skip_due =
        status.has_work && status.leader != member && (silent_leader || watched.declined);
  }
  watched.view = status.view;
  watched.has_work = status.has_work;
  blocks_max_ = std::max<std::uint64_t>(blocks_max_, status.unfinalised_blocks);
  // Not above its own: who was deaf for long hears of the newest view first.
  final_view_ = std::max(final_view_, status.final_view);
  const consensus::View open = status.view - std::min(status.view, final_view_);
  views_max_ = std::max(views_max_, open);
  if (open > kViewsMax) {
    violate("I17", who(member, status.view) + " is " + std::to_string(open) +
                       " views above the final one");
  }
  if (status.unfinalised_blocks > kBlocksMax) {
    violate("I16", who(member, status.view) + " keeps " +
                       std::to_string(status.unfinalised_blocks) + " blocks that are not final");
  }
}

void Watch::on_nullify(MemberIndex member, consensus::View view, MemberIndex leader,
                       std::uint64_t now_ms) {
  if (!gave_up_.insert({member, view}).second || scripted_) return;
  const Watched& watched = members_[member];
  const std::uint64_t waited_ms = now_ms - watched.since_ms;
  const std::string after =
      who(member, view) + " is given up after " + std::to_string(waited_ms) + " ms";
  if (watched.skip_due && waited_ms > 1 && !shown_.contains({member, view})) {
    violate("L2", after + ", its leader being silent or unable");
  }
  if (watched.declined) return;
  if (!plan_.honest(leader) || waited_ms >= kShortestWaitMs) return;
  if (gave_up_.contains({leader, view}) && leader != member) return;
  if (leader == member || !silent(watched, leader, now_ms)) violate("I18", after);
  if (!quorum_heard(member, leader, now_ms)) violate("I19", after + ", too few being heard");
}

void Watch::on_invalid(MemberIndex member, consensus::View view) const {
  if (members_[member].view == view && !gave_up_.contains({member, view})) {
    violate("N4", who(member, view) + " is not given up, its proposal being invalid");
  }
}

void Watch::on_sent(MemberIndex member, std::uint64_t now_ms) {
  Watched& watched = members_[member];
  if (watched.second != now_ms / 1000) watched.sent = 0;
  watched.second = now_ms / 1000;
  sent_max_ = std::max(sent_max_, ++watched.sent);
  if (watched.sent > kSentPerSecondMax) {
    violate("I16", who(member, watched.view) + " sends " + std::to_string(watched.sent) +
                       " messages in a second");
  }
}

}  // namespace sanad::simulation
