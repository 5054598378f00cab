// Canonical bytes of what members store and send. The first byte chooses the type, the rest is the
// value: whatever is read is written as the same bytes, and its JSON form says the same.
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "chaincode/record.h"
#include "chaincode/rules/evaluate.h"
#include "consensus/journal_record.h"
#include "consensus/messages.h"
#include "crypto/codec_json.h"
#include "crypto/receipt.h"

namespace {

using namespace sanad;
using crypto::Bytes;
using crypto::ByteView;

template <class T>
void hold_promises(const crypto::Result<T>& value, ByteView bytes) {
  if (!value) {
    assert(!value.error().message().empty());
    return;
  }
  const Bytes expected(bytes.begin(), bytes.end());
  assert(crypto::encode(*value) == expected);
  const auto again = crypto::from_json<T>(crypto::to_json(*value));
  assert(again && crypto::encode(*again) == expected);
}

template <class T>
void read(ByteView bytes) {
  hold_promises(crypto::decode<T>(bytes), bytes);
}

void read_record(ByteView bytes) { hold_promises(chaincode::decode_record(bytes), bytes); }

void read_cose(ByteView bytes) {
  const auto message = crypto::parse_cose(bytes);
  assert(!message || crypto::encode_cose(*message) == Bytes(bytes.begin(), bytes.end()));
}

void read_receipt(ByteView bytes) {
  const auto receipt = crypto::parse_receipt(bytes);
  if (!receipt) return;
  assert(crypto::encode_receipt(*receipt) == Bytes(bytes.begin(), bytes.end()));
  const auto root = crypto::verify_receipt(*receipt, crypto::Hash());
  assert(!root || receipt->index < receipt->size);
}

using Read = void (*)(ByteView);
// The position is part of the corpus: append only.
constexpr std::array<Read, 11> kTypes = {read<chaincode::Submission>,
                                         read<chaincode::SubmissionPayload>,
                                         read<chaincode::Statement>,
                                         read<crypto::Body>,
                                         read_record,
                                         read<chaincode::StoredDetail>,
                                         read<chaincode::rules::Verdict>,
                                         read<consensus::Message>,
                                         read<consensus::JournalRecord>,
                                         read_cose,
                                         read_receipt};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  kTypes[data[0] % kTypes.size()](ByteView(data + 1, size - 1));
  return 0;
}
