#include "crypto/tlog_policy.h"

#include <algorithm>
#include <charconv>

namespace sanad::crypto {
namespace {

Error wrong(std::string what) { return {Errc::kBadText, std::move(what)}; }

// The items of a line; none of a comment.
std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    if (words.empty() && line.front() == '#') return words;
    const std::size_t end = std::min(line.find_first_of(kBlank), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool is_policy_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || byte == '\n' || (byte >= 0x20 && byte != 0x7F);
}

Result<VerifierKey> key_of(std::string_view text, NoteKeyType type) {
  SANAD_TRY(VerifierKey key, VerifierKey::parse(text));
  if (key.type == type) return key;
  return Error{Errc::kBadKey, "a key of another type: " + key.name};
}

}  // namespace

std::optional<std::size_t> TlogPolicy::find(std::string_view name) const {
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    if (parties_[i].name == name) return i;
  }
  return std::nullopt;
}

Status TlogPolicy::check_new(std::string_view name) const {
  if (name == "none" || find(name)) return wrong("the name " + std::string(name) + " is taken");
  return {};
}

Status TlogPolicy::add_log(Words words) {
  if (words.size() < 2 || words.size() > 3) return wrong("log <vkey> [<url>]");
  if (logs_.size() == kPolicyLogsMax) return Error{Errc::kTooLong, "logs"};
  SANAD_TRY(VerifierKey key, key_of(words[1], NoteKeyType::kEd25519));
  for (const VerifierKey& other : logs_) {
    if (other.key == key.key) return wrong("the same log twice");
  }
  logs_.push_back(std::move(key));
  return {};
}

Status TlogPolicy::add_witness(Words words) {
  if (words.size() < 3 || words.size() > 4) return wrong("witness <name> <vkey> [<url>]");
  if (witnesses_ == kPolicyWitnessesMax) return Error{Errc::kTooLong, "witnesses"};
  SANAD_TRY_STATUS(check_new(words[1]));
  SANAD_TRY(VerifierKey key, key_of(words[2], NoteKeyType::kCosignature));
  for (const Party& other : parties_) {
    if (other.key && other.key->key == key.key) return wrong("the same witness twice");
  }
  parties_.push_back({std::string(words[1]), std::move(key), 0, {}, false});
  ++witnesses_;
  return {};
}

Status TlogPolicy::add_group(Words words) {
  if (words.size() < 4) return wrong("group <name> all|any|<k> <name>...");
  if (parties_.size() - witnesses_ == kPolicyGroupsMax) return Error{Errc::kTooLong, "groups"};
  SANAD_TRY_STATUS(check_new(words[1]));
  Party group{std::string(words[1]), std::nullopt, 0, {}, false};
  for (const std::string_view name : words.subspan(3)) {
    const auto member = find(name);
    if (!member) return wrong("no witness or group is called " + std::string(name));
    if (std::exchange(parties_[*member].taken, true)) {
      return wrong(std::string(name) + " is in a group already");
    }
    group.members.push_back(*member);
  }
  const std::string_view k = words[2];
  if (k == "all") {
    group.threshold = group.members.size();
  } else if (k == "any") {
    group.threshold = 1;
  } else {
    std::from_chars(k.data(), k.data() + k.size(), group.threshold);
    if (std::to_string(group.threshold) != k) return wrong("a group's threshold");
  }
  if (group.threshold < 1 || group.threshold > group.members.size()) {
    return wrong("a threshold that its group cannot reach");
  }
  parties_.push_back(std::move(group));
  return {};
}

Status TlogPolicy::set_quorum(Words words) {
  if (words.size() != 2) return wrong("quorum <name>");
  if (std::exchange(has_quorum_, true)) return wrong("a second quorum");
  if (words[1] == "none") return {};
  quorum_ = find(words[1]);
  if (!quorum_) return wrong("no witness or group is called " + std::string(words[1]));
  return {};
}

Status TlogPolicy::add_line(Words words) {
  if (words.empty()) return {};
  if (words[0] == "log") return add_log(words);
  if (words[0] == "witness") return add_witness(words);
  if (words[0] == "group") return add_group(words);
  if (words[0] == "quorum") return set_quorum(words);
  return wrong("a line begins with log, witness, group or quorum");
}

Result<TlogPolicy> TlogPolicy::parse(std::string_view text) {
  if (text.size() > kPolicyTextMax) return Error{Errc::kTooLong, "policy"};
  if (!std::all_of(text.begin(), text.end(), is_policy_byte)) {
    return wrong("a policy has no control characters but tab and newline");
  }
  if (!text.ends_with('\n')) return wrong("the last line has no end");
  TlogPolicy policy;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (const Status added = policy.add_line(words_of(text.substr(0, end))); !added) {
      return Error{added.error().code,
                   "line " + std::to_string(number) + ": " + added.error().detail};
    }
    text.remove_prefix(end + 1);
  }
  if (!policy.has_quorum_) return wrong("no quorum line");
  return policy;
}

Result<TlogPolicy::Verified> TlogPolicy::verify(const SignedNote& note) const {
  Verified verified;
  SANAD_TRY(verified.checkpoint, Checkpoint::parse(note.text));
  std::vector<VerifierKey> keys = logs_;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    if (!parties_[i].key) continue;
    keys.push_back(*parties_[i].key);
    owners.push_back(i);
  }
  SANAD_TRY(const auto lines, verify_lines(note, keys));
  bool by_log = logs_.empty();
  std::vector<bool> witnessed(parties_.size());
  for (const VerifiedLine& line : lines) {
    if (line.key < logs_.size()) {
      by_log = by_log || logs_[line.key].name == verified.checkpoint.origin;
    } else {
      witnessed[owners[line.key - logs_.size()]] = true;
      verified.witnesses.push_back(parties_[owners[line.key - logs_.size()]].name);
    }
  }
  if (!by_log) return Error{Errc::kBadKey, "signed by none of the policy's logs"};
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    if (parties_[i].key) continue;
    const auto& members = parties_[i].members;
    const auto count = std::count_if(members.begin(), members.end(),
                                     [&witnessed](std::size_t m) { return witnessed[m]; });
    witnessed[i] = static_cast<std::size_t>(count) >= parties_[i].threshold;
  }
  if (quorum_ && !witnessed[*quorum_]) {
    return Error{Errc::kNotQuorum,
                 std::to_string(verified.witnesses.size()) + " of the policy's witnesses cosigned"};
  }
  verified.time_s = cosigners_of(lines, keys).time_s;
  return verified;
}

}  // namespace sanad::crypto
