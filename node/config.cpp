#include "node/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>

#include "node/errors.h"

namespace sanad::node {
namespace {

constexpr std::size_t kFileMax = 256 * 1024;
constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warn", "error"};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

// Reads tables against the keys they may hold and gathers every fault.
class Reader {
 public:
  explicit Reader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void fault(const toml::source_region& at, const std::string& what) {
    faults_ += "\n  line " + std::to_string(at.begin.line) + ": " + what;
  }
  void fault(const std::string& what) { faults_ += "\n  " + what; }
  [[nodiscard]] const std::string& faults() const { return faults_; }

  void only(const toml::table& table, const std::vector<std::string_view>& known) {
    for (const auto& entry : table) {
      const std::string_view key = entry.first.str();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const auto nearest = std::min_element(known.begin(), known.end(), [key](auto a, auto b) {
        return edit_distance(key, a) < edit_distance(key, b);
      });
      fault(entry.first.source(), "unknown key \"" + std::string(key) + "\"; did you mean \"" +
                                      std::string(*nearest) + "\"?");
    }
  }

  std::string text(const toml::table& table, std::string_view key, bool required = true) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      if (required) fault(table.source(), "\"" + std::string(key) + "\" is missing");
      return {};
    }
    const auto* value = node->as_string();
    if (value == nullptr) {
      fault(node->source(), "\"" + std::string(key) + "\" must be text in quotes");
      return {};
    }
    return value->get();
  }

  std::filesystem::path path(const toml::table& table, std::string_view key, bool required = true) {
    const std::string value = text(table, key, required);
    return value.empty() ? std::filesystem::path() : folder_ / value;
  }

  Address address(const toml::table& table, std::string_view key) {
    const std::string value = text(table, key);
    if (value.empty()) return {};
    auto parsed = Address::parse(value);
    if (!parsed) {
      fault(table.get(key)->source(), parsed.error().detail);
      return {};
    }
    return *parsed;
  }

  const toml::table& section(const toml::table& table, std::string_view key) {
    static const toml::table empty;
    const toml::node* node = table.get(key);
    if (node == nullptr || !node->is_table()) {
      fault("the section [" + std::string(key) + "] is missing");
      return empty;
    }
    return *node->as_table();
  }

 private:
  std::filesystem::path folder_;
  std::string faults_;
};

void read_peers(Reader& reader, const toml::table& root, NodeConfig& config) {
  const toml::node* node = root.get("peers");
  if (node == nullptr) return;  // a network of one member has none
  if (!node->is_array_of_tables()) return reader.fault(node->source(), "write peers as [[peers]]");
  std::set<std::string> seen = {config.member};
  for (const toml::node& item : *node->as_array()) {
    const toml::table& table = *item.as_table();
    reader.only(table, {"member", "address"});
    PeerConfig peer{reader.text(table, "member"), reader.address(table, "address")};
    if (!seen.insert(peer.member).second) {
      reader.fault(table.source(), "member \"" + peer.member + "\" is named twice");
    }
    config.peers.push_back(std::move(peer));
  }
}

void read_api(Reader& reader, const toml::table& root, NodeConfig& config) {
  const toml::table& api = reader.section(root, "api");
  reader.only(api, {"listen", "token", "auditor_token", "certificate", "key"});
  config.api_listen = reader.address(api, "listen");
  config.api_token = reader.path(api, "token");
  config.auditor_token = reader.path(api, "auditor_token", false);
  config.api_certificate = reader.path(api, "certificate", false);
  config.api_key = reader.path(api, "key", false);
  const bool tls = !config.api_certificate.empty() && !config.api_key.empty();
  if (config.api_certificate.empty() != config.api_key.empty()) {
    reader.fault(api.source(), "give both \"certificate\" and \"key\", or neither");
  } else if (!config.api_listen.is_loopback() && !tls) {
    reader.fault(api.source(), "the API listens beyond this machine (" + config.api_listen.text() +
                                   "): that needs \"certificate\" and \"key\" for TLS");
  }
}

NodeConfig read_all(Reader& reader, const toml::table& root) {
  NodeConfig config;
  reader.only(root, {"member", "genesis", "data", "log_level", "keys", "peer", "api", "peers"});
  config.member = reader.text(root, "member");
  config.genesis = reader.path(root, "genesis");
  config.data = reader.path(root, "data");
  if (root.contains("log_level")) config.log_level = reader.text(root, "log_level");
  if (std::find(kLogLevels.begin(), kLogLevels.end(), config.log_level) == kLogLevels.end()) {
    reader.fault("log_level is trace, debug, info, warn or error");
  }
  const toml::table& keys = reader.section(root, "keys");
  reader.only(keys, {"folder", "secret", "beacon"});
  config.keys = reader.path(keys, "folder");
  config.secret = reader.path(keys, "secret");
  config.beacon = reader.path(keys, "beacon");
  const toml::table& peer = reader.section(root, "peer");
  reader.only(peer, {"listen"});
  config.peer_listen = reader.address(peer, "listen");
  read_api(reader, root, config);
  read_peers(reader, root, config);
  return config;
}

}  // namespace

std::string Address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::is_loopback() const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

crypto::Result<Address> Address::parse(std::string_view text) {
  const crypto::Error fault{
      Errc::kConfig, "\"" + std::string(text) + "\" is not an address; write it as 127.0.0.1:7401"};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fault;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Address address{std::string(host), 0};
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (status != std::errc() || end != port.data() + port.size()) return fault;
  boost::system::error_code error;
  boost::asio::ip::make_address(address.host, error);
  if (error) return fault;
  return address;
}

crypto::Result<NodeConfig> load_config(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return crypto::Error{Errc::kConfig, "cannot read " + file.string()};
  std::string text(kFileMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kFileMax) return crypto::Error{Errc::kConfig, file.string() + " is too large"};
  try {
    const toml::table root = toml::parse(text);
    Reader reader(std::filesystem::absolute(file).parent_path());
    NodeConfig config = read_all(reader, root);
    if (reader.faults().empty()) return config;
    return crypto::Error{Errc::kConfig, file.string() + ":" + reader.faults()};
  } catch (const toml::parse_error& error) {
    return crypto::Error{Errc::kConfig, file.string() + ": line " +
                                            std::to_string(error.source().begin.line) + ": " +
                                            std::string(error.description())};
  }
}

std::string to_toml(const NodeConfig& config) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    return out + "\"";
  };
  const auto line = [&quoted](std::string_view key, const std::string& value) {
    return value.empty() ? std::string() : std::string(key) + " = " + quoted(value) + "\n";
  };
  std::string text = line("member", config.member) + line("genesis", config.genesis) +
                     line("data", config.data) + line("log_level", config.log_level);
  text += "\n[keys]\n" + line("folder", config.keys) + line("secret", config.secret) +
          line("beacon", config.beacon);
  text += "\n[peer]\n" + line("listen", config.peer_listen.text());
  text += "\n[api]\n" + line("listen", config.api_listen.text()) + line("token", config.api_token) +
          line("auditor_token", config.auditor_token) +
          line("certificate", config.api_certificate) + line("key", config.api_key);
  for (const PeerConfig& peer : config.peers) {
    text += "\n[[peers]]\n" + line("member", peer.member) + line("address", peer.address.text());
  }
  return text;
}

}  // namespace sanad::node
