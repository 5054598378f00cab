#include "crypto/tlog_policy.h"

#include <catch2/catch.hpp>

namespace sanad::crypto {
namespace {

SigningKey policy_key(std::uint8_t number) {
  Seed seed;
  seed.bytes.fill(number);
  return SigningKey(seed);
}
std::string log_text(std::uint8_t number, const std::string& name = "net/0a") {
  return VerifierKey{name, NoteKeyType::kEd25519, policy_key(number).public_key()}.text();
}
std::string witness_text(std::uint8_t number) {
  return VerifierKey{"w" + std::to_string(number), NoteKeyType::kCosignature,
                     policy_key(number).public_key()}
      .text();
}
// Logs 1 and 2, witnesses 11 to 16, called X1…X3 and Y1…Y3.
std::string parties() {
  std::string text = "log " + log_text(1) + "\nlog " + log_text(2) + " https://example.org/log\n";
  for (int i = 0; i < 6; ++i) {
    text += "witness " + std::string(i < 3 ? "X" : "Y") + std::to_string(i % 3 + 1) + " " +
            witness_text(static_cast<std::uint8_t>(11 + i)) + "\n";
  }
  return text;
}
const std::string kTwoLevels =
    "group X 2 X1 X2 X3\n"
    "  # one of theirs is enough\n"
    "group\tY any Y1 Y2  Y3 \n"
    "\n"
    "group both all X Y\n"
    "quorum both\n";

std::string verdict(const std::string& policy_text, std::initializer_list<std::uint8_t> logs,
                    std::initializer_list<std::uint8_t> witnesses,
                    const std::string& origin = "net/0a") {
  const auto policy = TlogPolicy::parse(policy_text);
  if (!policy) return policy.error().message();
  SignedNote note{Checkpoint{origin, 7, Hash()}.text(), {}};
  for (const std::uint8_t log : logs) {
    note.lines.push_back(sign_note_line(policy_key(log), "net/0a", note.text));
  }
  for (const std::uint8_t one : witnesses) {
    note.lines.push_back(
        cosign_line(policy_key(one), "w" + std::to_string(one), note.text, 1'000 + one));
  }
  const auto verified = policy->verify(note);
  if (!verified) return verified.error().code.message();
  return std::to_string(verified->witnesses.size()) + " at " + std::to_string(verified->time_s);
}
std::string code_text(Errc code) { return make_error_code(code).message(); }

TEST_CASE("tlog-policy: a log signs, and the quorum of groups cosigns") {
  const std::string policy = parties() + kTwoLevels;
  CHECK(verdict(policy, {1}, {11, 12, 14}) == "3 at 1012");
  CHECK(verdict(policy, {2}, {13, 12, 16, 15}) == "4 at 1013");
  CHECK(verdict(policy, {1}, {11, 14, 15}) == code_text(Errc::kNotQuorum));
  CHECK(verdict(policy, {1}, {11, 12, 13}) == code_text(Errc::kNotQuorum));
  CHECK(verdict(policy, {1}, {}) == code_text(Errc::kNotQuorum));
  CHECK(verdict(policy, {1}, {11, 11, 14}) == code_text(Errc::kNotQuorum));
  CHECK(verdict(policy, {}, {11, 12, 14}) == code_text(Errc::kBadKey));
  CHECK(verdict(policy, {3}, {11, 12, 14}) == code_text(Errc::kBadKey));
  CHECK(verdict(policy, {1, 3}, {11, 12, 14, 99}) == "3 at 1012");  // strangers are ignored
  CHECK(verdict(policy, {1}, {11, 12, 14}, "net/0b") == code_text(Errc::kBadKey));
}

TEST_CASE("tlog-policy: one witness, none, and no logs") {
  CHECK(verdict(parties() + "quorum Y2\n", {1}, {15}) == "1 at 1015");
  CHECK(verdict(parties() + "quorum Y2\n", {1}, {14}) == code_text(Errc::kNotQuorum));
  CHECK(verdict(parties() + "quorum none\n", {1}, {}) == "0 at 0");
  CHECK(verdict("quorum none\n", {}, {11}) == "0 at 0");
}

TEST_CASE("tlog-policy: what contradicts itself is refused with its line") {
  const auto refused = [](const std::string& text) {
    const auto policy = TlogPolicy::parse(text);
    return policy ? std::string("taken") : policy.error().message();
  };
  const auto has = [&](const std::string& text, const std::string& part) {
    CAPTURE(text, refused(text));
    return refused(text).find(part) != std::string::npos;
  };
  CHECK(refused(parties() + kTwoLevels) == "taken");
  CHECK(has(parties(), "no quorum"));
  CHECK(has("", "the last line has no end"));
  CHECK(has("quorum none", "the last line has no end"));
  CHECK(has("quorum none\nquorum none\n", "line 2: a second quorum"));
  CHECK(has("quorum X1\n" + parties(), "line 1: no witness or group is called X1"));
  CHECK(has("quorum none extra\n", "line 1: quorum <name>"));
  CHECK(has(parties() + "group X 2 X1 X9\nquorum X\n", "line 9: no witness"));
  CHECK(has(parties() + "group X any X\nquorum X\n", "line 9: no witness"));
  CHECK(has(parties() + "group X 0 X1\nquorum X\n", "cannot reach"));
  CHECK(has(parties() + "group X 2 X1\nquorum X\n", "cannot reach"));
  CHECK(has(parties() + "group X 02 X1 X2\nquorum X\n", "threshold"));
  CHECK(has(parties() + "group X +1 X1 X2\nquorum X\n", "threshold"));
  CHECK(has(parties() + "group X any\nquorum X\n", "group <name>"));
  CHECK(has(parties() + "group X1 any X2\nquorum X1\n", "taken"));
  CHECK(has(parties() + "group none any X2\nquorum X1\n", "taken"));
  CHECK(has(parties() + "group A any X1 X1\nquorum A\n", "in a group already"));
  CHECK(has(parties() + "group A any X1\ngroup B any X1 X2\nquorum B\n", "in a group already"));
  CHECK(has(parties() + "log " + log_text(1, "other") + "\nquorum none\n", "the same log twice"));
  CHECK(has(parties() + "witness Z " + witness_text(11) + "\nquorum none\n",
            "the same witness twice"));
  CHECK(has("witness Z " + log_text(1) + "\nquorum none\n", "another type"));
  CHECK(has("log " + witness_text(11) + "\nquorum none\n", "another type"));
  CHECK(has("log nonsense\nquorum none\n", "line 1"));
  CHECK(has("logs\nquorum none\n", "begins with"));
  CHECK(has("# a\rb\nquorum none\n", "control characters"));
  CHECK(has(std::string(kPolicyTextMax, '#') + "\n", "policy"));
  std::string many;
  for (std::size_t i = 0; i <= kPolicyWitnessesMax; ++i) {
    many +=
        "witness w" + std::to_string(i) + " " + witness_text(static_cast<std::uint8_t>(i)) + "\n";
  }
  CHECK(has(many + "quorum none\n", "witnesses"));
}

}  // namespace
}  // namespace sanad::crypto
