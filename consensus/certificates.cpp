#include "consensus/certificates.h"

#include <algorithm>

namespace sanad::consensus {
namespace {

std::optional<Certificate>& slot(Certificates::Held& held, VoteKind kind) {
  switch (kind) {
    case VoteKind::notarize:
      return held.notarization;
    case VoteKind::nullify:
      return held.nullification;
    case VoteKind::finalize:
      break;
  }
  return held.finalization;
}

const Certificate* pointer(const std::optional<Certificate>& held) {
  return held ? &*held : nullptr;
}

}  // namespace

bool Certificates::add(const Certificate& certificate) {
  const View view = certificate.subject.view;
  std::optional<Certificate>& place = slot(held_[view], certificate.subject.kind);
  if (place) return false;
  place = certificate;
  if (certificate.subject.kind == VoteKind::finalize) final_view_ = std::max(final_view_, view);
  return true;
}

const Certificate* Certificates::find(VoteKind kind, View view) const {
  const auto found = held_.find(view);
  if (found == held_.end()) return nullptr;
  return pointer(slot(const_cast<Held&>(found->second), kind));
}

std::optional<Hash> Certificates::certified_block(View view) const {
  if (view == 0) return genesis_;
  const auto found = held_.find(view);
  if (found == held_.end()) return std::nullopt;
  if (found->second.finalization) return found->second.finalization->subject.block;
  if (found->second.notarization) return found->second.notarization->subject.block;
  return std::nullopt;
}

const Certificate* Certificates::entry(View view) const {
  const auto found = held_.find(view);
  if (found == held_.end()) return nullptr;
  const Held& held = found->second;
  if (held.finalization) return &*held.finalization;
  if (held.notarization) return &*held.notarization;
  return pointer(held.nullification);
}

void Certificates::forget_below(View view) {
  held_.erase(held_.begin(), held_.lower_bound(std::min(view, final_view_)));
}

}  // namespace sanad::consensus
