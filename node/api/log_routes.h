// The log as clients that are not ours read it: C2SP tlog-tiles under /log/ (LEDGER F13, F14).
//
// Tiles are made from the segment files and the store each time: what a full one says never
// changes, so caches keep it, and no second copy lies on the disk.
#pragma once

#include <atomic>
#include <memory>

#include "crypto/log_tile.h"
#include "network/http_server.h"
#include "node/ledger/ledger.h"

namespace sanad::chaincode {
class Contracts;
}

namespace sanad::node {

class ProofViews;
class ReadQueue;
class Replica;

// A tile of a log of `size` records, which the view has: 404 for what lies beyond, where a later
// checkpoint may have it.
network::HttpResponse tile_answer(const LedgerView& view, const crypto::LogTile& tile,
                                  std::uint64_t size);

// I/O thread, but for the reads that it posts.
class LogRoutes {
 public:
  struct Sources {
    const chaincode::Contracts& contracts;
    const Replica& replica;
    const ProofViews& views;
    ReadQueue& reads;
  };
  // What `sources` names outlives this.
  explicit LogRoutes(const Sources& sources);

  // REQUIRES: the path begins with /log.
  void handle(const network::HttpRequest& request, network::HttpReply reply);

 private:
  // Reads of anyone that may wait at once: strangers leave members room in the queue.
  static constexpr int kOpenReadsMax = 32;

  void tile(const crypto::LogTile& tile, network::HttpReply reply);

  Sources sources_;
  std::string policy_;
  std::string keys_;
  std::shared_ptr<std::atomic<int>> open_reads_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace sanad::node
