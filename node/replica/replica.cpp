#include "node/replica/replica.h"

#include "node/replica/shell.h"

namespace sanad::node {

Replica::Replica(std::unique_ptr<Shell> shell) : shell_(std::move(shell)) {}
Replica::~Replica() = default;

crypto::Result<std::unique_ptr<Replica>> Replica::start(ReplicaOptions options, MemberKeys keys,
                                                        ReplicaEnvironment environment,
                                                        network::MeshOptions mesh) {
  auto shell = std::make_unique<Shell>(std::move(options), std::move(keys), environment);
  SANAD_TRY_STATUS(shell->start(std::move(mesh)));
  return std::unique_ptr<Replica>(new Replica(std::move(shell)));
}

void Replica::submit(crypto::Bytes submission, SubmitCallbacks callbacks) {
  shell_->submit(std::move(submission), std::move(callbacks));
}

std::optional<chaincode::SubmissionStatus> Replica::outcome(const crypto::Hash& id) const {
  return shell_->outcome(id);
}

std::optional<std::string> Replica::latest_checkpoint() const { return checkpoint_for(0); }

std::optional<std::string> Replica::checkpoint_for(std::uint64_t height) const {
  const auto note = shell_->newest_note();
  if (!note || note->end.height < height) return std::nullopt;
  return note->note;
}

crypto::Receipt Replica::sign_receipt(const crypto::Hash& root, std::uint64_t size,
                                      std::uint64_t index, std::vector<crypto::Hash> path) const {
  return crypto::sign_receipt(shell_->log_key(), root, size, index, std::move(path));
}

ReplicaStatus Replica::status() const { return shell_->status(); }
ReplicaCounters Replica::counters() const { return shell_->counters(); }
network::MeshStats Replica::mesh_stats() const { return shell_->mesh_stats(); }
std::uint16_t Replica::peer_port() const { return shell_->peer_port(); }

std::uint64_t Replica::told_height() const { return shell_->told_height(); }

Replica::SubscriptionId Replica::subscribe(Subscriber subscriber) {
  return shell_->subscribe(std::move(subscriber));
}
void Replica::unsubscribe(SubscriptionId id) { shell_->unsubscribe(id); }

bool Replica::drain(std::uint64_t limit_ms) { return shell_->drain(limit_ms); }
void Replica::stop() { shell_->stop(); }

}  // namespace sanad::node
