// What an audit knows after a block, in a file: with it the audit goes on from there, the same day
// or as the ledger grows. Canonical CBOR, then its SHA-256.
//
// The contracts' whole state is in it, about 600 bytes a declaration. Nobody vouches for it but who
// keeps it: the hash tells damage, not forgery.
#pragma once

#include <filesystem>

#include "crypto/log_tree.h"
#include "node/ledger/ledger_types.h"

namespace sanad::tools {

inline constexpr std::size_t kSnapshotItemsMax = std::size_t{1} << 32;

struct StateEntry {
  crypto::Bytes key;
  crypto::Bytes value;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(key, 1 << 10), SANAD_FIELD_MAX(value, 1 << 26));
  }
};
struct HistoryEntry {  // of an index key
  crypto::Hash key;
  crypto::LogFrontier log;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD(log));
  }
};
struct BodyEntry {
  crypto::Hash digest;
  node::Position at;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(digest), SANAD_FIELD(at));
  }
};
struct LifeEntry {  // of a declaration, for the statistics
  crypto::Hash key;
  std::uint64_t declared_ms = 0;
  bool counted = false;
  bool held = false;
  bool offence = false;
  bool released = false;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD(declared_ms), SANAD_FIELD(counted), SANAD_FIELD(held),
       SANAD_FIELD(offence), SANAD_FIELD(released));
  }
};
struct CountsEntry {                  // the statistics' counts, each list as long as its names
  std::vector<std::uint64_t> days;    // day, then its records by kind; day after day
  std::vector<std::uint64_t> others;  // lanes, releases, refusals, waits, overrides, unreleased
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(days, kSnapshotItemsMax), SANAD_FIELD(others));
  }
};

struct AuditSnapshot {
  std::string format = "sanad audit 1";
  crypto::Hash network;
  std::uint64_t from = 0;              // the first height that the statistics count
  node::CommittedBlock tip;            // the last block that was checked
  node::SeriesEnds ends;               // after it
  std::vector<std::uint64_t> figures;  // of AuditFindings, in its order
  crypto::Hash state_digest;
  crypto::LogFrontier log;
  std::vector<StateEntry> state;
  std::vector<HistoryEntry> histories;
  std::vector<BodyEntry> bodies;
  std::vector<LifeEntry> lives;
  CountsEntry counts;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(format, 64), SANAD_FIELD(network), SANAD_FIELD(from), SANAD_FIELD(tip),
       SANAD_FIELD(ends), SANAD_FIELD_MAX(figures, 16), SANAD_FIELD(state_digest), SANAD_FIELD(log),
       SANAD_FIELD_MAX(state, kSnapshotItemsMax), SANAD_FIELD_MAX(histories, kSnapshotItemsMax),
       SANAD_FIELD_MAX(bodies, kSnapshotItemsMax), SANAD_FIELD_MAX(lives, kSnapshotItemsMax),
       SANAD_FIELD(counts));
  }
};

// Replaces the file as a whole.
crypto::Status write_snapshot(const std::filesystem::path& file, const AuditSnapshot& snapshot);
// kBadFile where it is not there, or not as it was written.
crypto::Result<AuditSnapshot> read_snapshot(const std::filesystem::path& file);

}  // namespace sanad::tools
