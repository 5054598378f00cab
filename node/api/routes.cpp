#include "node/api/routes.h"

#include <charconv>

#include "chaincode/contracts.h"
#include "crypto/codec_json.h"
#include "crypto/tlog_proof.h"
#include "node/api/problem.h"
#include "node/api/readiness.h"
#include "node/ledger/errc.h"
#include "node/metrics.h"

namespace sanad::node {
namespace {

using network::HttpResponse;

constexpr std::size_t kJsonBodyMax = 4u << 20;  // JSON of a 1 MiB submission
constexpr std::uint64_t kWaitFinalMs = 25'000;
constexpr std::uint64_t kRecordsPerPageMax = 1000;
constexpr std::size_t kWaitingReadsMax = ReadQueue::kWaitingMax / 2;  // they go there together
constexpr std::uint64_t kCheckpointPollMs = 25;
constexpr int kCheckpointTries = 80;  // 2 s for a quorum's cosignatures to arrive

HttpResponse json(unsigned status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

template <class T>
HttpResponse json_of(const crypto::Result<T>& result) {
  return result ? json(200, crypto::to_json(*result)) : problem_of_read(result.error());
}

HttpResponse status_answer(const chaincode::SubmissionStatus& status) {
  const bool pending = status.state == chaincode::SubmissionState::kPending;
  return json(pending ? 202 : 200, crypto::to_json(status));
}

HttpResponse no_such_proof() {
  return problem(400, "No such proof", "proof is \"bundle\", or is left out", "proof");
}

HttpResponse too_many_bundles() {
  return problem(422, "Too many proofs for one answer",
                 "proof=bundle takes a submission of at most " +
                     std::to_string(chaincode::kBundlesPerAnswerMax) +
                     " statements; nothing was admitted",
                 "proof");
}

// 0 where the bytes are no submission: who admits them says why.
std::size_t statements_in(const crypto::Bytes& bytes) {
  const auto submission = crypto::decode<chaincode::Submission>(bytes);
  return submission ? submission->statements.size() : 0;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_json(const network::HttpRequest& request) {
  const std::string* type = request.header("content-type");
  return type != nullptr && type->starts_with("application/json");
}

}  // namespace

Api::Routes::Routes(ApiOptions options, ApiSources sources)
    : options_(std::move(options)),
      sources_(sources),
      log_({sources.contracts, sources.replica, views_, reads_}),
      waiters_(sources.io, kWaitFinalMs) {}

Api::Routes::~Routes() { stop(); }

crypto::Status Api::Routes::start() {
  subscription_ = sources_.replica.subscribe(
      {.executed =
           [this](const std::vector<chaincode::SubmissionStatus>& finished) {
             if (finished.empty() || !waiters_.any()) return;
             sources_.io.post([this, finished, alive = alive_] {
               if (!*alive) return;
               for (const chaincode::SubmissionStatus& status : finished) {
                 waiters_.settle(status.id, status);
               }
             });
           },
       .committed =
           [this] {
             views_.add(sources_.ledger.view());
             sources_.io.post([this, alive = alive_] {
               if (*alive) release_reads();
             });
           }});
  // After subscribing: a block that recovery commits meanwhile is not missed.
  if (sources_.ledger.tip()) views_.add(sources_.ledger.view());
  network::HttpServerOptions server{options_.listen, options_.tls, {}};
  network::HttpCallbacks callbacks{
      [this](const Request& head) { return admit(head); },
      [this](Request request, Reply reply) { handle(std::move(request), std::move(reply)); }};
  SANAD_TRY(server_,
            network::HttpServer::start(sources_.io, std::move(server), std::move(callbacks)));
  return {};
}

void Api::Routes::stop() {
  if (!alive_->exchange(false)) return;
  sources_.replica.unsubscribe(subscription_);
  waiters_.stop();
  if (server_) server_->stop();
  reads_.stop();
}

network::Admission Api::Routes::admit(const Request& head) const {
  if (auto refusal = access_refusal(head, options_.tokens)) return {0, std::move(refusal)};
  if (head.method == "GET") return {0, {}};
  return {is_json(head) ? kJsonBodyMax : chaincode::kSubmissionBytesMax, {}};
}

void Api::Routes::handle(Request request, Reply reply) {
  const auto& segments = request.segments;
  if (segments.size() == 1 && segments[0] == "healthz") return reply(plain("ok\n"));
  if (segments.size() == 1 && segments[0] == "readyz") {
    return reply(readiness(sources_.replica.status()));
  }
  if (segments.size() == 1 && segments[0] == "metrics") return reply(metrics());
  // With its slash at the end, and for those who leave that out.
  if (request.path == "/verify/" || request.path == "/verify") {
    return reply(page_answer(options_.page, request));
  }
  if (segments.size() >= 2 && segments[0] == "v1") {
    return route_v1(std::move(request), std::move(reply));
  }
  if (segments.size() == 3 && segments[0] == "log" && segments[1] == "receipt") {
    const auto index = number(segments[2]);
    if (!index) return reply(problem(400, "Not a record", "an index is a decimal number", "index"));
    return proof(*index, ProofForm::kReceipt, std::move(reply), kCheckpointTries);
  }
  if (!segments.empty() && segments[0] == "log") return log_.handle(request, std::move(reply));
  reply(not_found("there is no such route; docs/api.md lists them"));
}

void Api::Routes::route_v1(Request request, Reply reply) {
  const std::string& room = request.segments[1];
  const std::size_t depth = request.segments.size();
  if (room == "submissions" && depth == 2 && request.method == "POST") {
    return submit(std::move(request), std::move(reply));
  }
  if (room == "submissions" && depth == 3) return submission(request, std::move(reply));
  if (room == "consignments") return route_consignment(request, std::move(reply));
  if (room == "records") return route_record(request, std::move(reply));
  if (room == "bodies" && depth == 3) return body(request, std::move(reply));
  if (room == "network" && depth == 2) return reply(network_answer());
  if (room == "checkpoint" && depth == 2) {
    auto note = sources_.replica.latest_checkpoint();
    return reply(note ? plain(std::move(*note)) : later("no checkpoint has a quorum yet"));
  }
  reply(not_found("there is no such route; docs/api.md lists them"));
}

void Api::Routes::route_consignment(const Request& request, Reply reply) {
  const auto& segments = request.segments;
  const auto handle = segments.size() > 2 ? crypto::Handle::from_hex(segments[2])
                                          : crypto::Result<crypto::Handle>(crypto::Handle{});
  if (segments.size() < 3 || segments.size() > 4 || !handle) {
    return reply(problem(400, "Not a consignment", "a handle has 64 hexadecimal digits", "handle"));
  }
  if (segments.size() == 4 && segments[3] == "bundle") {
    const std::string* text = request.query_value("since");
    const auto since = text == nullptr ? std::optional<std::uint64_t>(0) : number(*text);
    if (!since) {
      return reply(problem(400, "Not a number", "since is a number of records", "since"));
    }
    return bundle({*handle, *since, sources_.replica.told_height()}, std::move(reply),
                  kCheckpointTries);
  }
  if (segments.size() == 4) return reply(not_found("a consignment has a bundle, nothing else"));
  read(std::move(reply), [this, handle = *handle](const LedgerView& view) {
    return json_of(Answers(view, blocks_).consignment(handle, sources_.contracts.registry()));
  });
}

void Api::Routes::route_record(const Request& request, Reply reply) {
  const auto& segments = request.segments;
  if (segments.size() == 2) {
    const std::string* from = request.query_value("from");
    const std::string* count = request.query_value("count");
    const auto first = from == nullptr ? std::optional<std::uint64_t>(0) : number(*from);
    const auto most = count == nullptr ? std::optional<std::uint64_t>(100) : number(*count);
    if (!first || !most || *most > kRecordsPerPageMax) {
      return reply(problem(400, "Not a page", "from is a record's index, count at most 1000",
                           first ? "count" : "from"));
    }
    return read(std::move(reply), [this, first = *first, most = *most](const LedgerView& view) {
      return json_of(Answers(view, blocks_).page(first, most));
    });
  }
  const auto index = number(segments[2]);
  if (!index) return reply(problem(400, "Not a record", "an index is a decimal number", "index"));
  if (segments.size() == 4 && segments[3] == "proof") {
    return proof(*index, ProofForm::kTlogProof, std::move(reply), kCheckpointTries);
  }
  if (segments.size() != 3) return reply(not_found("a record has a proof, nothing else"));
  read(std::move(reply), [this, index = *index](const LedgerView& view) {
    return json_of(Answers(view, blocks_).record(index));
  });
}

std::optional<Api::Routes::FinalWish> Api::Routes::wish_of(const Request& request) {
  const std::string* wait = request.query_value("wait");
  const std::string* proof = request.query_value("proof");
  if (proof != nullptr && *proof != "bundle") return std::nullopt;
  const bool waits = proof != nullptr || (wait != nullptr && *wait == "final");
  return FinalWish{waits, proof != nullptr,
                   std::chrono::steady_clock::now() + std::chrono::milliseconds(kWaitFinalMs)};
}

void Api::Routes::submit(Request request, Reply reply) {
  const auto wish = wish_of(request);
  if (!wish) return reply(no_such_proof());
  const bool as_json = is_json(request);
  if (!as_json && !wish->bundles) {
    return submit_bytes(std::move(request.body), *wish, std::move(reply));
  }
  // 4 MiB of JSON take tens of milliseconds: too long for the I/O thread.
  const bool queued =
      reads_.post([this, as_json, body = std::move(request.body), wish = *wish, reply]() mutable {
        if (as_json) {
          const auto document =
              crypto::from_json<chaincode::SubmissionDocument>(crypto::as_text(body));
          if (!document) return reply(problem_of_submission(document.error()));
          body = chaincode::submission_bytes(*document, sources_.contracts.network());
        }
        if (wish.bundles && statements_in(body) > chaincode::kBundlesPerAnswerMax) {
          return reply(too_many_bundles());
        }
        submit_bytes(std::move(body), wish, reply);
      });
  if (!queued) reply(later("too many requests are waiting"));
}

void Api::Routes::submit_bytes(crypto::Bytes bytes, const FinalWish& wish, Reply reply) {
  SubmitCallbacks callbacks;
  callbacks.admitted = [this, reply, wish,
                        alive = alive_](crypto::Result<chaincode::SubmissionStatus> status) {
    if (!status) return reply(problem_of_submission(status.error()));
    const bool pending = status->state == chaincode::SubmissionState::kPending;
    sources_.io.post([this, reply, alive, wish, pending, status = std::move(*status)] {
      if (!*alive) return;
      if (!pending) return tell(status, wish, reply);
      if (!wish.waits) return reply(status_answer(status));
      wait_for(status.id, wish, reply);
    });
  };
  sources_.replica.submit(std::move(bytes), std::move(callbacks));
}

void Api::Routes::submission(const Request& request, Reply reply) {
  const auto id = crypto::Hash::from_hex(request.segments[2]);
  if (!id) {
    return reply(problem(400, "Not a submission", "an id has 64 hexadecimal digits", "id"));
  }
  const auto wish = wish_of(request);
  if (!wish) return reply(no_such_proof());
  const bool queued = reads_.post([this, id = *id, wish = *wish, reply, alive = alive_] {
    const auto status = sources_.replica.outcome(id);
    if (!status) return reply(not_found("this node has not seen that submission"));
    const bool pending = status->state == chaincode::SubmissionState::kPending;
    if (pending && !wish.waits) return reply(status_answer(*status));
    sources_.io.post([this, status = *status, pending, wish, reply, alive] {
      if (!*alive) return;
      if (!pending) return tell(status, wish, reply);
      wait_for(status.id, wish, reply);
    });
  });
  if (!queued) reply(later("too many reads are waiting"));
}

void Api::Routes::tell(const chaincode::SubmissionStatus& status, const FinalWish& wish,
                       Reply reply) {
  if (!wish.bundles || status.state != chaincode::SubmissionState::kFinal) {
    return reply(status_answer(status));
  }
  prove(status, wish, std::move(reply));
}

// I/O thread. The quorum's cosignatures come one round trip after the block.
void Api::Routes::prove(const chaincode::SubmissionStatus& status, const FinalWish& wish,
                        Reply reply) {
  auto proven = this->proven(status.height);
  if (!proven && std::chrono::steady_clock::now() < wish.until) {
    sources_.io.after(kCheckpointPollMs, [this, status, wish, reply, alive = alive_] {
      if (*alive) prove(status, wish, reply);
    });
    return;
  }
  if (!proven) {
    return reply(json(202, crypto::to_json(chaincode::ProvedSubmission{status, {}})));
  }
  const bool queued = reads_.post([this, reply, status, proven = std::move(*proven)] {
    const auto proved = Answers(proven.view, blocks_).proved(status, proven.note);
    reply(proved ? json(200, crypto::to_json(*proved)) : problem_of_read(proved.error()));
  });
  if (!queued) reply(later("too many reads are waiting"));
}

// I/O thread. A client that waits in vain is told that it is pending and asks again.
void Api::Routes::wait_for(const crypto::Hash& id, const FinalWish& wish, Reply reply) {
  const auto settled = [this, wish,
                        reply](const std::optional<chaincode::SubmissionStatus>& status) {
    if (!status) return reply(later("the submission is not known any more"));
    tell(*status, wish, reply);
  };
  waiters_.add(id, reply, status_answer({id, chaincode::SubmissionState::kPending, 0, 0, {}}),
               settled);
  // It may have become final before anybody waited.
  if (!reads_.post([this, id] { settle_if_known(id); })) settle_if_known(id);
}

void Api::Routes::settle_if_known(const crypto::Hash& id) {
  auto status = sources_.replica.outcome(id);
  if (status && status->state == chaincode::SubmissionState::kPending) return;
  sources_.io.post([this, id, status = std::move(status), alive = alive_] {
    if (*alive) waiters_.settle(id, status);
  });
}

void Api::Routes::read(Reply reply, Read read) {
  const auto view = views_.newest();
  const std::uint64_t told = sources_.replica.told_height();
  if (!view || view->tip().height >= told) return read_newest(std::move(reply), std::move(read));
  if (waiting_reads_.size() >= kWaitingReadsMax) {
    return reply(later("too many reads are waiting"));
  }
  waiting_reads_.push_back({told, std::move(reply), std::move(read)});
}

void Api::Routes::read_newest(Reply reply, Read read) {
  auto view = views_.newest();
  if (!view) return reply(later("the ledger has no block yet"));
  const bool queued =
      reads_.post([reply, view = std::move(*view), read = std::move(read)] { reply(read(view)); });
  if (!queued) reply(later("too many reads are waiting"));
}

void Api::Routes::release_reads() {
  const auto view = views_.newest();
  while (!waiting_reads_.empty() && waiting_reads_.front().height <= view->tip().height) {
    WaitingRead one = std::move(waiting_reads_.front());
    waiting_reads_.pop_front();
    read_newest(std::move(one.reply), std::move(one.read));
  }
}

std::optional<Api::Routes::Proven> Api::Routes::proven(std::uint64_t height) {
  auto note = sources_.replica.latest_checkpoint();
  if (!note) return std::nullopt;
  const auto parsed = crypto::SignedNote::parse(*note);
  if (!parsed) return std::nullopt;
  const auto checkpoint = crypto::Checkpoint::parse(parsed->text);
  if (!checkpoint) return std::nullopt;
  auto view = views_.at_size(checkpoint->size);
  if (!view) return std::nullopt;
  if (view->tip().height < height) return std::nullopt;
  return Proven{std::move(*note), std::move(*view)};
}

// Waits for the cosignatures of what was just committed: a client that saw its statement final asks
// for a proof at once.
void Api::Routes::bundle(const BundleWish& wish, Reply reply, int tries_left) {
  auto proven = this->proven(tries_left > 0 ? wish.told : 0);
  if (!proven && tries_left > 0) {
    sources_.io.after(kCheckpointPollMs, [this, wish, reply, tries_left, alive = alive_] {
      if (*alive) bundle(wish, reply, tries_left - 1);
    });
    return;
  }
  if (!proven) return reply(later("no checkpoint of the newest blocks has a quorum yet"));
  const bool queued = reads_.post([this, reply, wish, proven = std::move(*proven)] {
    const auto bundle = Answers(proven.view, blocks_).bundle(wish.handle, proven.note, wish.since);
    reply(bundle ? json(200, crypto::to_json(*bundle)) : problem_of_read(bundle.error()));
  });
  if (!queued) reply(later("too many reads are waiting"));
}

void Api::Routes::proof(std::uint64_t index, ProofForm form, Reply reply, int tries_left) {
  auto proven = this->proven(0);
  const bool covered = proven && index < proven->view.tip().tree_size;
  if (!covered && tries_left > 0) {
    sources_.io.after(kCheckpointPollMs, [this, index, form, reply, tries_left, alive = alive_] {
      if (*alive) proof(index, form, reply, tries_left - 1);
    });
    return;
  }
  if (!covered) return reply(not_found("no checkpoint with a quorum covers that record"));
  const bool queued = reads_.post([this, reply, index, form, proven = std::move(*proven)] {
    auto path = proven.view.inclusion_proof(index, proven.view.tip().tree_size);
    auto note = crypto::SignedNote::parse(proven.note);
    if (!path || !note) return reply(problem_of_read(path ? note.error() : path.error()));
    if (form == ProofForm::kReceipt) {
      const auto checkpoint = crypto::Checkpoint::parse(note->text);
      return reply(checkpoint ? receipt(index, *checkpoint, std::move(*path))
                              : problem_of_read(checkpoint.error()));
    }
    reply(
        plain(crypto::TlogProof{std::nullopt, index, std::move(*path), std::move(*note)}.format()));
  });
  if (!queued) reply(later("too many reads are waiting"));
}

HttpResponse Api::Routes::receipt(std::uint64_t index, const crypto::Checkpoint& checkpoint,
                                  std::vector<crypto::Hash> path) const {
  if (path.empty()) return not_found("a log of one record gives no receipt");
  const auto signed_one =
      sources_.replica.sign_receipt(checkpoint.root, checkpoint.size, index, std::move(path));
  return plain(std::string(crypto::as_text(crypto::encode_receipt(signed_one))),
               "application/cose");
}

void Api::Routes::body(const Request& request, Reply reply) {
  const auto digest = crypto::Hash::from_hex(request.segments[2]);
  if (!digest) {
    return reply(problem(400, "Not a digest", "a digest has 64 hexadecimal digits", "digest"));
  }
  read(std::move(reply), [digest = *digest](const LedgerView& view) {
    const auto bytes = view.body(digest);
    if (!bytes) return problem_of_read(bytes.error());
    return plain(std::string(crypto::as_text(*bytes)), "application/cbor");
  });
}

HttpResponse Api::Routes::network_answer() const {
  const ReplicaStatus status = sources_.replica.status();
  const chaincode::Genesis& genesis = sources_.contracts.genesis();
  chaincode::NetworkAnswer answer;
  answer.network = genesis.network;
  answer.network_id = sources_.contracts.network();
  answer.member = genesis.members[options_.self].id;
  answer.epoch = status.epoch;
  answer.view = status.view;
  answer.finalized_height = status.finalized_height;
  if (const auto tip = sources_.ledger.tip()) {
    answer.executed_height = tip->height;
    answer.time_ms = tip->time_ms;
    answer.tree_size = tip->tree_size;
    answer.root = tip->root;
    answer.index_root = tip->index_root;
    answer.state_digest = tip->state_digest;
  }
  answer.checkpoint_size = status.checkpoint_size;
  answer.pending_submissions = status.pending_submissions;
  for (std::size_t i = 0; i < genesis.members.size(); ++i) {
    const bool connected = i < status.connected.size() && status.connected[i];
    answer.members.push_back({genesis.members[i].id, genesis.members[i].name, connected});
  }
  return json(200, crypto::to_json(answer));
}

HttpResponse Api::Routes::metrics() const {
  std::vector<std::string> ids;
  for (const auto& member : sources_.contracts.genesis().members) ids.push_back(member.id);
  const Replica& replica = sources_.replica;
  return plain(metrics_text({replica.counters(), replica.status(), replica.mesh_stats(),
                             server_->stats(), std::move(ids), options_.self}),
               "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace sanad::node
