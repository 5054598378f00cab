// The routes of /v1 behind the HTTP server: who may call what, and what each answers (docs/api.md).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "crypto/note.h"
#include "node/api/answers.h"
#include "node/api/api.h"
#include "node/api/log_routes.h"
#include "node/api/proof_views.h"
#include "node/api/read_queue.h"
#include "node/api/submission_waiters.h"
#include "node/replica/replica.h"

namespace sanad::node {

class Api::Routes {
 public:
  Routes(ApiOptions options, ApiSources sources);
  ~Routes();
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  crypto::Status start();
  void stop();
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  using Request = network::HttpRequest;
  using Reply = network::HttpReply;

  network::Admission admit(const Request& head) const;
  void handle(Request request, Reply reply);
  void route_v1(Request request, Reply reply);
  void route_consignment(const Request& request, Reply reply);
  void route_record(const Request& request, Reply reply);

  // What a client asks of a submission's answer.
  struct FinalWish {
    bool waits = false;    // until it is final
    bool bundles = false;  // and proved
    std::chrono::steady_clock::time_point until;
  };
  // Nothing: it asks for something that there is not.
  static std::optional<FinalWish> wish_of(const Request& request);
  void submit(Request request, Reply reply);
  void submit_bytes(crypto::Bytes bytes, const FinalWish& wish, Reply reply);
  // A status that is not pending, with its proofs where they are wanted. I/O thread, as prove().
  void tell(const chaincode::SubmissionStatus& status, const FinalWish& wish, Reply reply);
  void prove(const chaincode::SubmissionStatus& status, const FinalWish& wish, Reply reply);
  void submission(const Request& request, Reply reply);
  // What a proof of a history is asked for.
  struct BundleWish {
    crypto::Handle handle;
    std::uint64_t since = 0;  // records that the client has
    std::uint64_t told = 0;   // the height that the checkpoint should reach
  };
  void bundle(const BundleWish& wish, Reply reply, int tries_left);
  enum class ProofForm { kTlogProof, kReceipt };
  void proof(std::uint64_t index, ProofForm form, Reply reply, int tries_left);
  [[nodiscard]] network::HttpResponse receipt(std::uint64_t index,
                                              const crypto::Checkpoint& checkpoint,
                                              std::vector<crypto::Hash> path) const;
  void body(const Request& request, Reply reply);
  [[nodiscard]] network::HttpResponse network_answer() const;
  [[nodiscard]] network::HttpResponse metrics() const;

  // Runs `read` on the read thread with the newest view, once that shows whatever anybody was told
  // before now. 503 before the first block or when full.
  using Read = std::function<network::HttpResponse(const LedgerView&)>;
  void read(Reply reply, Read read);
  void read_newest(Reply reply, Read read);
  // Those that the newest view is enough for now.
  void release_reads();
  // The newest checkpoint and the view it is of; nothing if that is below `height`.
  struct Proven {
    std::string note;
    LedgerView view;
  };
  [[nodiscard]] std::optional<Proven> proven(std::uint64_t height);
  void wait_for(const crypto::Hash& id, const FinalWish& wish, Reply reply);
  // Answers who waits for a submission that is not pending any more. Any thread.
  void settle_if_known(const crypto::Hash& id);

  ApiOptions options_;
  ApiSources sources_;
  ProofViews views_;
  struct WaitingRead {
    std::uint64_t height = 0;  // what was told when it came
    Reply reply;
    Read read;
  };
  std::deque<WaitingRead> waiting_reads_;  // I/O thread only, ascending
  BlockSubmissions blocks_;                // read thread only
  ReadQueue reads_;
  LogRoutes log_;
  SubmissionWaiters waiters_;
  Replica::SubscriptionId subscription_ = 0;
  std::unique_ptr<network::HttpServer> server_;
  // Work posted to the I/O thread may outlive this object: it looks here first.
  std::shared_ptr<std::atomic<bool>> alive_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace sanad::node
