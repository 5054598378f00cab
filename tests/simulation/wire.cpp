// What a world does between its members.
#include <algorithm>

#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

// How long a link leads to the same one of a twin's two places.
constexpr Micros kTwinSpell = 1'500 * kMillisecond;

std::string name_of(const Message& message) {
  static constexpr auto kNames =
      std::to_array<const char*>({"vote", "certificate", "proposal", "status", "get certificate",
                                  "get blocks", "blocks", "announce", "get view", "view report"});
  static_assert(kNames.size() == std::variant_size_v<Message>);
  std::string text = kNames[message.index()];
  const auto subject = [&text](const Subject& s) {
    text += " " + std::string(enum_names(s.kind)[static_cast<std::size_t>(s.kind)]) + "(" +
            std::to_string(s.view) + ")";
  };
  if (const auto* vote = std::get_if<Vote>(&message)) subject(vote->subject);
  if (const auto* certificate = std::get_if<Certificate>(&message)) subject(certificate->subject);
  if (const auto* proposal = std::get_if<Proposal>(&message)) subject(proposal->vote.subject);
  return text;
}

}  // namespace

MemberIndex World::place(MemberIndex member, MemberIndex peer) const {
  const auto twin = std::find(twins_.begin(), twins_.end(), member);
  if (twin == twins_.end()) return member;
  Random coin(plan_.seed ^ (now_ / kTwinSpell << 16) ^ (std::uint64_t{identity(peer)} << 8) ^
              member);
  const bool first = coin.chance(500);
  const auto place = static_cast<std::size_t>(twin - twins_.begin());
  return first ? member : static_cast<MemberIndex>(plan_.n + place);
}

bool World::connected(MemberIndex from, MemberIndex to) const {
  return std::none_of(partition_.begin(), partition_.end(), [&](std::size_t i) {
    const Partition& partition = plan_.partitions[i];
    if (partition.bridge == identity(from) || partition.bridge == identity(to)) return false;
    const bool from_side = partition.side[identity(from)];
    if (from_side == partition.side[identity(to)]) return false;
    return !partition.asymmetric || !from_side;
  });
}

void World::transmit(MemberIndex from, MemberIndex to, std::function<void()> deliver) {
  const bool chaos = now_ < plan_.chaos_until;
  ++tally_.messages;
  const bool deaf = deaf_ == from && now_ < deaf_until_;
  if (deaf || !connected(from, to)) {
    ++tally_.cut_off;
    return;
  }
  if (chaos && random_.chance(plan_.network.loss_per_mille)) {
    ++tally_.lost;
    return;
  }
  const int copies = chaos && random_.chance(plan_.network.duplicate_per_mille) ? 2 : 1;
  tally_.duplicated += copies == 2 ? 1 : 0;
  for (int i = 0; i < copies; ++i) {
    after(random_.between(plan_.network.delay_min, plan_.network.delay_max), [this, to, deliver] {
      if (running(to)) deliver();
    });
  }
}

void World::ship(MemberIndex from, MemberIndex to, const Parcel& parcel,
                 std::function<void()> deliver) {
  if (hooks_.takes && hooks_.takes(from, to, parcel, deliver)) return;
  transmit(from, to, std::move(deliver));
}

void World::send(MemberIndex from, MemberIndex to, const Message& message) {
  if (honest(from)) return post(from, to, message);
  const std::optional<Message> twisted = twist(from, to, message);
  if (twisted) post(from, to, *twisted);
}

void World::post(MemberIndex from, MemberIndex to, const Message& message) {
  post(from, to, message, std::make_shared<const Bytes>(crypto::encode(message)));
}

void World::post(MemberIndex from, MemberIndex to, const Message& message,
                 const std::shared_ptr<const Bytes>& bytes) {
  if (to == identity(from) || place(identity(from), to) != from) return;
  to = place(to, from);
  if (trace_) say(std::to_string(from) + " → " + std::to_string(to) + " " + name_of(message));
  if (honest(from)) watch_.on_sent(from, now_ / kMillisecond);
  ship(from, to, {&message, nullptr, nullptr},
       [this, from, to, bytes] { receive(from, to, *bytes); });
}

void World::receive(MemberIndex from, MemberIndex to, const Bytes& bytes) {
  const Verifier verifier(*committee_, chain_id_, cache_);
  auto verified = verifier.verify(bytes, identity(from), members_[to].core->window());
  if (!verified) {
    ++tally_.refused;
    if (hooks_.refuses) hooks_.refuses(to, verified.error());
    if (trace_) say(std::to_string(to) + " refuses: " + verified.error().message());
    return;
  }
  if (!honest(to)) {
    remember(to, **verified);
    return step(to, PeerMessage{identity(from), std::move(*verified)});
  }
  const std::function<void()> owed = owed_for(to, identity(from), **verified);
  watch_.on_heard(to, identity(from), **verified, now_ / kMillisecond);
  step(to, PeerMessage{identity(from), std::move(*verified)});
  if (owed && running(to)) owed();
}

std::function<void()> World::owed_for(MemberIndex to, MemberIndex from, const Message& message) {
  const View view = members_[to].core->status().view;
  const bool mute = members_[to].mute;
  if (const auto* vote = std::get_if<Vote>(&message)) {
    Duties::on_vote_taken(to, from, *vote);
    const bool gives_up = vote->subject.kind == VoteKind::nullify && vote->subject.view == view &&
                          from == committee_->leader(view);
    if (mute || !gives_up) return {};
    return [this, to, view] {
      if (members_[to].core->status().view == view) duties_.on_given_up(to, view);
    };
  }
  const auto* proposal = std::get_if<Proposal>(&message);
  if (proposal == nullptr) return {};
  const Subject& subject = proposal->vote.subject;
  watch_.on_proposal(to, subject.view);
  if (subject.view != view || mute) return {};
  const bool faulty =
      header_fault(proposal->header, view, subject.parent_view, *committee_, chain_id_).has_value();
  if (faulty) return [this, to, view] { watch_.on_invalid(to, view); };
  if (!honest(from) || duties_.voted(to, view)) return {};
  return [this, to, view, refs = proposal->header.batches] {
    if (members_[to].core->status().view != view || duties_.voted(to, view)) return;
    for (const BatchRef& ref : refs) {
      if (members_[to].batches.contains(ref.digest)) continue;
      duties_.on_batch_lacking(to, ref, now_ / kMillisecond);
    }
  };
}

void World::broadcast(MemberIndex from, const Message& message) {
  const auto bytes = std::make_shared<const Bytes>(crypto::encode(message));
  for (MemberIndex to = 0; to < plan_.n && honest(from); ++to) post(from, to, message, bytes);
  if (honest(from)) return;
  for (MemberIndex to = 0; to < plan_.n; ++to) {
    if (to != identity(from)) send(from, to, message);
  }
}

void World::ship_batch(MemberIndex from, MemberIndex to, const BatchRef& ref) {
  if (to == identity(from) || place(identity(from), to) != from) return;
  to = place(to, from);
  ship(from, to, {nullptr, &ref, nullptr}, [this, to, ref] { give_batch(to, ref); });
}

// A batch is written and synced before the core hears of it.
void World::give_batch(MemberIndex to, const BatchRef& ref) {
  if (members_[to].batches.contains(ref.digest)) return;
  after_in(to, random_.between(plan_.disk_sync_min, plan_.disk_sync_max), [this, to, ref] {
    if (!members_[to].batches.emplace(ref.digest, ref).second) return;
    step(to, BatchHeld{ref});
  });
}

}  // namespace sanad::simulation
