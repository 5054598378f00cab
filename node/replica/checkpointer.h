// Cosigns every block end and gathers the others' cosignatures (F14).
//
//   committed() → (size, root) goes to the journal → sign_durable() → to every member
//   take()      → when a quorum agrees with this member: the checkpoint is complete
//
// Every complete one counts for the core; a note is made of those alone under which this member can
// prove everything: where the ledger keeps a view as of the block (node/ledger/ledger.h).
//
// Never a smaller size nor another root for a size: what was announced to the journal is the floor,
// also after a restart. Others' signatures were checked before they come here (open_frame.h): the
// driver's thread checks none, and a height counts again only when something was added to it.
//
// Deterministic, no clock, no I/O. Not thread-safe.
#pragma once

#include <map>
#include <set>
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

// kBadSignature, or kUnknownMember, unless this is `from`'s cosignature of what it says.
crypto::Status check_cosignature(const CheckpointOptions& options, consensus::MemberIndex from,
                                 const CheckpointVote& vote);

// A complete checkpoint as served.
struct CheckpointNote {
  BlockEnd end;
  std::string note;  // a quorum of 0x04 lines, then this member's 0x01 line
};

// Another member's cosignature of a block that is not the same block here.
struct Disagreement {
  consensus::MemberIndex member = 0;
  BlockEnd theirs;
  BlockEnd ours;
};
// "block 7, size 30, root …"
std::string describe(const BlockEnd& end);

class Checkpointer {
 public:
  // `announced`: the newest block end in the journal, if any. The keys outlive the checkpointer.
  Checkpointer(CheckpointOptions options, const crypto::SigningKey& cosigner,
               const crypto::SigningKey& log, std::optional<BlockEnd> announced);

  // A block end of this member's ledger, in order of heights; the journal gets it before
  // sign_durable() is called. False for one at or below the newest announced (nothing to journal).
  // kDiverged if it contradicts what this member announced before.
  // `has_view`: it is the last block of its commit.
  crypto::Result<bool> committed(const BlockEnd& end, bool has_view);
  // Signs what committed() took since the last call. REQUIRES: all of it is durable.
  std::vector<CheckpointVote> sign_durable(std::uint64_t wall_ms);
  // This member's newest cosignature.
  [[nodiscard]] std::optional<CheckpointVote> newest_own() const { return newest_own_; }

  // Another member's cosignature. False: useless (old, too far ahead, held). REQUIRES:
  // check_cosignature() had nothing against it.
  bool take(consensus::MemberIndex from, const CheckpointVote& vote);
  struct Completed {
    std::optional<BlockEnd> newest;
    std::optional<CheckpointNote> note;  // of the newest one with a view
  };
  // What became complete since the last call; kDiverged, with both roots, once a quorum has signed
  // another (size, root) than this member for a height.
  crypto::Result<Completed> complete();
  // Those found since the last call: one of each member and height at most.
  [[nodiscard]] std::vector<Disagreement> disagreements() {
    return std::exchange(disagreements_, {});
  }

 private:
  struct Height {
    std::optional<BlockEnd> own;
    bool has_view = false;
    std::map<consensus::MemberIndex, CheckpointVote> votes;  // the first of each
  };
  // Heights around the newest own one for which votes are kept.
  static constexpr std::uint64_t kHeightsKept = 256;

  void compare(consensus::MemberIndex member, const Height& height);
  [[nodiscard]] bool is_complete(const Height& height) const;
  [[nodiscard]] crypto::Status check_contradictions(const Height& height) const;
  [[nodiscard]] CheckpointNote compose(const Height& height) const;
  void forget_below(std::uint64_t height);

  CheckpointOptions options_;
  const crypto::SigningKey& cosigner_;
  const crypto::SigningKey& log_;
  std::optional<BlockEnd> announced_;
  std::vector<BlockEnd> unsigned_;
  std::optional<CheckpointVote> newest_own_;
  std::map<std::uint64_t, Height> heights_;
  std::set<std::uint64_t> changed_;  // heights, since the last complete()
  std::vector<Disagreement> disagreements_;
  std::uint64_t complete_height_ = 0;
};

}  // namespace sanad::node
