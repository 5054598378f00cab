#include "node/api/log_routes.h"

#include "chaincode/contracts.h"
#include "chaincode/log_policy.h"
#include "node/api/problem.h"
#include "node/api/proof_views.h"
#include "node/api/read_queue.h"
#include "node/replica/replica.h"

namespace sanad::node {
namespace {

using crypto::LogTile;
using network::HttpResponse;

constexpr std::string_view kPrefix = "/log/";
constexpr std::string_view kSoonOld = "max-age=2";
constexpr std::string_view kHourOld = "max-age=3600";
constexpr std::string_view kNeverOld = "public, max-age=31536000, immutable";
constexpr std::string_view kNeverOldForOne = "private, max-age=31536000, immutable";

HttpResponse cached(HttpResponse response, std::string_view rule) {
  response.headers.emplace_back("cache-control", rule);
  return response;
}

HttpResponse cached_text(std::string text, std::string_view rule) {
  return cached(plain(std::move(text)), rule);
}

HttpResponse tiles(std::string bytes, const LogTile& tile) {
  return cached(plain(std::move(bytes), "application/octet-stream"),
                tile.entries ? kNeverOldForOne : kNeverOld);
}

// Records of at most 65,535 bytes, each behind its length (F9).
HttpResponse entries_answer(const LedgerView& view, const LogTile& tile) {
  const auto records = view.records(tile.first(), tile.width);
  if (!records) return problem_of_read(records.error());
  std::string bytes;
  for (const crypto::Bytes& record : *records) {
    assert(record.size() <= 0xFFFF);
    bytes.push_back(static_cast<char>(record.size() >> 8));
    bytes.push_back(static_cast<char>(record.size() & 0xFF));
    bytes += crypto::as_text(record);
  }
  return tiles(std::move(bytes), tile);
}

std::optional<std::uint64_t> size_of(const std::string& note) {
  const auto parsed = crypto::SignedNote::parse(note);
  if (!parsed) return std::nullopt;
  const auto checkpoint = crypto::Checkpoint::parse(parsed->text);
  return checkpoint ? std::optional(checkpoint->size) : std::nullopt;
}

// One read that waits, until it is done or dropped with the queue.
class Place {
 public:
  explicit Place(std::shared_ptr<std::atomic<int>> taken) : taken_(std::move(taken)) { ++*taken_; }
  ~Place() { --*taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::shared_ptr<std::atomic<int>> taken_;
};

}  // namespace

HttpResponse tile_answer(const LedgerView& view, const LogTile& tile, std::uint64_t size) {
  if (!tile.is_within(size)) {
    return cached(not_found("the newest checkpoint, of " + std::to_string(size) +
                            " records, does not reach that far"),
                  "no-store");
  }
  if (tile.entries) return entries_answer(view, tile);
  const auto nodes = view.log_nodes(tile.node_level(), tile.first(), tile.width);
  if (!nodes) return problem_of_read(nodes.error());
  std::string bytes;
  for (const crypto::Hash& node : *nodes) bytes += crypto::as_text(node.view());
  return tiles(std::move(bytes), tile);
}

LogRoutes::LogRoutes(const Sources& sources) : sources_(sources) {
  const auto trust = chaincode::trust_of(sources.contracts.genesis(), 0, 0);
  policy_ = chaincode::log_policy_text(trust);
  keys_ = chaincode::log_keys_text(trust);
}

void LogRoutes::handle(const network::HttpRequest& request, network::HttpReply reply) {
  // As sent: an escape is no part of these names.
  const std::string_view name =
      std::string_view(request.path).substr(std::min(request.path.size(), kPrefix.size()));
  if (name == "policy") return reply(cached_text(policy_, kHourOld));
  if (name == "vkeys") return reply(cached_text(keys_, kHourOld));
  if (name == "checkpoint") {
    auto note = sources_.replica.latest_checkpoint();
    return reply(note ? cached_text(std::move(*note), kSoonOld)
                      : later("no checkpoint has a quorum yet"));
  }
  if (!name.starts_with("tile/")) {
    return reply(not_found("there is no such route; docs/api.md lists them"));
  }
  const auto parsed = LogTile::parse(name);
  if (!parsed) {
    return reply(problem(400, "Not a tile",
                         "write tile/<level>/<N> or tile/entries/<N>, N as x001/x234/067, and "
                         ".p/<width> behind it for a partial one"));
  }
  tile(*parsed, std::move(reply));
}

void LogRoutes::tile(const LogTile& tile, network::HttpReply reply) {
  const auto note = sources_.replica.latest_checkpoint();
  const auto size = note ? size_of(*note) : std::nullopt;
  auto view = sources_.views.newest();
  if (!size || !view || view->tip().tree_size < *size) {
    return reply(later("no checkpoint has a quorum yet"));
  }
  const auto place = std::make_shared<Place>(open_reads_);
  if (*open_reads_ > kOpenReadsMax) return reply(later("too many tiles are being read"));
  const bool queued = sources_.reads.post([view = std::move(*view), tile, size = *size, reply,
                                           place] { reply(tile_answer(view, tile, size)); });
  if (!queued) reply(later("too many reads are waiting"));
}

}  // namespace sanad::node
