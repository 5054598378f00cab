// Which batches are held, ordered, missing and wanted (B2, B3, B6, W1, W3). Knows references only.
// Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/limits.h"
#include "consensus/types.h"

namespace sanad::consensus {

class Dissemination {
 public:
  struct Held {
    BatchRef ref;
    std::uint64_t order = 0;  // of arrival
    View since_view = 0;
    bool referenced = false;     // by some proposal seen
    View referenced_in = 0;      // newest view of such a proposal that is not nullified; 0: none
    bool suspected = false;      // reported once (B6)
    std::uint64_t since_ms = 0;  // wall clock
  };
  // A batch to fetch.
  struct Wanted {
    BatchRef ref;
    std::vector<MemberIndex> candidates;
    std::uint64_t next_ask_ms = 0;
    View until_view = 0;                   // not wanted once this view is final, unless ...
    bool ordered = false;                  // ... a final block references it
    std::optional<MemberIndex> announcer;  // known from an Announce only
  };

  Dissemination(const Limits& limits, MemberIndex self) : limits_(limits), self_(self) {}

  // ---- what is here
  void hold(const BatchRef& ref, View view, std::uint64_t wall_ms);
  // Durable here and in no final block.
  [[nodiscard]] const Held* find(const Hash& digest) const;
  [[nodiscard]] bool is_ordered(const Hash& digest) const { return ordered_.contains(digest); }
  [[nodiscard]] std::size_t held() const { return held_.size(); }

  // ---- proposing (B3): oldest first, one batch of each author in turn, none of `excluded`, none
  // of an author that is paused. O(result × authors + excluded batches held).
  [[nodiscard]] std::vector<BatchRef> pick(const std::set<Hash>& excluded,
                                           std::uint64_t now_ms) const;
  // True if `refs` leaves no room for another batch of ordinary size.
  [[nodiscard]] bool is_full(const std::vector<BatchRef>& refs) const;
  // B3: a member lacks a batch; at `members_needed` of them its author is paused.
  void missing_at(MemberIndex member, const Hash& digest, std::size_t members_needed,
                  std::uint64_t now_ms);

  // ---- blocks seen
  // `view`: the proposal's, 0 if it is nullified already.
  void referenced(const std::vector<BatchRef>& refs, View view);
  // What only proposals of this view referenced is to be announced again: who lacks it will never
  // see them. O(held).
  void nullified(View view);
  // A final block orders `refs`: they are work no longer, and those not held are wanted for good.
  void ordered(const std::vector<BatchRef>& refs, const std::vector<MemberIndex>& holders);
  // W3: held batches that no proposal of a view that still counts referenced, oldest first, at most
  // kAnnouncedMax.
  [[nodiscard]] std::vector<BatchRef> unreferenced() const;
  // W3: what a resend announces: all that is held, what unreferenced() names first, at most
  // kAnnouncedMax. A proposal that nobody else saw, or a notarized block whose batches f + 1
  // members hold, gives the others no work.
  [[nodiscard]] std::vector<BatchRef> unfinalised() const;
  // B6: held batches that were here before view `since` and, by the wall clock, before `since_ms`;
  // each is reported once.
  std::vector<BatchRef> suspects(View since, std::uint64_t since_ms);

  // ---- fetching
  // REQUIRES: not held. Candidates are added to those known.
  void want(const BatchRef& ref, const std::vector<MemberIndex>& candidates, View until_view);
  // W3: a member announced it; at most 2·kAnnouncedMax such wishes for each member. What is wanted
  // already may be asked of it too.
  void want_announced(const BatchRef& ref, MemberIndex announcer, View until_view);
  [[nodiscard]] bool is_wanted(const Hash& digest) const { return wanted_.contains(digest); }
  [[nodiscard]] std::size_t wanted() const { return wanted_.size(); }
  // Forgets what only proposals of final views referenced.
  void forget_wanted(View final_view);
  // What is to be asked for now.
  std::vector<Wanted> due(std::uint64_t now_ms);
  // When due() has something again; Pacemaker::kNever if never.
  [[nodiscard]] std::uint64_t next_ask_ms() const;

 private:
  struct Missing {
    std::set<MemberIndex> members;
    std::uint64_t until_ms = 0;  // of the count, then of the pause
    bool paused = false;
  };
  using WantedAt = std::map<Hash, Wanted>::iterator;
  void erase_held(const Hash& digest);
  void add_candidate(WantedAt at, MemberIndex member);
  void forget_announcer(Wanted& wanted);
  WantedAt forget(WantedAt at);
  void remember_ordered(const Hash& digest);

  const Limits& limits_;
  MemberIndex self_;
  std::map<Hash, Held> held_;
  std::map<std::uint64_t, Hash> by_order_;
  std::map<MemberIndex, std::map<std::uint64_t, Hash>> by_author_;
  std::uint64_t next_order_ = 0;
  std::set<Hash> ordered_;
  std::deque<Hash> ordered_fifo_;
  std::map<Hash, Wanted> wanted_;
  std::set<std::pair<std::uint64_t, Hash>> asks_;  // next_ask_ms of all that have a candidate
  std::map<MemberIndex, std::size_t> announced_;   // of wanted_, by announcer
  std::map<MemberIndex, Missing> missing_;
};

}  // namespace sanad::consensus
