#include "tools/bench/measure.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>

#include "tools/errc.h"

namespace sanad::tools {
namespace {

std::uint64_t clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

std::uint64_t percentile(std::vector<std::uint64_t> samples, unsigned percent) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return samples[std::min(samples.size() - 1, samples.size() * percent / 100)];
}

crypto::Result<std::vector<std::uint64_t>> measure_fdatasync(const std::filesystem::path& folder,
                                                             std::size_t rounds) {
  const auto path = folder / "fdatasync.probe";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return crypto::Error{Errc::kBadFile, "cannot write " + path.string()};
  const std::array<char, 4096> block{};
  std::vector<std::uint64_t> samples;
  bool written = true;
  for (std::size_t i = 0; i < rounds && written; ++i) {
    const std::uint64_t start = clock_us(CLOCK_MONOTONIC);
    written = ::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
              ::fdatasync(file) == 0;
    samples.push_back(clock_us(CLOCK_MONOTONIC) - start);
  }
  ::close(file);
  std::filesystem::remove(path);
  if (!written) return crypto::Error{Errc::kBadFile, "cannot sync " + path.string()};
  return samples;
}

std::uint64_t processor_time_us(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // The name in brackets may hold spaces; fields are counted after it: utime is the 12th, stime
  // the 13th (proc(5), fields 14 and 15).
  const auto end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream rest(text.substr(end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) rest >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  rest >> user >> system;
  const auto ticks_per_s = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return (user + system) * 1'000'000 / ticks_per_s;
}

std::uint64_t own_processor_time_us() { return clock_us(CLOCK_PROCESS_CPUTIME_ID); }

std::uint64_t thread_processor_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  std::error_code error;  // files that a running node removes meanwhile do not count
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) sum += size;
  }
  return sum;
}

}  // namespace sanad::tools
