// One core of a committee of n, whose other members are played by the test: it can sign for all.
//
// The core under test is member `self`. Own votes are signed and given back after each step unless
// `return_votes` is off. Everything the core wants to persist is kept in `journal`.
#pragma once

#include <string>

#include "committee_keys.h"
#include "consensus/core.h"

namespace sanad::consensus {

class Solo {
 public:
  explicit Solo(std::size_t n = 4, MemberIndex self = 0, Limits limits = {});

  void start(Height committed = 0) { input(Started{committed, nonce}); }
  // Restarts from the journal (only its first `records`, if given), with empty action lists.
  void restart(std::optional<std::size_t> records = {}, Height committed = 0);
  void input(Event event);
  void advance(std::uint64_t ms);  // moves both clocks and fires the timer
  // Encodes, verifies and delivers; the error if the door refused.
  Status deliver(const Message& message, MemberIndex from);
  void hold(const BatchRef& ref) { input(BatchHeld{ref}); }

  // A view led by a member that is (not) the core under test, at least `from`.
  [[nodiscard]] View view_led_by(MemberIndex leader, View from = 1) const;
  [[nodiscard]] MemberIndex leader(View view) const { return committee.leader(view); }
  // A block of `view` on a parent, valid for every voter.
  [[nodiscard]] BlockHeader block(View view, const Hash& parent, Height height,
                                  std::vector<BatchRef> refs = {}) const;
  [[nodiscard]] Proposal proposal(const BlockHeader& header, View parent_view) const;
  // Brings the core to `view` by nullifications of all views below.
  void nullify_below(View view);
  // Nullifications of all views from `first` up to and including `last`.
  void nullify(View first, View last);

  // What the core did since the last clear().
  [[nodiscard]] bool has_cast(VoteKind kind, View view) const;
  [[nodiscard]] std::size_t casts(VoteKind kind) const;
  [[nodiscard]] const CastVote* cast(VoteKind kind, View view) const;
  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const Action& action : actions) {
      if (const auto* each = std::get_if<T>(&action)) found.push_back(*each);
    }
    return found;
  }
  // Messages of one type that were sent or broadcast.
  template <class T>
  [[nodiscard]] std::vector<T> sent() const {
    std::vector<T> found;
    for (const Action& action : actions) {
      const Message* message = nullptr;
      if (const auto* broadcast = std::get_if<Broadcast>(&action)) message = &broadcast->message;
      if (const auto* send = std::get_if<Send>(&action)) message = &send->message;
      if (message == nullptr) continue;
      if (const auto* each = std::get_if<T>(message)) found.push_back(*each);
    }
    return found;
  }
  void clear() { actions.clear(); }

  CommitteeKeys keys;
  Committee committee;
  MemberIndex self;
  Limits limits;
  std::unique_ptr<Core> core;
  SignatureCache cache;
  std::vector<JournalRecord> journal;
  std::vector<Action> actions;
  std::uint64_t now_ms = 10'000;
  std::uint64_t wall_ms = 1'800'000'000'000;
  bool return_votes = true;
  bool leaves_quarantine = false;
  Hash nonce;

 private:
  void make_core();
};

}  // namespace sanad::consensus
