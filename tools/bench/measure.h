// What the benchmarks measure with: this machine's disk, processes' processor time, sizes on disk.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "crypto/result.h"

namespace sanad::tools {

// The value below which `percent` of the samples lie; 0 without samples. Sorts its copy.
std::uint64_t percentile(std::vector<std::uint64_t> samples, unsigned percent);

// Appends 4 KiB and syncs, `rounds` times, in a file of its own in `folder`. Microseconds each.
crypto::Result<std::vector<std::uint64_t>> measure_fdatasync(const std::filesystem::path& folder,
                                                             std::size_t rounds);

// User and system time that the process has used, in microseconds (steps of the kernel's tick,
// 10 ms); 0 if there is no such process.
std::uint64_t processor_time_us(pid_t process);
// The same for this process, fine-grained.
std::uint64_t own_processor_time_us();
// Of the calling thread.
std::uint64_t thread_processor_time_ns();

// Bytes of all files below a folder.
std::uint64_t folder_bytes(const std::filesystem::path& folder);

}  // namespace sanad::tools
