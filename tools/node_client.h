// The tools' side of a node's API (docs/api.md): typed answers, problems as errors, safe repeats.
#pragma once

#include "chaincode/api_types.h"
#include "chaincode/bundle.h"
#include "crypto/tlog_proof.h"
#include "network/http_client.h"
#include "tools/member.h"

namespace sanad::tools {

struct Patience {
  std::uint64_t total_ms = 60'000;  // for one submission, repeats included
  std::uint64_t pause_ms = 100;     // before the first repeat; doubles up to pause_max_ms
  std::uint64_t pause_max_ms = 2'000;
};

// One kept connection. Not thread-safe: one a thread.
//
// Errors: kNoAnswer where nobody answered (with the address and what to try); kRefused, kInvalid
// and kNotFound with the problem's title and detail; kBadAnswer.
class NodeClient {
 public:
  explicit NodeClient(const Member& member, Patience patience = {});

  // Sends the submission and waits until it is final or expired. The same bytes are sent again
  // after a lost connection, a busy node (503) or a wait that ended early: the ledger answers a
  // repeat with the first outcome. kNoAnswer after Patience::total_ms; it may still become final
  // then.
  crypto::Result<chaincode::SubmissionStatus> submit(const crypto::Hash& id, crypto::ByteView wire);
  // Nothing where the node has never seen it.
  crypto::Result<std::optional<chaincode::SubmissionStatus>> status(const crypto::Hash& id);

  crypto::Result<chaincode::NetworkAnswer> network();
  crypto::Result<chaincode::ConsignmentAnswer> consignment(const crypto::Handle& handle);
  // `since`: without the first so many records.
  crypto::Result<chaincode::Bundle> bundle(const crypto::Handle& handle, std::uint64_t since = 0);
  crypto::Result<chaincode::RecordAnswer> record(std::uint64_t index);
  // Of the newest checkpoint that covers the record.
  crypto::Result<crypto::TlogProof> record_proof(std::uint64_t index);
  // Up to 1,000 records from `first` on.
  crypto::Result<chaincode::RecordPage> records(std::uint64_t first, std::uint64_t count);
  // A COSE receipt of a record (crypto/receipt.h), signed by this node's member. Unchecked.
  crypto::Result<crypto::Bytes> receipt(std::uint64_t index);
  // A health answer's status code; kNoAnswer where nobody listens.
  crypto::Result<unsigned> ready();

 private:
  crypto::Result<network::HttpAnswer> call(network::HttpCall call);
  template <class T>
  crypto::Result<T> get_json(const std::string& target);

  network::HttpClient http_;
  std::string address_;
  std::string authorization_;
  Patience patience_;
};

}  // namespace sanad::tools
