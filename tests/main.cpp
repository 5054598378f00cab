#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/folders.h"

namespace sanad::tests {
namespace {

// OpenSSL writes to a raw socket of a test without MSG_NOSIGNAL; the other side may be gone.
[[maybe_unused]] const auto kBefore = std::signal(SIGPIPE, SIG_IGN);

}  // namespace

std::filesystem::path source_folder() { return SANAD_SOURCE_DIR; }
std::filesystem::path shared_folder() { return SANAD_SHARED_DIR; }

}  // namespace sanad::tests
