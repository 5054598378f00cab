// Answers a member that is behind from final blocks, wherever they are kept.
#pragma once

#include <functional>

#include "consensus/core.h"

namespace sanad::consensus {

// The final block at a height.
using ReadFinal = std::function<Result<Finalized>(Height height)>;

// What a ServeBlocks asks for, from blocks up to `newest`: at most kBlocksPerReplyMax headers and
// one message, the last of them carrying its own finalization or being the block asked for.
//
// They start at request.above + 1 wherever they can. A run of blocks that became final by one
// finalization may be longer than an answer: then its upper end is given, with that finalization,
// and the rest on being asked for from there down. Nothing if no such block is there yet. Errors
// are those of `read`.
[[nodiscard]] Result<std::optional<Blocks>> blocks_from(const GetBlocks& request, Height newest,
                                                        const ReadFinal& read);

}  // namespace sanad::consensus
