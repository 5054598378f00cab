// What the disk of a member would still know after a power cut at this moment of what the member
// may say (I9) and what it holds (I5). Reads the journal's durable bytes, each version once.
#pragma once

#include <map>
#include <set>

#include "consensus/journal_record.h"
#include "node/replica/checkpointer.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::simulation::nodes {

class DurableJournal {
 public:
  explicit DurableJournal(std::string folder) : folder_(std::move(folder)) {}

  // Call before the questions.
  void follow(const tests::SimulatedDisk& disk);
  [[nodiscard]] bool has_vote(const consensus::Subject& subject) const;
  [[nodiscard]] bool has_header(const crypto::Hash& block) const;
  // By the author's signature, or by digest.
  [[nodiscard]] bool has_batch(const crypto::Signature& signature) const;
  // Below it its own batches' numbers are never used again.
  [[nodiscard]] std::uint64_t numbers_reserved() const;
  [[nodiscard]] bool holds(const crypto::Hash& batch) const;
  [[nodiscard]] bool has_end(const node::BlockEnd& end) const;
  // R3: what is said last of votes that may be forgotten is that none is cast.
  [[nodiscard]] bool in_quarantine() const;

 private:
  struct Segment {
    std::uint64_t version = 0;
    const tests::SimulatedDisk* disk = nullptr;
    std::set<consensus::Subject> votes;
    std::set<crypto::Hash> headers;
    std::set<crypto::Signature> signatures;
    std::set<crypto::Hash> batches;
    std::set<node::BlockEnd> ends;
    std::uint64_t numbers_reserved = 0;
    std::optional<consensus::Silence> silence;  // the newest
  };
  static void read(const crypto::Bytes& bytes, Segment& segment);

  std::string folder_;
  std::map<std::string, Segment> segments_;
};

}  // namespace sanad::simulation::nodes
