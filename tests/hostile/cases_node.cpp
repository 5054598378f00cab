// I and J: what a member's own disk and clock do to it. No peer can do that; other tests do.
#include "tests/hostile/catalogue.h"

namespace sanad::hostile {

std::vector<Case> node_cases() {
  return {
      {107, "kill -9 at any instant, under load",
       Elsewhere{"tests/e2e/crashes.py", "kill -9 under continuous load"}},
      {108, "a power cut at every step of writing",
       Elsewhere{"tests/node/ledger/crash_test.cpp", "108: a power cut at any step"}},
      {109, "a sync that fails once",
       Elsewhere{"tests/node/replica/journal_test.cpp", "HOSTILE 109: after a sync that failed"}},
      {110, "no room at each write",
       Elsewhere{"tests/node/ledger/crash_test.cpp", "109, 110: one failed write or sync"}},
      {111, "out of file descriptors",
       Elsewhere{"tests/network/hostile_link_test.cpp", "HOSTILE 111: out of descriptors"}},
      {112, "a disk that turns read-only",
       Elsewhere{"tests/node/ledger/crash_test.cpp", "HOSTILE 112: a disk that turns read-only"}},
      {113, "a flipped bit in any file",
       Elsewhere{"tests/node/ledger/damage_test.cpp", "113: bit flips in any file at rest"}},
      {114, "missing, empty and foreign files",
       Elsewhere{"tests/node/ledger/damage_test.cpp", "114: a store without its files"}},
      {115, "an older copy of the data put back",
       Elsewhere{"tests/e2e/quarantine.py", "def put_an_older_copy_back"}},
      {116, "two processes on one folder",
       Elsewhere{"tests/node/ledger/file_system_test.cpp", "F22: a second process on one ledger"}},
      {117, "a disk that takes 5 s",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 117: a disk that takes 5 s"}},
      {118, "reads and writes of another place",
       Elsewhere{"tests/node/ledger/damage_test.cpp", "HOSTILE 118: bytes written to"}},
      {119, "the clock back at a restart",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 119: a member that restarts"}},
      {120, "a crash while old files are tidied away",
       Elsewhere{"tests/node/replica/journal_test.cpp", "R1: after a power cut at any step"}},
      {121, "clocks an hour off at f members, half a second at all",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 121: a member an hour off"}},
      {122, "a clock that jumps a day",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 122: a clock that jumps a day"}},
      {123, "a leap second, repeated and smeared",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 123: a leap second"}},
      {124, "a frozen clock",
       Elsewhere{"tests/node/replica/clock_test.cpp", "HOSTILE 124: a frozen clock"}},
  };
}

std::vector<Case> catalogue() {
  std::vector<Case> all;
  for (auto part : {framing_cases(), tls_cases(), consensus_cases(), sync_cases(), node_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace sanad::hostile
