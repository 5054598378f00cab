// Requests of this member that wait for an answer, and the budget for answering others.
//
// A need stays until it is met or useless, asks one member at a time, and asks the next one when an
// answer is late: a reply never causes an unpaced request. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "consensus/committee.h"
#include "consensus/limits.h"
#include "consensus/messages.h"

namespace sanad::consensus {

class CatchUp {
 public:
  struct Ask {
    MemberIndex to = 0;
    Message message;
  };

  CatchUp(const Committee& committee, MemberIndex self, const Limits& limits);

  // `candidates` are asked first, then everybody in turn. Repeating a need changes nothing.
  void need_certificate(View view, const std::vector<MemberIndex>& candidates);
  void need_blocks(const Hash& tip, const std::vector<MemberIndex>& candidates);
  void have_certificate(View view) { certificates_.erase(view); }
  // Forgets needs for blocks that are not among `tips`.
  void retain_blocks(const std::set<Hash>& tips);
  // The answer came; what is still missing below it is asked of another member first.
  void have_blocks(const Hash& tip);
  // Certificates of views up to `view` are of no use any more.
  void forget_through(View view);
  // While the executor is far behind, no more blocks are asked for.
  void pause_blocks(bool paused) { blocks_paused_ = paused; }
  [[nodiscard]] bool asked_blocks(const Hash& tip, MemberIndex member) const;
  [[nodiscard]] std::set<Hash> asked_blocks() const;
  // The tips asked for last, answered or given up: an honest member may answer them yet.
  [[nodiscard]] const std::vector<Hash>& asked_lately() const { return asked_lately_; }

  // Members without a link are not asked; what was asked of one is asked of another at once.
  void link(MemberIndex member, bool up);

  // What to send now: each need that waits for nobody, or waited `timeout_ms` (up to 8 times that,
  // but no more than request_timeout_max_ms for it, once all were asked in vain). At most
  // requests_per_peer_max are outstanding with one member, and one less for certificates: of those
  // many may be lacking that nobody gives out.
  std::vector<Ask> due(std::uint64_t now_ms, std::uint64_t timeout_ms, Height above);
  // When due() may have something again; kNever without needs.
  [[nodiscard]] std::uint64_t next_ms() const;
  [[nodiscard]] std::size_t outstanding() const { return certificates_.size() + blocks_.size(); }

  // Takes one answer to `member` from the budget; false if it is used up.
  [[nodiscard]] bool may_serve(MemberIndex member);
  void refill();

 private:
  static constexpr std::size_t kNeedsMax = 64;
  static constexpr std::size_t kAskedLatelyMax = 4 * kNeedsMax;
  static constexpr std::uint64_t kRoundsMax = 7;  // that make a request wait longer
  struct Need {
    std::vector<MemberIndex> candidates;
    std::size_t attempts = 0;
    std::uint64_t expires_ms = 0;  // of the request that is out
    std::optional<MemberIndex> asked;
  };
  [[nodiscard]] std::optional<MemberIndex> next_member(Need& need, std::size_t load_max) const;
  [[nodiscard]] std::size_t load(MemberIndex member) const;
  [[nodiscard]] std::optional<MemberIndex> ask(Need& need, std::size_t load_max,
                                               std::uint64_t now_ms, std::uint64_t timeout_ms);
  void remember(const Hash& tip);

  const Committee& committee_;
  MemberIndex self_;
  const Limits& limits_;
  std::map<View, Need> certificates_;
  std::map<Hash, Need> blocks_;
  std::size_t answers_ = 0;
  std::vector<Hash> asked_lately_;  // the newest last
  bool blocks_paused_ = false;
  std::vector<std::size_t> served_;
  std::vector<bool> linked_;
};

}  // namespace sanad::consensus
