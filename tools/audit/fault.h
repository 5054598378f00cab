// The first thing in a ledger folder that is not as it must be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/ledger/segment_reader.h"

namespace sanad::tools {

struct Fault {
  std::string reason;
  std::optional<std::uint64_t> height = {};
  std::optional<std::uint64_t> record = {};  // index in the log
  std::optional<std::size_t> batch = {};     // of the block
  std::optional<std::size_t> body = {};      // of the block
  std::string place = {};                    // "<file> at offset <n>"; empty: the reason has it

  [[nodiscard]] std::string text() const {
    std::string text;
    if (height) text += "block " + std::to_string(*height) + ", ";
    if (record) text += "record " + std::to_string(*record) + ", ";
    if (batch) text += "batch " + std::to_string(*batch) + ", ";
    if (body) text += "body " + std::to_string(*body) + ", ";
    if (!place.empty()) text += place + ", ";
    if (text.empty()) return reason;
    text.resize(text.size() - 2);
    return text + ": " + reason;
  }
};
// Nothing: it holds.
using Checked = std::optional<Fault>;

// Says in which file, and where, the frame is that the fault is about: that of a record, batch or
// body, else the block's own.
inline void locate(Fault& fault, const node::SegmentReader& reader,
                   const node::SegmentBlock& block) {
  using node::Series;
  if (fault.record) {
    const std::size_t i = *fault.record - block.block.committed.first_record;
    fault.place = reader.place(Series::kRecords, block.records_at[i]);
  } else if (fault.batch) {
    fault.place = reader.place(Series::kBlocks, block.batches_at[*fault.batch]);
  } else if (fault.body) {
    fault.place = reader.place(Series::kBodies, block.bodies_at[*fault.body]);
  } else {
    fault.place = reader.place(Series::kBlocks, block.block_at);
  }
}

}  // namespace sanad::tools
