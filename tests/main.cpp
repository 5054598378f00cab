#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "tests/folders.h"

namespace sanad::tests {

std::filesystem::path source_folder() { return SANAD_SOURCE_DIR; }
std::filesystem::path shared_folder() { return SANAD_SHARED_DIR; }

}  // namespace sanad::tests
