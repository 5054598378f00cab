#include "node/api/readiness.h"

#include <catch2/catch.hpp>

#include "crypto/codec_json.h"
#include "node/api/problem.h"

namespace sanad::tests {
namespace {

struct Ready {
  bool ready = false;
  std::string reason;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(ready), SANAD_FIELD(reason));
  }
};

Ready said(const node::ReplicaStatus& status, unsigned http_status) {
  const auto response = node::readiness(status);
  CHECK(response.status == http_status);
  const auto ready = crypto::from_json<Ready>(response.body);
  if (!ready) FAIL(ready.error().message());
  return *ready;
}

TEST_CASE("API: readiness has its reason") {
  node::ReplicaStatus status;
  CHECK(said(status, 503).reason == "links to fewer members than a quorum");
  status.quorum_reachable = true;
  CHECK(said(status, 503).reason == "catching up with the others");
  status.caught_up = true;
  CHECK(said(status, 200).ready);
}

TEST_CASE("H78: a path that no JSON can hold is told all the same") {
  node::ReplicaStatus status;
  status.serving = false;
  status.trouble = "/data/\x1b[31m\n\xff/journal: the disk failed";
  CHECK(said(status, 503).reason ==
        "this node does not serve: /data/?[31m\?\?/journal: the disk failed");
  const auto problem = node::problem(500, "a title", status.trouble);
  CHECK(problem.body.find("/data/?[31m\?\?/journal") != std::string::npos);
  CHECK(node::printable("Zoll für Ü") == "Zoll für Ü");
}

}  // namespace
}  // namespace sanad::tests
