// What happens in one run: who is hostile, how bad the network and the disks are, when members
// crash. Drawn from the seed alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.h"
#include "simulation/random.h"

namespace sanad::simulation {

using consensus::MemberIndex;
using Micros = std::uint64_t;  // virtual time since the start of the run

inline constexpr Micros kMillisecond = 1'000;
inline constexpr Micros kSecond = 1'000'000;

enum class Traitor : std::uint8_t {
  kNone,
  kSilent,        // takes everything in, sends nothing
  kEquivocator,   // two proposals, two notarize votes, nullify beside finalize
  kConflicter,    // proposals that break one rule of headers or parents, in views of others too
  kForger,        // votes honestly, beside certificates, votes and blocks that nobody signed
  kNuller,        // nullifies every view as it begins, and votes for nothing
  kSlowLeader,    // its proposals arrive at the last moment at which they are waited for
  kReplayer,      // votes, certificates and claims of long ago, its own and others'
  kReleaser,      // shows what it signs and what certificates it holds to one member at a time
  kWithholder,    // batches that only a few get, and that it does not serve
  kSyncLiar,      // answers to catch-up that are wrong, out of order or without end
  kTwin,          // two processes with one key and a journal each, in two places of the network
  kReconfigurer,  // votes, certificates and blocks of the epochs before and after
  kCount,
};
inline constexpr std::size_t kTraitors = static_cast<std::size_t>(Traitor::kCount);
inline constexpr std::array<std::string_view, kTraitors> kTraitorNames = {
    "none",     "silent",   "equivocator", "conflicter", "forger", "nuller",      "slow leader",
    "replayer", "releaser", "withholder",  "sync liar",  "twin",   "reconfigurer"};

struct NetworkPlan {
  Micros delay_min = 0;
  Micros delay_max = 0;
  std::uint64_t loss_per_mille = 0;
  std::uint64_t duplicate_per_mille = 0;
};

struct Crash {
  Micros at = 0;
  Micros down_for = 0;
  std::vector<MemberIndex> members;
};

// Messages from a member of one side to a member of the other are lost.
struct Partition {
  Micros at = 0;
  Micros until = 0;
  std::vector<bool> side;             // by member
  bool asymmetric = false;            // only from side false to side true
  std::optional<MemberIndex> bridge;  // hears both sides, and both hear it
};

// R3: a member goes down, and its journal with it; it comes back in quarantine beside its ledger.
// Its life before counts: it is honest, and yet one of the f that may be faulty.
struct Forgetting {
  Micros at = 0;
  Micros down_for = 0;
  MemberIndex member = 0;
  // Not 0: the rest of its disk is lost too; batches and ledger come from a copy that is so old.
  Micros copy_age = 0;
};

// After the faults, when all is ordered and the network was silent for `idle`, one honest member
// alone gets a batch, and nothing that it sends arrives for `deaf`: not the batch, not its
// proposal.
struct LateBatch {
  Micros idle = 0;
  Micros deaf = 0;
  MemberIndex author = 0;
  // Another honest member that gets a batch at the same time and sends it to all; the author itself
  // stands for none.
  MemberIndex companion = 0;
};

struct Plan {
  std::uint64_t seed = 0;
  std::size_t n = 4;
  bool fast_signatures = false;   // fast_signature.h, where it is linked
  bool refinement = true;         // the abstract protocol watches (refinement.h)
  std::vector<Traitor> traitors;  // by member
  NetworkPlan network;
  Micros disk_sync_min = 0;
  Micros disk_sync_max = 0;
  // Chance that a member dies while it syncs its journal, and comes back a little later.
  std::uint64_t crash_in_sync_per_mille = 0;
  // Chance at a sync that a new segment of the journal begins, with a snapshot of the core.
  std::uint64_t rotate_per_mille = 0;
  std::uint64_t clock_skew_max_ms = 0;
  Micros batch_every = 0;  // mean time between new batches of the whole network
  // Chance that a new batch is sent to nobody.
  std::uint64_t batch_unsent_per_mille = 0;
  bool heartbeat = true;   // without it nothing but work wakes the network
  Micros chaos_until = 0;  // faults end here; only traitors stay
  std::vector<Crash> crashes;
  std::vector<Partition> partitions;
  std::vector<Forgetting> forgettings;
  std::vector<LateBatch> late_batches;

  [[nodiscard]] std::size_t f() const { return (n - 1) / 3; }
  [[nodiscard]] std::size_t quorum() const { return n - f(); }
  [[nodiscard]] bool honest(MemberIndex member) const { return traitors[member] == Traitor::kNone; }
  // The network, the disks or processes that fail by chance, all through the chaos.
  [[nodiscard]] bool has_ambient_fault() const {
    return network.loss_per_mille + network.duplicate_per_mille + crash_in_sync_per_mille > 0;
  }
  [[nodiscard]] std::string text() const;
};

Plan draw_plan(std::uint64_t seed);

// A fault of a plan by its name, such as "loss", "crash.2" or "traitor.3": the words that
// --without takes.
[[nodiscard]] std::vector<std::string> faults_of(const Plan& plan);
// The same plan without these faults. Numbers are those of the plan as drawn. False if a word names
// none.
[[nodiscard]] bool leave_out(std::vector<std::string> faults, Plan& plan);

}  // namespace sanad::simulation
