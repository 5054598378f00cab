// Proof files: the first line is a trust file, the rest a bundle, a `.tlog-proof` with its record
// in `extra`, or the text of a QR code. Whatever is accepted has one text form, and checking it
// ends in an answer, with a reason that has a name.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chaincode/bundle.h"
#include "chaincode/record_proof.h"

namespace {

using namespace sanad;
using namespace sanad::chaincode;

bool is_reason(const crypto::Error& error) { return error.code.category() == unproved_category(); }

void read_bundle(std::string_view text, const Trust* trust) {
  const auto bundle = parse_bundle(text);
  if (!bundle) return assert(is_reason(bundle.error()));
  assert(format_bundle(*bundle) == text);
  if (trust == nullptr) return;
  const auto found = verify_bundle(*bundle, *trust);
  if (!found) return assert(is_reason(found.error()));
  assert(found->records.size() == bundle->records.size());
  assert(found->since + found->records.size() == found->history_size);
  assert(check_growth(*found, *found).ok() == (found->since == found->history_size));
}

void read_record(const crypto::TlogProof& proof, const Trust* trust) {
  if (trust == nullptr || !proof.extra) return;
  const auto found = verify_record(proof, *proof.extra, *trust);
  if (!found) return assert(is_reason(found.error()));
  const QrProof small = make_qr_proof(proof, *proof.extra, *trust);
  const auto again = verify_qr(small, *trust);
  assert(again && again->tree_root == found->tree_root);
}

void read_qr(std::string_view text, const Trust* trust) {
  const auto proof = parse_qr(text);
  if (!proof) return assert(is_reason(proof.error()));
  assert(format_qr(*proof) == text);
  if (trust == nullptr) return;
  const auto found = verify_qr(*proof, *trust);
  assert(found ? found->index == proof->index : is_reason(found.error()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const auto trust = parse_trust(input.substr(0, end + 1));
  const Trust* whom = trust ? &*trust : nullptr;
  const std::string_view rest = input.substr(end + 1);
  read_bundle(rest, whom);
  read_qr(rest, whom);
  if (const auto proof = crypto::TlogProof::parse(rest)) read_record(*proof, whom);
  return 0;
}
