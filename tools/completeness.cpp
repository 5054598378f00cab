#include "tools/completeness.h"

#include <boost/json.hpp>
#include <map>

namespace sanad::tools {
namespace {

// The base64 of the line's record: the member "leaf" of an object, or the line itself.
crypto::Result<std::string> leaf_text(std::string_view line) {
  if (!line.starts_with('{')) return std::string(line);
  boost::system::error_code ec;
  const boost::json::value value = boost::json::parse({line.data(), line.size()}, ec);
  if (ec) return crypto::Error{Errc::kBadRow, "not JSON"};
  const auto* object = value.if_object();
  const auto* leaf = object == nullptr ? nullptr : object->if_contains("leaf");
  if (leaf == nullptr || !leaf->is_string()) {
    return crypto::Error{Errc::kBadRow, "no member \"leaf\" with a record's bytes"};
  }
  return std::string(leaf->get_string());
}

}  // namespace

crypto::Result<std::vector<ListedRecord>> parse_list(std::string_view text) {
  std::vector<ListedRecord> listed;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto encoded = leaf_text(line);
    auto leaf = encoded ? crypto::from_base64(*encoded) : encoded.error();
    if (!leaf) {
      return crypto::Error{Errc::kBadRow,
                           "line " + std::to_string(number) + ": " + leaf.error().message()};
    }
    listed.push_back({number, std::move(*leaf)});
  }
  return listed;
}

std::vector<ListFault> compare_list(const std::vector<crypto::Bytes>& proved,
                                    const std::vector<ListedRecord>& listed) {
  std::map<crypto::Bytes, bool> seen;  // of those proved
  for (const crypto::Bytes& leaf : proved) seen.emplace(leaf, false);
  std::vector<ListFault> faults;
  for (const ListedRecord& one : listed) {
    const auto found = seen.find(one.leaf);
    if (found == seen.end()) {
      faults.push_back({ListFault::Kind::kExtra, one.line, one.leaf});
    } else if (std::exchange(found->second, true)) {
      faults.push_back({ListFault::Kind::kTwice, one.line, one.leaf});
    }
  }
  for (std::size_t i = 0; i < proved.size(); ++i) {
    if (!seen.at(proved[i])) faults.push_back({ListFault::Kind::kMissing, i + 1, proved[i]});
  }
  return faults;
}

}  // namespace sanad::tools
