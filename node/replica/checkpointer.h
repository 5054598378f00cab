// Cosigns every block end and gathers the others' cosignatures (F14).
//
//   committed() → (size, root) goes to the journal → sign_durable() → to every member
//   take()      → when a quorum agrees with this member: the note is complete
//
// Never a smaller size nor another root for a size: what was announced to the journal is the floor,
// also after a restart. Others' signatures are checked only when enough of them would complete a
// newer note, or when they contradict this member.
//
// Deterministic, no clock, no I/O. Not thread-safe.
#pragma once

#include <map>
#include <string>

#include "consensus/types.h"
#include "crypto/note.h"
#include "node/replica/errors.h"
#include "node/replica/wire.h"

namespace sanad::node {

// As kept in the journal: what this member is about to sign.
struct BlockEnd {
  std::uint64_t height = 0;
  std::uint64_t tree_size = 0;
  crypto::Hash root;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(tree_size), SANAD_FIELD(root));
  }
  friend auto operator<=>(const BlockEnd&, const BlockEnd&) = default;
};

struct CheckpointOptions {
  std::string origin;  // of the log, and the name of its 0x01 lines
  struct Cosigner {
    std::string name;
    crypto::PublicKey key;
  };
  std::vector<Cosigner> cosigners;  // by member
  consensus::MemberIndex self = 0;
  std::size_t quorum = 0;
};

// A complete checkpoint as served.
struct CheckpointNote {
  BlockEnd end;
  std::string note;  // a quorum of 0x04 lines, then this member's 0x01 line
};

class Checkpointer {
 public:
  // `announced`: the newest block end in the journal, if any. The keys outlive the checkpointer.
  Checkpointer(CheckpointOptions options, const crypto::SigningKey& cosigner,
               const crypto::SigningKey& log, std::optional<BlockEnd> announced);

  // A block end of this member's ledger, in order of heights; the journal gets it before
  // sign_durable() is called. False for one at or below the newest announced (nothing to journal).
  // kDiverged if it contradicts what this member announced before.
  crypto::Result<bool> committed(const BlockEnd& end);
  // Signs what committed() took since the last call. REQUIRES: all of it is durable.
  std::vector<CheckpointVote> sign_durable(std::uint64_t wall_ms);
  // This member's newest cosignature.
  [[nodiscard]] std::optional<CheckpointVote> newest_own() const { return newest_own_; }

  // Another member's cosignature. False: useless (old, too far ahead, held).
  bool take(consensus::MemberIndex from, const CheckpointVote& vote);
  // The newest note that became complete since the last call; kDiverged, with both roots, once a
  // quorum has signed another (size, root) than this member for a height.
  crypto::Result<std::optional<CheckpointNote>> complete();
  // Cosignatures that did not verify, for the counters.
  [[nodiscard]] std::uint64_t invalid_votes() const { return invalid_votes_; }
  // Members whose valid cosignature contradicts this member's, so far.
  [[nodiscard]] std::size_t contradictions() const { return contradictions_; }

 private:
  struct Received {
    CheckpointVote vote;
    bool verified = false;
  };
  struct Height {
    std::optional<BlockEnd> own;
    std::map<consensus::MemberIndex, Received> votes;
  };
  // Heights around the newest own one for which votes are kept.
  static constexpr std::uint64_t kHeightsKept = 256;

  [[nodiscard]] std::string text_of(const BlockEnd& end) const;
  bool verify(consensus::MemberIndex from, Received& received, const BlockEnd& end);
  std::size_t count_agreeing(Height& height);
  crypto::Status check_contradictions(Height& height);
  CheckpointNote compose(const Height& height) const;
  void forget_below(std::uint64_t height);

  CheckpointOptions options_;
  const crypto::SigningKey& cosigner_;
  const crypto::SigningKey& log_;
  std::optional<BlockEnd> announced_;
  std::vector<BlockEnd> unsigned_;
  std::optional<CheckpointVote> newest_own_;
  std::map<std::uint64_t, Height> heights_;
  std::uint64_t complete_height_ = 0;
  std::uint64_t invalid_votes_ = 0;
  std::size_t contradictions_ = 0;
};

}  // namespace sanad::node
