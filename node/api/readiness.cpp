#include "node/api/readiness.h"

#include "crypto/codec_json.h"
#include "node/api/problem.h"

namespace sanad::node {

network::HttpResponse readiness(const ReplicaStatus& status) {
  const std::string reason = !status.serving        ? "this node does not serve: " + status.trouble
                             : status.in_quarantine ? "in quarantine: it follows and does not vote"
                             : !status.quorum_reachable ? "links to fewer members than a quorum"
                             : !status.caught_up        ? "catching up with the others"
                                                        : "";
  crypto::JsonWriter text;
  text.begin_object();
  text.name("ready");
  text.write_bool(reason.empty());
  text.name("reason");
  text.write_text(printable(reason));
  text.end_object();
  network::HttpResponse response;
  response.status = reason.empty() ? 200 : 503;
  response.body = text.take() + "\n";
  return response;
}

}  // namespace sanad::node
