// The bounds that folders share without seeing each other (docs/formats.md, Limits): whoever
// changes one learns here which others hang on it.
#include "chaincode/genesis.h"
#include "chaincode/statement.h"
#include "consensus/types.h"
#include "crypto/note.h"
#include "network/peer_mesh.h"
#include "node/replica/journal.h"
#include "node/replica/wire.h"

namespace sanad::node {
namespace {

static_assert(chaincode::kMembersMax == consensus::kMembersMax);
// A checkpoint's note: a quorum of cosignatures and its maker's own line.
constexpr std::size_t kQuorumMax = consensus::kMembersMax - (consensus::kMembersMax - 1) / 3;
static_assert(kQuorumMax + 1 <= crypto::kNoteLinesMax);

static_assert(chaincode::kSubmissionBytesMax <= kBatchBytesMax);
static_assert(kBatchBytesMax <= consensus::kBlockBytesMax);

// What a message takes beside its largest part.
constexpr std::size_t kAround = std::size_t{64} << 10;
static_assert(consensus::kMessageBytesMax + kAround <= kWireBytesMax);
static_assert(kBatchBytesMax + 5 * kBatchSubmissionsMax + kAround <= kWireBytesMax);
static_assert(kWireBytesMax <= network::MeshLimits().frame_bytes_max);
static_assert(kWireBytesMax + kAround <= kJournalEntryMax);

}  // namespace
}  // namespace sanad::node
