// F4: finalizations become final blocks, each emitted once, parent first; what they make useless is
// forgotten. Also fetches the certified blocks that are not held.
#pragma once

#include <deque>

#include "consensus/state.h"

namespace sanad::consensus {

class Finality {
 public:
  explicit Finality(State& state) : state_(state) {}

  // A certificate that names a block was recorded: its block is journalled, or fetched from
  // signers.
  void certified(const Certificate& certificate);
  // Emits what the highest finalization makes final, as far as the blocks are held.
  void advance();
  // After a restart: looks for the certified blocks that the journal does not hold.
  void resume();
  // Adds fetched blocks. REQUIRES: verified, and asked of `from`.
  void receive(const Blocks& blocks, MemberIndex from);
  // Puts a held block into the journal, once.
  void journal_block(const Hash& block);
  // Emits again what is final but not committed (after a restart).
  void emit_above(Height committed);
  // Asks for the highest missing ancestor of each certified block.
  void request_missing();

 private:
  struct Target {
    View view = 0;
    std::vector<MemberIndex> holders;
  };
  // Makes final what `finalization` names. REQUIRES: a complete path to it.
  void make_final(const Certificate& finalization);
  void emit(const Hash& block, const Certificate& finalization);
  void forget();
  void suspect_censorship(const BlockHeader& header);
  [[nodiscard]] bool is_progress(const Blocks& blocks) const;

  State& state_;
  std::map<Hash, Target> incomplete_;
  // The upper end of a run of blocks that no answer holds at once: its ancestors come before
  // everything else, from it down.
  struct Part {
    Certificate finalization;
    Height height = 0;
  };
  std::optional<Part> part_;
  struct Recent {
    View view = 0;
    MemberIndex proposer = 0;
    std::uint64_t time_ms = 0;
  };
  std::deque<Recent> recent_;  // final blocks with batches of the last 2n views (B6)
};

}  // namespace sanad::consensus
