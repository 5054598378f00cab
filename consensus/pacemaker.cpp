#include "consensus/pacemaker.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {

Pacemaker::Pacemaker(const Committee& committee, const Limits& limits)
    : committee_(committee),
      limits_(limits),
      delay_ms_(limits.delay_start_ms),
      heard_ms_(committee.n(), 0),
      leads_(committee.n(), true) {}

void Pacemaker::start(MemberIndex self, std::uint64_t now_ms) {
  self_ = self;
  std::fill(heard_ms_.begin(), heard_ms_.end(), now_ms);
  entered_ms_ = finalised_ms_ = resent_ms_ = now_ms;
}

void Pacemaker::heard(MemberIndex member, std::uint64_t now_ms) { heard_ms_[member] = now_ms; }

void Pacemaker::enter(View view, std::uint64_t now_ms) {
  view_ = view;
  entered_ms_ = now_ms;
  expired_ = skipped_ = proposed_ = false;
  timers_from_ms_ = kNever;
  if (has_work()) {
    timers_from_ms_ = now_ms;
    skipped_ = leader_is_away(now_ms);
  }
}

void Pacemaker::set_work(bool has_work_now, std::uint64_t now_ms) {
  if (has_work_now == has_work()) return;
  work_since_ms_ = has_work_now ? now_ms : kNever;
  timers_from_ms_ = work_since_ms_;
  skipped_ = has_work_now && leader_is_away(now_ms);
}

// L3: it said so itself. L2: fail-open, a local hint; needs a quorum (with this member) that was
// heard lately.
bool Pacemaker::leader_is_away(std::uint64_t now_ms) const {
  const MemberIndex leader = committee_.leader(view_);
  if (leader == self_) return false;
  if (!leads_[leader] && !broken(Mutant::kDecliningLeaderAwaited)) return true;
  if (broken(Mutant::kSilentLeaderAwaited)) return false;
  const auto silent = [&](MemberIndex member) {
    return now_ms - heard_ms_[member] >= limits_.skip_timeout_ms;
  };
  if (!silent(leader)) return false;
  std::size_t others = 0;
  for (MemberIndex member = 0; member < committee_.n(); ++member) {
    if (member != self_ && member != leader && !silent(member)) ++others;
  }
  return others + 1 >= committee_.quorum() || broken(Mutant::kSkipsUnheard);
}

void Pacemaker::failed(View view) { failed_.insert(view); }

void Pacemaker::finalised(std::uint64_t now_ms) {
  failed_.clear();
  finalised_ms_ = now_ms;
}

void Pacemaker::measured(std::uint64_t one_way_p99_ms) {
  const std::uint64_t bounded = std::min(one_way_p99_ms, limits_.delay_max_ms);
  delay_ms_ = std::clamp(2 * bounded, limits_.delay_min_ms, limits_.delay_max_ms);
}

std::uint64_t Pacemaker::timeout_ms() const {
  std::uint64_t timeout = delay_ms_;
  const std::size_t k = broken(Mutant::kNoGrowth) ? 0 : failed_.size();
  for (std::size_t i = committee_.f(); i < k && timeout < limits_.timeout_max_ms; ++i) {
    timeout += (timeout + 1) / 2;
  }
  return std::min(timeout, limits_.timeout_max_ms);
}

std::uint64_t Pacemaker::nullify_at_ms() const {
  if (expired_) return 0;
  if (timers_from_ms_ == kNever || broken(Mutant::kNoTimeout)) return kNever;
  if (broken(Mutant::kTimeoutAtOnce)) return timers_from_ms_;
  if (proposed_) return timers_from_ms_ + 3 * timeout_ms();
  return skipped_ ? 0 : timers_from_ms_ + 2 * timeout_ms();
}

std::uint64_t Pacemaker::empty_proposal_at_ms() const {
  return timers_from_ms_ == kNever ? kNever : timers_from_ms_ + timeout_ms();
}

std::uint64_t Pacemaker::resend_at_ms(bool nullified) const {
  if (broken(Mutant::kNothingRepeated)) return kNever;
  const std::uint64_t timeout = timeout_ms();
  if (nullified) {
    const std::uint64_t interval = std::max(2 * timeout, limits_.resend_interval_min_ms);
    return std::max(entered_ms_, resent_ms_) + interval;
  }
  if (!has_work()) return kNever;
  const std::uint64_t standstill = std::max(10 * timeout, limits_.standstill_min_ms);
  return std::max({finalised_ms_, resent_ms_, work_since_ms_}) + standstill;
}

}  // namespace sanad::consensus
