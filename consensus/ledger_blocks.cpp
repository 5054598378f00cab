#include "consensus/ledger_blocks.h"

namespace sanad::consensus {
namespace {

// Leaves room for a certificate and the message around the headers.
constexpr std::size_t kHeaderBytesMax = kMessageBytesMax - (64U << 10);

// The newest headers of those added, as many as fit an answer.
class Headers {
 public:
  // False: to take it, the oldest would have to go.
  [[nodiscard]] bool has_room(const BlockHeader& header) const {
    return headers_.size() < kBlocksPerReplyMax &&
           bytes_ + crypto::encode(header).size() <= kHeaderBytesMax;
  }
  void add(BlockHeader header) {
    while (!headers_.empty() && !has_room(header)) {
      bytes_ -= crypto::encode(headers_.front()).size();
      headers_.erase(headers_.begin());
    }
    bytes_ += crypto::encode(header).size();
    headers_.push_back(std::move(header));
  }
  [[nodiscard]] std::size_t size() const { return headers_.size(); }
  // The first `count` of them.
  [[nodiscard]] std::vector<BlockHeader> take(std::size_t count) {
    headers_.resize(count);
    return std::move(headers_);
  }

 private:
  std::vector<BlockHeader> headers_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::optional<Blocks>> blocks_from(const GetBlocks& request, Height newest,
                                          const ReadFinal& read) {
  Headers headers;
  std::size_t certified = 0;  // of `headers`, up to the last with a finalization of its own
  std::optional<Certificate> finalization;
  for (Height height = request.above; height < newest;) {
    SANAD_TRY(Finalized block, read(++height));
    if (certified > 0 && !headers.has_room(block.header)) break;
    headers.add(std::move(block.header));
    const bool from_start = headers.size() == height - request.above;
    if (block.finalization.subject.block == block.hash) {
      certified = headers.size();
      finalization = std::move(block.finalization);
      if (!from_start) break;  // the end of a long run
    }
    if (block.hash == request.tip) {
      return std::optional(Blocks{request.tip, headers.take(headers.size()), {}});
    }
  }
  if (certified == 0) return std::optional<Blocks>{};
  return std::optional(Blocks{request.tip, headers.take(certified), std::move(finalization)});
}

}  // namespace sanad::consensus
