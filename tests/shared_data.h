// Public input data beside the project: used where present, demanded where CI is set.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "tests/folders.h"

namespace sanad::tests {

// The path of a shared file or folder. Absent: the test fails under CI, elsewhere the skip is
// printed as a line `SKIPPED <test>: <path>` that tools/test.sh counts, and nothing is returned.
inline std::optional<std::filesystem::path> shared_path(const std::string& relative) {
  const char* chosen = std::getenv("SANAD_SHARED");
  const auto path = (chosen ? std::filesystem::path(chosen) : shared_folder()) / relative;
  if (std::filesystem::exists(path)) return path;
  if (std::getenv("CI") != nullptr) FAIL("missing under CI: " << path.string());
  std::cout << "SKIPPED " << Catch::getResultCapture().getCurrentTestName() << ": no " << relative
            << "\n";
  return std::nullopt;
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sanad::tests
