#include "consensus/chain.h"

#include <algorithm>
#include <utility>

namespace sanad::consensus {

bool Chain::add(const Hash& hash, const BlockHeader& header, std::uint64_t now_ms) {
  return blocks_.emplace(hash, Block{header, now_ms, false}).second;
}

bool Chain::set_recorded(const Hash& hash) {
  const auto found = blocks_.find(hash);
  assert(found != blocks_.end());
  return !std::exchange(found->second.recorded, true);
}

const Chain::Block* Chain::find(const Hash& hash) const {
  const auto found = blocks_.find(hash);
  return found == blocks_.end() ? nullptr : &found->second;
}

bool Chain::holds(const Hash& hash) const { return hash == final_block_ || blocks_.contains(hash); }

bool Chain::is_final(const Hash& hash) const {
  if (hash == final_block_) return true;
  const Block* block = find(hash);
  if (block == nullptr) return false;
  const auto found = finals_.find(block->header.height);
  return found != finals_.end() && found->second == hash;
}

Chain::Path Chain::path_to(const Hash& hash) const {
  Path path;
  Hash at = hash;
  while (at != final_block_) {
    const Block* block = find(at);
    if (block == nullptr) {
      path.missing = at;
      break;
    }
    if (block->header.height <= final_height_) {
      path.conflicts = true;
      break;
    }
    path.blocks.push_back(at);
    at = block->header.parent;
  }
  std::reverse(path.blocks.begin(), path.blocks.end());
  return path;
}

std::vector<Hash> Chain::finalise(const Hash& hash, View view) {
  Path path = path_to(hash);
  assert(path.complete());
  if (path.blocks.empty()) return {};
  for (const Hash& block : path.blocks) finals_[find(block)->header.height] = block;
  final_block_ = hash;
  final_height_ = find(hash)->header.height;
  std::erase_if(blocks_, [&](const auto& entry) {
    const BlockHeader& header = entry.second.header;
    const bool dead = header.origin_view <= view || header.height <= final_height_;
    return dead && !is_final(entry.first);
  });
  forget_old_finals();
  return std::move(path.blocks);
}

void Chain::adopt_final(const Hash& hash) {
  const Block* block = find(hash);
  assert(block != nullptr && block->header.height <= final_height_);
  finals_[block->header.height] = hash;
}

void Chain::set_committed(Height height) {
  committed_ = std::max(committed_, height);
  forget_old_finals();
}

void Chain::forget_old_finals() {
  // The final tip itself always stays: its children are checked against its height and time.
  const Height safe = std::min(committed_, final_height_);
  while (!finals_.empty() && finals_.begin()->first + kRecentBlocks < safe) {
    blocks_.erase(finals_.begin()->second);
    finals_.erase(finals_.begin());
  }
}

std::vector<BlockHeader> Chain::ancestry(const Hash& tip, Height above) const {
  std::vector<BlockHeader> headers;
  const Block* block = find(tip);
  while (block != nullptr && block->header.height > above) {
    headers.push_back(block->header);
    block = find(block->header.parent);
  }
  std::reverse(headers.begin(), headers.end());
  return headers;
}

std::vector<Hash> Chain::final_above(Height above) const {
  std::vector<Hash> hashes;
  for (auto at = finals_.upper_bound(above); at != finals_.end(); ++at)
    hashes.push_back(at->second);
  return hashes;
}

}  // namespace sanad::consensus
