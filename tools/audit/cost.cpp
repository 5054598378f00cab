#include "tools/audit/cost.h"

#include "tools/bench/measure.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

constexpr std::uint64_t kSignatures = 200;
constexpr std::uint64_t kRounds = 200;
constexpr std::size_t kHashedBytes = 1'000;  // about a body or a record with its neighbours

template <class Work>
std::uint64_t processor_ns_of(std::uint64_t times, Work work) {
  const std::uint64_t before = thread_processor_time_ns();
  for (std::uint64_t i = 0; i < times; ++i) work(i);
  return thread_processor_time_ns() - before;
}

std::uint64_t signature_ns() {
  const crypto::SigningKey key(crypto::Seed{});
  const crypto::Hash message = crypto::sha256({});
  const auto signature = key.sign(message.view());
  bool held = true;
  const std::uint64_t ns = processor_ns_of(kSignatures, [&](std::uint64_t) {
    held = held && crypto::verify(key.public_key(), message.view(), signature);
  });
  assert(held);
  return ns / kSignatures;
}

// Of a million bytes.
std::uint64_t hash_ns() {
  crypto::Bytes bytes(kHashedBytes);
  const std::uint64_t ns = processor_ns_of(kRounds, [&bytes](std::uint64_t i) {
    const crypto::Hash hash = crypto::sha256(bytes);
    bytes[i % bytes.size()] = hash.bytes[0];
  });
  return ns * (1'000'000 / kHashedBytes) / kRounds;
}

}  // namespace

CostMeter::CostMeter(const AuditFindings& before)
    : before_(before), began_ms_(now_ms()), began_processor_ns_(thread_processor_time_ns()) {}

AuditCost CostMeter::cost(const AuditFindings& found) const {
  AuditCost cost;
  cost.wall_ms = now_ms() - began_ms_;
  cost.processor_ms = (thread_processor_time_ns() - began_processor_ns_) / 1'000'000;
  cost.records_per_s =
      (found.records - before_.records) * 1'000 / std::max<std::uint64_t>(cost.wall_ms, 1);
  const std::uint64_t floor_ns = (found.signatures - before_.signatures) * signature_ns() +
                                 (found.bytes - before_.bytes) / 1'000 * hash_ns() / 1'000;
  cost.floor_ms = floor_ns / 1'000'000;
  return cost;
}

}  // namespace sanad::tools
