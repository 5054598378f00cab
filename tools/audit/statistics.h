// What a regulator asks of a ledger, counted record by record.
#pragma once

#include <unordered_map>
#include <vector>

#include "chaincode/record.h"
#include "tools/audit/snapshot.h"

namespace sanad::tools {

// Upper bounds of the waits from a declaration to its first release; the last has none.
inline constexpr std::array<std::pair<std::uint64_t, std::string_view>, 8> kWaits = {
    {{1'000, "1 s"},
     {60'000, "1 min"},
     {3'600'000, "1 h"},
     {21'600'000, "6 h"},
     {86'400'000, "1 day"},
     {259'200'000, "3 days"},
     {604'800'000, "7 days"},
     {~std::uint64_t{0}, "longer"}}};

// Records of one ledger day, by kind.
struct DayCounts {
  std::uint64_t day = 0;  // since 1970, UTC
  std::array<std::uint64_t, chaincode::kRecordKindNames.size()> kinds{};
  friend bool operator==(const DayCounts&, const DayCounts&) = default;
};

struct StatisticsCounts {
  std::vector<DayCounts> days;  // those with records, ascending
  std::array<std::uint64_t, chaincode::enum_names(chaincode::Lane{}).size()>
      lanes{};                                                                 // of verdicts
  std::array<std::uint64_t, chaincode::kReleaseBasisNames.size()> releases{};  // by basis
  std::array<std::uint64_t, chaincode::kCodeNames.size()> refusals{};          // by code
  // Officers' releases of what was held, or had been found to offend.
  std::uint64_t overrides = 0;
  std::array<std::uint64_t, kWaits.size()> waits{};  // first releases
  std::uint64_t unreleased = 0;                      // declared, never released
  friend bool operator==(const StatisticsCounts&, const StatisticsCounts&) = default;
};

// Remembers each declaration: about 80 bytes.
class Statistics {
 public:
  // In log order, from the first record on. `counted`: else it is only remembered.
  void add(const chaincode::Record& record, bool counted);
  [[nodiscard]] const StatisticsCounts& counts() const { return counts_; }
  void save(AuditSnapshot& snapshot) const;
  // False where the counts are not as many as there are names.
  bool load(const AuditSnapshot& snapshot);

 private:
  struct Life {
    std::uint64_t declared_ms = 0;
    bool counted = false;
    bool held = false;
    bool offence = false;
    bool released = false;
  };
  struct KeyHash {
    std::size_t operator()(const crypto::Hash& key) const {
      return static_cast<std::size_t>(crypto::read_u64be(key.view()));
    }
  };
  void follow(const chaincode::Record& record, bool counted);
  void release(Life& life, const chaincode::Record& record, const chaincode::Released& released,
               bool counted);

  StatisticsCounts counts_;
  std::unordered_map<crypto::Hash, Life, KeyHash> lives_;  // by authority and declaration
};

}  // namespace sanad::tools
