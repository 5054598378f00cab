// The bytes of a journal (journal.h), without a disk: groups of frames are made here, and a
// segment's bytes are judged here. Pure; fuzzable.
//
// A group fills whole sectors of 512 bytes, so that what is durable is never written again, and
// ends with a mark in the last 64 bytes of a sector, keyed with a secret of the segment: whoever
// gets bytes into an entry can make nothing that looks like an end.
#pragma once

#include <optional>
#include <string>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "node/replica/journal.h"

namespace sanad::node::journal_format {

inline constexpr std::uint32_t kVersion = 3;
inline constexpr std::uint8_t kOpening = 0;
inline constexpr std::uint8_t kGroupEnd = 1;
inline constexpr std::size_t kSector = 512;
inline constexpr std::size_t kFrameOverhead = 4 + 1 + crypto::Hash::kSize;
inline constexpr std::size_t kMarkBytes = 32;

struct Opening {
  std::uint32_t version = kVersion;
  crypto::Hash owner;
  std::uint64_t number = 0;
  crypto::Hash previous_link;
  crypto::HmacKey secret{};  // random; makes the marks
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD(owner), SANAD_FIELD(number), SANAD_FIELD(previous_link),
       SANAD_FIELD(secret));
  }
};

// The second copy, in its own file.
struct Generation {
  std::uint32_t version = kVersion;
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

// Makes the bytes of one segment, group by group.
class SegmentWriter {
 public:
  // The first group begins with the opening frame.
  explicit SegmentWriter(const Opening& opening);

  // REQUIRES: none of kOpening and kGroupEnd.
  void add(std::uint8_t kind, crypto::ByteView bytes) { frame(kind, bytes); }
  // Of the group so far, with frames; 0: no entries.
  [[nodiscard]] std::size_t pending_bytes() const { return group_.size(); }
  // The whole group, ended, to be appended to the file; the next one begins.
  [[nodiscard]] crypto::Bytes end_group();
  // Of all groups that were ended.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // After the last frame.
  [[nodiscard]] const crypto::Hash& link() const { return link_; }

 private:
  void frame(std::uint8_t kind, crypto::ByteView bytes);

  crypto::HmacKey secret_;
  crypto::Hash link_;
  crypto::Bytes group_;
  std::uint64_t group_number_ = 0;
  std::uint64_t size_ = 0;
};

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

// Reads a segment. A group is torn, not damaged, if nothing was written after it and its mark is
// not there, or it is and a whole sector of the group reads as zeros: one that never reached the
// disk. A mark that is almost right was right once: damage.
Scanned scan(crypto::ByteView segment);

}  // namespace sanad::node::journal_format
