#include "consensus/quarantine.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

// Above the highest view reported: its members may be on their way to the next.
constexpr View kViewsAbove = 2;
// Of final blocks: under load the newest are always on their way.
constexpr Height kCaughtUpLag = 8;

}  // namespace

// Without the operator's word it watches for good.
bool Quarantine::is_leaving() const { return state_.own.silent() && state_.leaves_quarantine; }

void Quarantine::receive(const GetView& request, MemberIndex from) {
  const Certificate* entry = state_.certificates.entry(state_.view() - 1);
  if ((entry == nullptr && state_.view() > 1) || !state_.catch_up.may_serve(from)) return;
  // Also while it is silent up to some view: it may stand below what it voted before.
  const bool may_have_forgotten = state_.view() <= state_.own.silent_through();
  ViewReport report{request.nonce, may_have_forgotten, {}, {}};
  if (entry != nullptr) report.entry = *entry;
  const Certificate* highest = state_.certificates.find(VoteKind::finalize, state_.final_view());
  if (highest != nullptr) report.finalization = *highest;
  state_.out.push_back(Send{from, std::move(report)});
}

void Quarantine::receive(const ViewReport& report, MemberIndex from) {
  if (!is_leaving() || report.nonce != nonce_) return;
  if (report.entry) views_.record(*report.entry);
  if (report.finalization) views_.record(*report.finalization);
  // Who is in quarantine itself may stand below what it voted.
  if (report.in_quarantine) return;
  const View view = report.entry ? report.entry->subject.view + 1 : 1;
  View& known = reports_[from];
  known = std::max(known, view);
}

bool Quarantine::has_caught_up() const {
  const View final_view = state_.final_view();
  const Chain& chain = state_.chain;
  return chain.committed() + kCaughtUpLag >= chain.final_height() &&
         (final_view == 0 ||
          state_.certificates.certified_block(final_view) == chain.final_block());
}

void Quarantine::leave() {
  View highest = state_.view();
  for (const auto& [member, view] : reports_) highest = std::max(highest, view);
  const View through = broken(Mutant::kNoViewAboveReports) ? 0 : highest + kViewsAbove;
  state_.own.silence_through(through);
  state_.out.push_back(Persist{Silence{through}});
}

void Quarantine::advance() {
  if (!is_leaving()) return;
  const std::size_t needed = broken(Mutant::kOneReportSuffices) ? 1 : 2 * state_.committee.f() + 1;
  if (reports_.size() >= needed && has_caught_up()) return leave();
  if (state_.now_ms >= ask_at_ms_) {
    ask_at_ms_ = state_.now_ms + state_.limits.status_interval_ms;
    state_.out.push_back(Broadcast{GetView{nonce_}});
  }
  state_.wake_at(ask_at_ms_);
}

}  // namespace sanad::consensus
