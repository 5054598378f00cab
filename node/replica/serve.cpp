#include "node/replica/serve.h"

namespace sanad::node {

std::vector<NodeMessage> answers_to(const Archive& archive, const Serve& request) {
  std::vector<NodeMessage> answers;
  if (const auto* blocks = std::get_if<consensus::ServeBlocks>(&request)) {
    if (auto found = archive.blocks(blocks->request)) {
      answers.emplace_back(ConsensusMessage{crypto::encode(consensus::Message(std::move(*found)))});
    }
    return answers;
  }
  BatchesMissing missing;
  for (Batch& batch : archive.batches(std::get<ServeBatches>(request).request, missing.digests)) {
    answers.emplace_back(std::move(batch));
  }
  if (!missing.digests.empty()) answers.emplace_back(std::move(missing));
  return answers;
}

}  // namespace sanad::node
