#include "node/api/log_routes.h"

#include <catch2/catch.hpp>

#include "crypto/log_tree.h"
#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {
namespace {

using crypto::Hash;
using crypto::LogTile;

std::string header_of(const network::HttpResponse& response, std::string_view name) {
  for (const auto& [field, value] : response.headers) {
    if (field == name) return value;
  }
  return {};
}

// A client that knows a log by its tiles alone, and asks for those that its size needs.
class TileClient final : public crypto::NodeReader {
 public:
  TileClient(const node::LedgerView& view, std::uint64_t size) : view_(view), size_(size) {}

  [[nodiscard]] std::string fetch(LogTile tile) const {
    const std::uint64_t nodes = size_ >> tile.node_level();
    REQUIRE(tile.first() < nodes);
    tile.width = static_cast<unsigned>(std::min<std::uint64_t>(256, nodes - tile.first()));
    const auto answer = node::tile_answer(view_, tile, size_);
    CHECK(answer.status == 200);
    CHECK(answer.content_type == "application/octet-stream");
    CHECK(header_of(answer, "cache-control").ends_with("max-age=31536000, immutable"));
    return answer.body;
  }
  // Any node, hashed together from the tile below it.
  [[nodiscard]] crypto::Result<Hash> read(unsigned level, std::uint64_t index) const override {
    const unsigned tile_level = level / 8;
    const std::uint64_t first = index << (level % 8);
    const std::string bytes = fetch({false, tile_level, first / 256});
    std::vector<Hash> row;
    for (std::uint64_t i = 0; i < std::uint64_t{1} << (level % 8); ++i) {
      const auto at = static_cast<std::size_t>((first % 256 + i) * Hash::kSize);
      row.push_back(*Hash::from(crypto::as_bytes(bytes).subspan(at, Hash::kSize)));
    }
    for (; row.size() > 1; row.resize(row.size() / 2)) {
      for (std::size_t i = 0; i < row.size() / 2; ++i) {
        row[i] = crypto::node_hash(row[2 * i], row[2 * i + 1]);
      }
    }
    return row.front();
  }
  [[nodiscard]] std::vector<crypto::Bytes> entries() const {
    std::vector<crypto::Bytes> records;
    for (std::uint64_t index = 0; index * 256 < size_; ++index) {
      const std::string bundle = fetch({true, 0, index});
      for (std::size_t at = 0; at < bundle.size();) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bundle.at(i)); };
        const std::size_t length = std::size_t{byte(at)} << 8 | byte(at + 1);
        const auto record = crypto::as_bytes(bundle).subspan(at + 2, length);
        records.emplace_back(record.begin(), record.end());
        at += 2 + length;
      }
    }
    return records;
  }

 private:
  const node::LedgerView& view_;
  std::uint64_t size_;
};

TEST_CASE("F13: root, records and proofs follow from the tiles of any size") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  commit_to(*ledger, 60, {.declarations = 8, .consignments = 7, .body_bytes = 10});
  const node::LedgerView view = ledger->view();
  const std::uint64_t whole = view.tip().tree_size;
  REQUIRE(whole > 1024);
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256},
                                   std::uint64_t{257}, std::uint64_t{1000}, whole}) {
    const TileClient client(view, size);
    const Hash root = view.root_at(size).value();
    CHECK(crypto::root_of(size, client).value() == root);
    crypto::LogFrontier rehashed;
    for (const crypto::Bytes& record : client.entries()) {
      rehashed.append(crypto::leaf_hash(record));
    }
    CHECK(rehashed.size() == size);
    CHECK(rehashed.root() == root);
    const auto proof = crypto::consistency_proof(size, whole, TileClient(view, whole));
    REQUIRE(proof.ok());
    CHECK(crypto::verify_consistency(size, root, whole, view.tip().root, *proof).ok());
  }
}

TEST_CASE("F13: what the checkpoint does not reach is not found, though the ledger has it") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  commit_to(*ledger, 40, {.declarations = 8, .consignments = 7, .body_bytes = 10});
  const node::LedgerView view = ledger->view();
  constexpr std::uint64_t kSize = 300;
  REQUIRE(view.tip().tree_size > 2 * kSize);
  const std::pair<LogTile, unsigned> asked[] = {
      {{false, 0, 0, 256}, 200}, {{false, 0, 0, 7}, 200},
      {{false, 0, 1, 44}, 200},  {{false, 0, 1, 45}, 404},
      {{false, 0, 1, 256}, 404}, {{false, 0, 2, 1}, 404},
      {{false, 1, 0, 1}, 200},   {{false, 1, 0, 2}, 404},
      {{false, 2, 0, 1}, 404},   {{true, 0, 0, 256}, 200},
      {{true, 0, 1, 44}, 200},   {{true, 0, 1, 45}, 404},
      {{true, 0, 2, 1}, 404},    {{true, 0, LogTile::kIndexMax, 255}, 404}};
  for (const auto& [tile, status] : asked) {
    CAPTURE(tile.path());
    const auto answer = node::tile_answer(view, tile, kSize);
    CHECK(answer.status == status);
    if (status == 404) CHECK(header_of(answer, "cache-control") == "no-store");
    // What only some may read is kept by nobody between.
    if (status == 200) {
      CHECK(header_of(answer, "cache-control").starts_with(tile.entries ? "private" : "public"));
    }
  }
}

}  // namespace
}  // namespace sanad::tests
