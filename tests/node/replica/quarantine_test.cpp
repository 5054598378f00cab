// R3 with real ledgers, journals and links.
#include <filesystem>
#include <fstream>

#include "node/ledger/file_system.h"
#include "node/replica/quarantine.h"
#include "node/replica/recovery.h"
#include "tests/node/replica/cluster.h"

namespace sanad::tests {
namespace {

namespace fs = std::filesystem;
using node::Quarantine;

constexpr std::size_t kForgetful = 1;

// What is done to the journal of a member that is down.
void lose_journal(const Cluster& cluster) {
  fs::remove_all(cluster.folder_of(kForgetful) + "/journal");
}
void flip_a_bit(const Cluster& cluster) {
  const fs::path folder = cluster.folder_of(kForgetful) + "/journal";
  const fs::path segment = fs::directory_iterator(folder)->path();
  std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(200);
  const int byte = file.get();
  file.seekp(200);
  file.put(static_cast<char>(byte ^ 1));
}

std::uint64_t declare_at(Cluster& cluster, std::size_t at) {
  auto future = cluster.submit(at, cluster.submission(static_cast<std::uint8_t>(at), 2));
  return await(cluster, future).height;
}

bool takes_submissions(Cluster& cluster, std::size_t at) {
  try {
    declare_at(cluster, at);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("R3: a member whose journal is gone watches, then votes again, and nothing is lost") {
  Cluster cluster;
  cluster.start_all();
  declare_at(cluster, kForgetful);
  declare_at(cluster, 0);
  cluster.stop(kForgetful);
  declare_at(cluster, 0);
  switch (GENERATE(0, 1, 2)) {
    case 0:
      lose_journal(cluster);
      break;
    case 1:
      flip_a_bit(cluster);
      break;
    default:
      fs::remove_all(cluster.folder_of(kForgetful));
  }
  cluster.start(kForgetful, Quarantine::kVoteLater);
  // Its own batches go on under numbers that it never used.
  REQUIRE(eventually([&] { return takes_submissions(cluster, kForgetful); }));
  while (cluster[kForgetful].replica->status().in_quarantine) declare_at(cluster, 0);
  // Three of four are a quorum only with its vote.
  cluster.stop(3);
  const std::uint64_t height = declare_at(cluster, 0);
  cluster.require_agreement(height);
  for (std::size_t i = 0; i < 3; ++i) CHECK(cluster[i].replica->counters().evidence == 0);

  // What it may not vote on survives a restart, which needs no flag.
  cluster.stop(kForgetful);
  cluster.start(kForgetful);
  CHECK_FALSE(cluster[kForgetful].replica->status().in_quarantine);
  cluster.require_agreement(declare_at(cluster, 0));
}

TEST_CASE("R3: an empty journal beside one that was set aside is that of a crash in between") {
  TemporaryFolder folder;
  const std::string journal = folder.path() + "/journal";
  const auto must = [&](std::span<const node::JournalEntry> entries, bool wanted) {
    return node::must_begin_quarantine(node::real_file_system(), journal, entries, wanted);
  };
  const auto entry = [](const consensus::JournalRecord& record) {
    return node::JournalEntry{node::kConsensusEntry, crypto::encode(record), 1};
  };
  const std::vector voted = {entry(consensus::FinalFloor{3, 2, {}, 2})};
  const std::vector noted = {entry(consensus::FinalFloor{3, 2, {}, 2}),
                             entry(consensus::Silence{})};
  CHECK_FALSE(must({}, false));  // a member that never ran
  CHECK(must({}, true));
  CHECK_FALSE(must(voted, false));
  CHECK(must(voted, true));  // an older copy looks whole
  CHECK_FALSE(must(noted, true));
  fs::create_directory(journal + ".set-aside-1");
  CHECK(must({}, false));
  CHECK_FALSE(must(voted, false));
}

TEST_CASE("R3: who only watches follows the ledger, casts no vote and takes no submission") {
  Cluster cluster;
  cluster.start_all();
  declare_at(cluster, 0);
  cluster.stop(kForgetful);
  lose_journal(cluster);
  cluster.start(kForgetful, Quarantine::kWatch);
  const std::uint64_t height = declare_at(cluster, 0);
  cluster.require_agreement(height);
  CHECK(cluster[kForgetful].replica->status().in_quarantine);
  auto refused = cluster.submit(kForgetful, cluster.submission(kForgetful, 1));
  CHECK_THROWS_WITH(refused.get(), Catch::Contains("quarantine"));
}

}  // namespace sanad::tests
