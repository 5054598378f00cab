// The block headers that a member holds: the unfinalised tree above the final tip, and the newest
// final blocks below it. Bounded: what can no longer become final is dropped at each finalization,
// final blocks once they are committed and kRecentBlocks deep. Not thread-safe.
#pragma once

#include <map>
#include <vector>

#include "consensus/types.h"

namespace sanad::consensus {

class Chain {
 public:
  // Committed final blocks kept to answer members that are slightly behind.
  static constexpr Height kRecentBlocks = kBlocksPerReplyMax;

  struct Block {
    BlockHeader header;
    std::uint64_t received_ms = 0;  // monotonic
    bool recorded = false;          // in the journal
  };
  // The blocks between the final tip and another block.
  struct Path {
    std::vector<Hash> blocks;     // ascending; the tip excluded, the other included
    std::optional<Hash> missing;  // the highest ancestor that is not held: `blocks` starts above it
    bool conflicts = false;       // it does not descend from the final tip
    [[nodiscard]] bool complete() const { return !missing && !conflicts; }
  };

  explicit Chain(const Hash& genesis) : final_block_(genesis) {}
  // Restarts from a recovered final block.
  void restart_at(Height height, const Hash& block) {
    final_height_ = height;
    final_block_ = block;
  }

  // Notes that the journal has it; false if it had it already. REQUIRES: held.
  bool set_recorded(const Hash& hash);
  // False if it was held already.
  bool add(const Hash& hash, const BlockHeader& header, std::uint64_t now_ms);
  [[nodiscard]] const Block* find(const Hash& hash) const;
  // True for the genesis block too.
  [[nodiscard]] bool holds(const Hash& hash) const;
  [[nodiscard]] Height final_height() const { return final_height_; }
  [[nodiscard]] const Hash& final_block() const { return final_block_; }
  [[nodiscard]] bool is_final(const Hash& hash) const;
  // O(length of the path).
  [[nodiscard]] Path path_to(const Hash& hash) const;
  // Makes a block and its ancestors final and returns them, ascending. Blocks of views up to
  // `view`, the finalization's, that are not among them are dropped. REQUIRES: a complete path.
  std::vector<Hash> finalise(const Hash& hash, View view);
  // Final blocks up to this height need not be kept.
  void set_committed(Height height);
  [[nodiscard]] Height committed() const { return committed_; }

  // `tip` and its ancestors above `above`, ascending, as far down as they are held.
  [[nodiscard]] std::vector<BlockHeader> ancestry(const Hash& tip, Height above) const;
  [[nodiscard]] const std::map<Hash, Block>& all() const { return blocks_; }
  // The held final blocks above `above`, ascending.
  [[nodiscard]] std::vector<Hash> final_above(Height above) const;
  [[nodiscard]] std::size_t unfinalised() const { return blocks_.size() - finals_.size(); }
  // Marks a recovered block as final. REQUIRES: held, height <= final_height().
  void adopt_final(const Hash& hash);

 private:
  void forget_old_finals();

  std::map<Hash, Block> blocks_;
  std::map<Height, Hash> finals_;
  Height final_height_ = 0;
  Hash final_block_;
  Height committed_ = 0;
};

}  // namespace sanad::consensus
