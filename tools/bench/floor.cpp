#include "tools/bench/floor.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

#include "crypto/cose.h"
#include "tools/bench/measure.h"
#include "tools/generator.h"

namespace sanad::tools {
namespace {

crypto::Result<std::vector<crypto::Bytes>> make_submissions(const Member& member, std::size_t batch,
                                                            std::size_t declarations) {
  const crypto::SigningKey key(fresh<crypto::Seed>());
  GeneratorPlan plan;
  plan.members = {member.id};
  Generator generator(plan);
  SubmissionBuilder builder(member, key, batch);
  std::vector<crypto::Bytes> wires;
  for (std::size_t made = 0; made < declarations;) {
    for (const Generated& one : generator.next()) {
      SANAD_TRY_STATUS(builder.add_declaration(one.declaration));
      ++made;
      if (builder.full()) wires.push_back(builder.take().submission.wire);
    }
  }
  if (builder.size() > 0) wires.push_back(builder.take().submission.wire);
  return wires;
}

}  // namespace

crypto::Result<Floor> measure_floor(const Member& member, const std::filesystem::path& folder,
                                    std::size_t batch, std::size_t declarations) {
  SANAD_TRY(const auto wires, make_submissions(member, batch, declarations));
  std::vector<crypto::CoseSign1> signatures;
  for (const crypto::Bytes& wire : wires) {
    SANAD_TRY(const auto submission, crypto::decode<chaincode::Submission>(wire));
    SANAD_TRY(auto cose, crypto::parse_cose(submission.cose));
    signatures.push_back(std::move(cose));
  }
  const auto path = folder / "floor.probe";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return crypto::Error{Errc::kBadFile, "cannot write " + path.string()};
  Floor floor;
  bool held = true;
  const std::uint64_t processor_before = own_processor_time_us();
  const auto wall_before = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < wires.size() && held; ++i) {
    floor.bytes += wires[i].size();
    held =
        !crypto::sha256(wires[i]).is_zero() && crypto::verify_cose(signatures[i]).ok() &&
        ::write(file, wires[i].data(), wires[i].size()) == static_cast<ssize_t>(wires[i].size()) &&
        ::fdatasync(file) == 0;
  }
  const std::uint64_t processor_us = own_processor_time_us() - processor_before;
  const auto wall = std::chrono::steady_clock::now() - wall_before;
  ::close(file);
  std::filesystem::remove(path);
  if (!held) return crypto::Error{Errc::kBadFile, "cannot write and sync " + path.string()};
  floor.declarations = declarations;
  floor.bytes /= declarations;
  floor.processor_ns = processor_us * 1'000 / declarations;
  floor.wall_us = static_cast<std::uint64_t>(
                      std::chrono::duration_cast<std::chrono::microseconds>(wall).count()) /
                  declarations;
  return floor;
}

}  // namespace sanad::tools
