// Whom to believe for a checkpoint, as a text that other programs read too (c2sp.org/tlog-policy):
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <name>…
//   quorum <name>|none
//
// Items are separated by spaces and tabs, lines that begin with "#" are comments. A checkpoint
// holds if one of the logs signed it and the quorum's witnesses cosigned it. Pure.
#pragma once

#include "crypto/note.h"

namespace sanad::crypto {

inline constexpr std::size_t kPolicyTextMax = 65'536;  // bytes
inline constexpr std::size_t kPolicyLogsMax = 64;
inline constexpr std::size_t kPolicyWitnessesMax = 64;
inline constexpr std::size_t kPolicyGroupsMax = 64;

class TlogPolicy {
 public:
  // kBadText with the line's number, kTooLong over a limit, or an error of VerifierKey::parse().
  static Result<TlogPolicy> parse(std::string_view text);

  // kBadText (no checkpoint), kBadSignature (a known key's line that does not verify), kBadKey (of
  // none of the logs) or kNotQuorum. Lines of unknown keys are ignored, as the standard says.
  struct Verified {
    Checkpoint checkpoint;
    std::uint64_t time_s = 0;            // median of the cosignatures' times; 0 without any
    std::vector<std::string> witnesses;  // their names here, in the order of the lines
  };
  [[nodiscard]] Result<Verified> verify(const SignedNote& note) const;

  [[nodiscard]] const std::vector<VerifierKey>& logs() const { return logs_; }
  [[nodiscard]] std::size_t witnesses() const { return witnesses_; }

 private:
  // A witness or group; what it refers to stands before it.
  struct Party {
    std::string name;
    std::optional<VerifierKey> key;    // of a witness
    std::size_t threshold = 0;         // of a group
    std::vector<std::size_t> members;  // of a group: indices of parties
    bool taken = false;                // in a group already
  };
  using Words = std::span<const std::string_view>;

  Status add_line(Words words);
  Status add_log(Words words);
  Status add_witness(Words words);
  Status add_group(Words words);
  Status set_quorum(Words words);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] Status check_new(std::string_view name) const;

  std::vector<VerifierKey> logs_;
  std::vector<Party> parties_;
  std::size_t witnesses_ = 0;
  bool has_quorum_ = false;
  std::optional<std::size_t> quorum_;  // nothing: none is asked for
};

}  // namespace sanad::crypto
