// The bytes of a journal (journal.h), without a disk: frames are made here, and a segment's bytes
// are judged here. Pure; fuzzable.
#pragma once

#include <optional>
#include <string>

#include "crypto/codec.h"
#include "node/replica/journal.h"

namespace sanad::node::journal_format {

inline constexpr std::uint8_t kOpening = 0;
inline constexpr std::uint8_t kGroupEnd = 1;
inline constexpr std::size_t kFrameOverhead = 4 + 1 + 32;
inline constexpr std::size_t kGroupEndBytes = 32;

struct Opening {
  std::uint32_t version = 1;
  crypto::Hash owner;
  std::uint64_t number = 0;
  crypto::Hash previous_link;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(owner), SANAD_FIELD(number), SANAD_FIELD(previous_link));
  }
};

// The second copy, in its own file.
struct Generation {
  std::uint32_t version = 1;
  crypto::Hash owner;
  std::uint64_t first = 0;
  std::uint64_t newest = 0;
  std::optional<crypto::Hash> closed_link;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(owner), SANAD_FIELD(first), SANAD_FIELD(newest),
       SANAD_FIELD(closed_link));
  }
};

std::string segment_name(std::uint64_t number);
// Nothing for a name that is not a segment's.
std::optional<std::uint64_t> segment_number(std::string_view name);

// Appends a frame to `out`; returns the new link.
crypto::Hash append_frame(crypto::Bytes& out, const crypto::Hash& link, std::uint8_t kind,
                          crypto::ByteView bytes);
// The bytes of a group's end. `offset` is where its group begins in the file.
crypto::Bytes group_end(const crypto::Hash& owner, std::uint64_t group, std::uint64_t offset);

enum class Tail {
  kWhole,    // the bytes end with a group's end
  kTorn,     // what follows the last whole group is what a power cut leaves
  kDamaged,  // bytes that were durable are not what was written
};

struct Scanned {
  std::optional<Opening> opening;  // nothing: not even the first group is whole
  std::vector<JournalEntry> entries;
  crypto::Hash link;             // after the last whole group
  std::uint64_t good_bytes = 0;  // up to its end
  Tail tail = Tail::kWhole;
  std::uint64_t damage_at = 0;  // offset of the first frame that does not hold
};

// Reads a segment. A group is torn, not damaged, if its end is missing, or if a whole 512-byte
// sector of it reads as zeros (a sector that never reached the disk) and nothing was written after
// it.
Scanned scan(const crypto::Hash& owner, crypto::ByteView segment);

}  // namespace sanad::node::journal_format
