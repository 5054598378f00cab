#include "node/config.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "node/errors.h"

namespace sanad::node {
namespace {

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    path_ = std::filesystem::temp_directory_path() / "sanad_config_XXXXXX";
    std::string name = path_.string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "node.toml";
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

NodeConfig good() {
  NodeConfig config;
  config.member = "KW";
  config.genesis = "../genesis.cbor";
  config.data = "data";
  config.keys = "keys \"odd\"";
  config.secret = "network.secret";
  config.beacon = "beacon.seed";
  config.peer_listen = {"127.0.0.1", 7401};
  config.api_listen = {"127.0.0.1", 0};
  config.api_token = "api.token";
  config.auditor_token = "auditor.token";
  config.peers = {{"AE-DU", {"127.0.0.1", 7400}}, {"QA", {"::1", 7402}}};
  return config;
}

TEST_CASE("config: what to_toml writes, load_config reads, with paths beside the file") {
  const ConfigFile file(to_toml(good()));
  const auto config = load_config(file.path());
  REQUIRE(config.ok());
  CHECK(config->member == "KW");
  CHECK(config->data == file.folder() / "data");
  CHECK(config->keys == file.folder() / "keys \"odd\"");
  CHECK(config->api_token == file.folder() / "api.token");
  CHECK(config->auditor_token == file.folder() / "auditor.token");
  REQUIRE(config->peers.size() == 2);
  CHECK(config->peers[1].address.text() == "[::1]:7402");
  CHECK(config->api_listen.is_loopback());
}

TEST_CASE("config: every fault is named at once, unknown keys with the nearest known one") {
  std::string text = to_toml(good());
  text.replace(text.find("data"), 4, "dato");
  text.replace(text.find("7401"), 4, "x");
  text += "\n[[peers]]\nmember = \"QA\"\naddress = \"127.0.0.1:1\"\n";
  const ConfigFile file(text);
  const auto config = load_config(file.path());
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().code == Errc::kConfig);
  const std::string& detail = config.error().detail;
  INFO(detail);
  CHECK(detail.find("unknown key \"dato\"; did you mean \"data\"?") != std::string::npos);
  CHECK(detail.find("\"data\" is missing") != std::string::npos);
  CHECK(detail.find("is not an address") != std::string::npos);
  CHECK(detail.find("member \"QA\" is named twice") != std::string::npos);
}

TEST_CASE("config: an API beyond loopback demands TLS") {
  NodeConfig config = good();
  config.api_listen = {"192.0.2.1", 443};
  const ConfigFile bare(to_toml(config));
  const auto refused = load_config(bare.path());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().detail.find("for TLS") != std::string::npos);
  config.api_certificate = "cert.pem";
  const ConfigFile half(to_toml(config));
  CHECK_FALSE(load_config(half.path()).ok());
  config.api_key = "key.pem";
  const ConfigFile whole(to_toml(config));
  CHECK(load_config(whole.path()).ok());
}

TEST_CASE("config: broken TOML, wrong types and missing files are errors with a line") {
  const ConfigFile broken("member = \n");
  CHECK(load_config(broken.path()).error().detail.find("line 1") != std::string::npos);
  const ConfigFile wrong("member = 7\n");
  CHECK(load_config(wrong.path()).error().detail.find("must be text") != std::string::npos);
  CHECK_FALSE(load_config(broken.folder() / "absent.toml").ok());
  const ConfigFile huge(std::string(300'000, '#'));
  CHECK(load_config(huge.path()).error().detail.find("too large") != std::string::npos);
}

}  // namespace
}  // namespace sanad::node
