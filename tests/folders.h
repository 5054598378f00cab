// Folders that tests read, as they were when the tests were built.
#pragma once

#include <filesystem>

namespace sanad::tests {

std::filesystem::path source_folder();  // the root of this repository
std::filesystem::path shared_folder();  // public input data; may be absent

}  // namespace sanad::tests
