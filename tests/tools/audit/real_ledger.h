// A ledger folder as a node writes it: blocks with their certificates, executed and committed; and
// its files to tamper with, frame by frame, checksums made right again.
#pragma once

#include <fstream>

#include "node/ledger/crc32c.h"
#include "node/ledger/open_folder.h"
#include "node/ledger/storage.h"
#include "node/replica/evidence_judge.h"
#include "node/replica/executor.h"
#include "tests/node/replica/replica_sample.h"
#include "tests/tools/folder.h"

namespace sanad::tests {

class RealLedger {
 public:
  explicit RealLedger(std::uint64_t segment_bytes_max = node::kSegmentBytesMax)
      : RealLedger(sample_secret(), segment_bytes_max) {}
  // Executed with another secret than the network's, the contracts come to other results.
  explicit RealLedger(const crypto::NetworkSecret& executed_with,
                      std::uint64_t segment_bytes_max = node::kSegmentBytesMax)
      : contracts_(checked(chaincode::Contracts::create(signer_.genesis(), sample_secret(),
                                                        node::evidence_judge))),
        executed_(checked(
            chaincode::Contracts::create(signer_.genesis(), executed_with, node::evidence_judge))) {
    options_ = {.folder = (folder_.path() / "data" / "ledger").string(),
                .network_id = signer_.network(),
                .segment_bytes_max = segment_bytes_max,
                .write_buffer_bytes = 64 << 10};
  }

  // Blocks of one submission with two declarations each, up to this height; closed again.
  void grow(std::uint64_t height) {
    auto ledger = checked(node::Ledger::open(options_));
    node::Executor executor(executed_, *ledger);
    REQUIRE(executor.prepare().ok());
    while (ledger->tip()->height < height) {
      REQUIRE(executor.append(executor.execute(next_block(*ledger->tip()))).ok());
      REQUIRE(executor.commit().ok());
    }
  }

  [[nodiscard]] const chaincode::Genesis& genesis() const { return signer_.genesis(); }
  [[nodiscard]] const chaincode::Contracts& contracts() const { return contracts_; }
  [[nodiscard]] const node::LedgerOptions& options() const { return options_; }
  [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }
  [[nodiscard]] std::filesystem::path file(const std::string& series, unsigned number = 0) const {
    return data() / "ledger" / "segments" / (series + "-0000000" + std::to_string(number) + ".seg");
  }

 private:
  node::FinalizedBlock next_block(const node::CommittedBlock& parent) {
    const consensus::Committee& committee = signer_.committee();
    node::FinalizedBlock made;
    consensus::BlockHeader& header = made.header;
    header.chain_id = signer_.network();
    header.epoch = committee.epoch();
    header.height = parent.height + 1;
    header.origin_view = header.height;
    header.proposer = committee.leader(header.origin_view);
    header.parent = parent.block_hash;
    header.time_ms = kGenesisMs + header.height * 1'000;
    const auto author = static_cast<std::uint8_t>(header.height % kAuthorities.size());
    made.batches = {node::make_batch(signer_.context(), author, header.height,
                                     {signer_.submission(author, 2)},
                                     key_of(kConsensusKey, author))};
    header.batches = {made.batches[0]->ref()};
    made.hash = consensus::block_hash(header);
    made.finalization = certificate(made);
    return made;
  }

  [[nodiscard]] consensus::Certificate certificate(const node::CandidateBlock& block) const {
    consensus::Certificate made;
    made.subject = consensus::finalize(block.header.epoch, block.header.origin_view, block.hash);
    made.signers = {0b0111};
    for (std::uint8_t voter = 0; voter < 3; ++voter) {
      made.signatures.push_back(
          sign_vote(signer_.network(), made.subject, voter, key_of(kConsensusKey, voter))
              .signature);
    }
    return made;
  }

  OwnFolder folder_;
  Signer signer_;
  chaincode::Contracts contracts_;
  chaincode::Contracts executed_;
  node::LedgerOptions options_;
};

inline Bytes bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_bytes(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// The frames of one segment file, the head first; what is changed is written with good checksums.
inline std::vector<Bytes> frames_of_file(const std::filesystem::path& path) {
  const Bytes bytes = bytes_of_file(path);
  std::vector<Bytes> frames;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = (length << 8) | bytes[at + i];
    at += node::kFrameHeadBytes;
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    frames.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
    at += length;
  }
  return frames;
}
inline void write_frames(const std::filesystem::path& path, const std::vector<Bytes>& frames) {
  Bytes bytes;
  for (const Bytes& frame : frames) {
    Bytes length;
    for (unsigned i = 0; i < 4; ++i) {
      length.push_back(static_cast<std::uint8_t>(frame.size() >> (8 * i)));
    }
    const std::uint32_t sum = node::crc32c(frame, node::crc32c(length));
    for (unsigned i = 0; i < 4; ++i) length.push_back(static_cast<std::uint8_t>(sum >> (8 * i)));
    crypto::append(bytes, length);
    crypto::append(bytes, frame);
  }
  write_bytes(path, bytes);
}

// The block-frame of a height, its batches after it; one batch a block above genesis.
inline std::size_t frame_of_block(std::uint64_t height) { return height == 0 ? 1 : 2 * height; }

// A last block that carries the certificate of one which is nowhere: as if somebody had added it,
// or a group of blocks had been cut. REQUIRES: one file a series.
inline void end_in_what_is_not_proved(RealLedger& ledger, std::uint64_t height) {
  ledger.grow(height + 1);
  auto frames = frames_of_file(ledger.file("blocks"));
  const auto frame_at = [&](std::uint64_t of) {
    return checked(crypto::decode<node::BlockFrame>(frames[frame_of_block(of)]));
  };
  node::BlockFrame last = frame_at(height);
  last.finalization = frame_at(height + 1).finalization;
  frames[frame_of_block(height)] = crypto::encode(last);
  frames.resize(frame_of_block(height + 1));
  write_frames(ledger.file("blocks"), frames);
}

}  // namespace sanad::tests
