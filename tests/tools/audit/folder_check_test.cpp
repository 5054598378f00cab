// sanad ledger verify: a whole folder holds, and each thing that was done to one is named.
#include "tools/audit/folder_check.h"

#include "tests/tools/audit/real_ledger.h"

namespace sanad::tests {

using tools::FolderFindings;

namespace {

FolderFindings verified(const RealLedger& ledger) {
  auto found = tools::check_folder(ledger.data(), ledger.genesis(), [](const FolderFindings&) {});
  if (!found) FAIL(found.error().message());
  return std::move(*found);
}

std::string fault_of(const RealLedger& ledger) {
  const FolderFindings found = verified(ledger);
  return found.fault ? found.fault->text() : "no fault";
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

void change_block(const RealLedger& ledger, std::uint64_t height,
                  const std::function<void(node::BlockFrame&)>& change) {
  auto frames = frames_of_file(ledger.file("blocks"));
  Bytes& bytes = frames[frame_of_block(height)];
  auto frame = checked(crypto::decode<node::BlockFrame>(bytes));
  change(frame);
  bytes = crypto::encode(frame);
  write_frames(ledger.file("blocks"), frames);
}

void change_record(const RealLedger& ledger, std::size_t index,
                   const std::function<void(Record&)>& change) {
  auto frames = frames_of_file(ledger.file("records"));
  auto record = checked(decode_record(frames[1 + index]));
  change(record);
  frames[1 + index] = encode_record(record);
  write_frames(ledger.file("records"), frames);
}

}  // namespace

TEST_CASE("verify: a node's folder holds, in one file a series or in many") {
  for (const std::uint64_t segment_bytes : {node::kSegmentBytesMax, std::uint64_t{4096}}) {
    RealLedger ledger(segment_bytes);
    ledger.grow(9);
    const FolderFindings found = verified(ledger);
    if (found.fault) FAIL(found.fault->text());
    CHECK(found.blocks == 10);
    // Declared, verdict, released, twice, and the commit; yellow from block 3 on.
    CHECK(found.records == 1 + 2 * 7 + 7 * 5);
    CHECK(found.batches == 9);
    CHECK(found.bodies == 9 * 4);
    CHECK(found.tip.height == 9);
    CHECK(found.certified_height == 9);
    CHECK(found.tail.bytes == 0);
  }
}

TEST_CASE("verify: a last block under another one's certificate is not said to be final") {
  RealLedger ledger;
  ledger.grow(6);
  CHECK(verified(ledger).is_final());
  end_in_what_is_not_proved(ledger, 8);
  const FolderFindings found = verified(ledger);
  if (found.fault) FAIL(found.fault->text());
  CHECK(found.tip.height == 8);
  CHECK(found.certified_height == 7);
  CHECK_FALSE(found.is_final());
}

TEST_CASE("verify: a flipped byte of any series is named with its file") {
  RealLedger ledger;
  ledger.grow(4);
  for (const std::string series : {"blocks", "records", "bodies"}) {
    const Bytes good = bytes_of_file(ledger.file(series));
    // Not in the last block: there a length may pass for a commit that was cut short.
    const std::size_t end = good.size() * 7 / 10;
    for (std::size_t at = 300; at < end; at += 97) {
      Bytes bad = good;
      bad[at] ^= 0x20;
      write_bytes(ledger.file(series), bad);
      const std::string fault = fault_of(ledger);
      INFO(series << " at " << at);
      has(fault, series + "-00000000.seg");
      has(fault, "offset");
    }
    write_bytes(ledger.file(series), good);
  }
  CHECK(fault_of(ledger) == "no fault");
}

TEST_CASE("verify: records that were swapped or changed are named, checksums or not") {
  RealLedger ledger;
  ledger.grow(4);
  const auto good = frames_of_file(ledger.file("records"));
  auto frames = good;
  std::swap(frames[1 + 8], frames[1 + 9]);  // one consignment's, in block 2
  write_frames(ledger.file("records"), frames);
  std::string fault = fault_of(ledger);
  has(fault, "block 2, record 8");
  has(fault, "number 1 of its consignment and says 2");

  frames = good;
  std::swap(frames[1 + 8], frames[1 + 11]);  // of two consignments
  write_frames(ledger.file("records"), frames);
  has(fault_of(ledger), "block 2, record 9");  // whose consignment was begun by the other

  write_frames(ledger.file("records"), good);
  change_record(ledger, 9,
                [](Record& record) { std::get<VerdictGiven>(record.content).lane = Lane::kBlue; });
  has(fault_of(ledger), "another index root");
  write_frames(ledger.file("records"), good);
  change_record(ledger, 14, [](Record& record) {
    std::get<CommitRecord>(record.content).beacon.bytes[3] ^= 1;
  });
  has(fault_of(ledger), "block 2");
  has(fault_of(ledger), "do not lead to the log's root");
  write_frames(ledger.file("records"), good);
  change_record(ledger, 14, [](Record& record) {
    std::get<CommitRecord>(record.content).state_digest.bytes[3] ^= 1;
  });
  has(fault_of(ledger), "record 14");
  has(fault_of(ledger), "another state digest");
}

TEST_CASE("verify: a dropped block, another header, batch, body or certificate is named") {
  RealLedger ledger;
  ledger.grow(4);
  const auto blocks = frames_of_file(ledger.file("blocks"));
  const auto records = frames_of_file(ledger.file("records"));
  const auto bodies = frames_of_file(ledger.file("bodies"));
  const auto restore = [&] {
    write_frames(ledger.file("blocks"), blocks);
    write_frames(ledger.file("records"), records);
    write_frames(ledger.file("bodies"), bodies);
  };
  auto frames = blocks;
  frames.erase(frames.begin() + 4, frames.begin() + 6);  // block 2 and its batch
  write_frames(ledger.file("blocks"), frames);
  has(fault_of(ledger), "not the block of height 2");
  restore();

  change_block(ledger, 2, [](node::BlockFrame& frame) { frame.header[40] ^= 1; });
  has(fault_of(ledger), "block 2");
  restore();
  change_block(ledger, 3, [](node::BlockFrame& frame) { frame.finalization.back() ^= 1; });
  has(fault_of(ledger), "block 3");
  has(fault_of(ledger), "certificate: ");
  restore();
  change_block(ledger, 3, [](node::BlockFrame& frame) { frame.committed.time_ms += 1; });
  has(fault_of(ledger), "another time than the ledger noted");
  restore();
  change_block(ledger, 3, [](node::BlockFrame& frame) { frame.committed.root.bytes[0] ^= 1; });
  has(fault_of(ledger), "do not lead to the log's root");
  restore();

  frames = blocks;
  frames[5].back() ^= 1;  // the author's signature under the batch of block 2
  write_frames(ledger.file("blocks"), frames);
  has(fault_of(ledger), "block 2, batch 0");
  has(fault_of(ledger), "not the one that the header names");
  restore();
  frames = bodies;
  frames[1 + 5].back() ^= 1;
  write_frames(ledger.file("bodies"), frames);
  has(fault_of(ledger), "block 2, body 1, ");
  has(fault_of(ledger), "no statement or verdict of the block names it");
  restore();
  CHECK(fault_of(ledger) == "no fault");
}

TEST_CASE("verify: files that are missing or end early are damage, a short tail is not") {
  RealLedger ledger(4096);
  ledger.grow(20);
  for (const std::string series : {"blocks", "records", "bodies"}) {
    REQUIRE(std::filesystem::exists(ledger.file(series, 2)));
    std::filesystem::rename(ledger.file(series, 1), ledger.file(series, 9));
    has(fault_of(ledger), series + "-00000001.seg");
    std::filesystem::rename(ledger.file(series, 9), ledger.file(series, 1));
    const Bytes good = bytes_of_file(ledger.file(series, 1));
    write_bytes(ledger.file(series, 1), Bytes(good.begin(), good.end() - 20));
    has(fault_of(ledger), series + "-0000000");
    write_bytes(ledger.file(series, 1), good);
  }
  RealLedger small;
  small.grow(3);
  const Bytes good = bytes_of_file(small.file("records"));
  write_bytes(small.file("records"), Bytes(good.begin(), good.end() - 20));
  const FolderFindings found = verified(small);
  CHECK_FALSE(found.fault);
  CHECK(found.tip.height == 2);
  CHECK(found.tail.blocks == 1);
  CHECK(found.tail.bytes > 0);
}

TEST_CASE("verify: another network's genesis is refused") {
  RealLedger ledger;
  ledger.grow(1);
  chaincode::Genesis other = ledger.genesis();
  other.time_ms += 1;
  const auto found = tools::check_folder(ledger.data(), other, [](const FolderFindings&) {});
  REQUIRE_FALSE(found.ok());
  has(found.error().message(), "another network");
}

}  // namespace sanad::tests
