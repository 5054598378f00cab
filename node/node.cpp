#include "node/node.h"

#include <spdlog/spdlog.h>

#include <random>

#include "chaincode/contracts.h"
#include "node/api/api.h"
#include "node/errors.h"
#include "node/ledger/file_system.h"
#include "node/ledger/ledger.h"
#include "node/member_files.h"
#include "node/replica/evidence_judge.h"
#include "node/replica/replica.h"

namespace sanad::node {
namespace {

std::uint64_t system_random() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// Everyone's address by genesis index; this member's own is never dialled.
crypto::Result<network::MeshOptions> mesh_options(const NodeOptions& options,
                                                  const MemberFiles& files) {
  const NodeConfig& config = options.config;
  network::MeshOptions mesh;
  mesh.self = files.self;
  mesh.network_id = files.network_id;
  mesh.tls_seed = files.tls.seed();
  mesh.jitter_seed = system_random();
  mesh.listen = {config.peer_listen.host, config.peer_listen.port, options.inherited_peer_fd};
  for (const chaincode::Member& member : files.genesis.members) {
    network::PeerAddress address{config.peer_listen.host, 0, member.tls_key};
    for (const PeerConfig& peer : config.peers) {
      if (peer.member == member.id) {
        address.host = peer.address.host;
        address.port = peer.address.port;
      }
    }
    mesh.members.push_back(std::move(address));
  }
  return mesh;
}

crypto::Result<ApiOptions> api_options(const NodeOptions& options, const MemberFiles& files) {
  constexpr std::size_t kPemMax = 64 * 1024;
  const NodeConfig& config = options.config;
  ApiOptions api;
  api.listen = {config.api_listen.host, config.api_listen.port, options.inherited_api_fd};
  api.tokens = {files.api_token, files.auditor_token};
  api.self = files.self;
  api.page = options.verifier_page;
  if (!config.api_certificate.empty()) {
    SANAD_TRY(const auto certificate, read_small_file(config.api_certificate, kPemMax));
    SANAD_TRY(const auto key, read_small_file(config.api_key, kPemMax));
    api.tls = network::HttpTls{std::string(crypto::as_text(certificate)),
                               std::string(crypto::as_text(key))};
  }
  return api;
}

}  // namespace

// Members are destroyed in reverse order: users before what they use.
class Node::Parts {
 public:
  Parts(MemberFiles files, chaincode::Contracts made)
      : member(files.genesis.members[files.self].id),
        insecure(files.insecure_keys),
        contracts(std::move(made)) {}

  std::string member;
  bool insecure;
  chaincode::Contracts contracts;
  std::unique_ptr<Ledger> ledger;
  network::IoThread io;
  std::unique_ptr<Replica> replica;
  std::unique_ptr<Api> api;
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(0); }

crypto::Result<std::unique_ptr<Node>> Node::start(NodeOptions options) {
  SANAD_TRY(MemberFiles files, load_member_files(options.config, options.passphrase));
  SANAD_TRY(network::MeshOptions mesh, mesh_options(options, files));
  SANAD_TRY(ApiOptions api, api_options(options, files));
  SANAD_TRY(chaincode::Contracts contracts,
            chaincode::Contracts::create(files.genesis, files.secret, evidence_judge));
  FileSystem& disk = real_file_system();
  const std::string data = options.config.data;
  ReplicaOptions replica;
  replica.self = files.self;
  replica.journal_folder = data + "/journal";
  replica.quarantine = options.quarantine;
  const crypto::Hash network_id = files.network_id;
  MemberKeys keys = std::move(files.keys);
  auto parts = std::make_unique<Parts>(std::move(files), std::move(contracts));
  replica.contracts = &parts->contracts;
  SANAD_TRY(parts->ledger, Ledger::open({data + "/ledger", network_id}));
  SANAD_TRY(parts->replica,
            Replica::start(std::move(replica), std::move(keys),
                           ReplicaEnvironment{disk, *parts->ledger, parts->io}, std::move(mesh)));
  SANAD_TRY(parts->api, Api::start(std::move(api), ApiSources{parts->contracts, *parts->ledger,
                                                              *parts->replica, parts->io}));
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

std::uint16_t Node::peer_port() const { return parts_->replica->peer_port(); }
std::uint16_t Node::api_port() const { return parts_->api->port(); }
const std::string& Node::member() const { return parts_->member; }
bool Node::insecure_keys() const { return parts_->insecure; }

crypto::Status Node::health() const {
  SANAD_TRY_STATUS(parts_->ledger->health());
  const ReplicaStatus status = parts_->replica->status();
  if (!status.serving && !status.trouble.empty()) {
    return crypto::Error{Errc::kStopped, status.trouble};
  }
  return {};
}

void Node::stop(std::uint64_t drain_ms) {
  if (!parts_) return;
  if (drain_ms > 0 && !parts_->replica->drain(drain_ms)) {
    spdlog::warn("stopped with submissions that were not final yet; their senders send them again");
  }
  parts_->api->stop();
  parts_->replica->stop();
  parts_.reset();
}

}  // namespace sanad::node
