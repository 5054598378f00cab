// Where the seeds of one target are written: the same bytes in every run.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "chaincode/statement.h"
#include "consensus/messages.h"

namespace sanad::fuzz {

class SeedFolder {
 public:
  explicit SeedFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  void add(const std::string& name, std::string_view text) {
    std::ofstream file(folder_ / name, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    good_ = good_ && file.good();
  }
  void add(const std::string& name, crypto::ByteView bytes) { add(name, crypto::as_text(bytes)); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::filesystem::path folder_;
  bool good_ = true;
};

consensus::BlockHeader sample_header();
chaincode::Submission sample_submission(const crypto::Hash& network);

// seeds_node.cpp: the targets of what a node reads from its peers, its clients and its disk.
bool add_node_seeds(const std::filesystem::path& corpus);

}  // namespace sanad::fuzz
