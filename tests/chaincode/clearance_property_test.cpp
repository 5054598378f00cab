// Random statement sequences against a model that knows only the promises, not the code.
#include <random>

#include "sample.h"

namespace sanad::tests {
namespace {

// Everything that the log says of one declaration, folded in order.
struct Story {
  std::optional<Lane> highest;
  bool inspected = false;  // since the facts last changed
  bool seized = false;
  bool cancelled = false;
  bool exited = false;
  bool held = false;
  bool released = false;
  std::set<PublicKey>
      officers;  // whose approval or release counted since facts, hold or inspection
};

class Watcher {
 public:
  // The key that signed each submission.
  void signed_by(const Hash& submission, const PublicKey& key) { keys_[submission] = key; }

  void see(const Record& record) {
    if (record.kind() == RecordKind::kRefused || record.kind() == RecordKind::kCommit) return;
    Story& story = stories_[*declaration_of(record)];
    REQUIRE_FALSE(story.cancelled);
    REQUIRE_FALSE(story.seized);
    if (story.exited) REQUIRE(record.kind() == RecordKind::kInspected);
    std::visit([&](const auto& content) { see(story, record, content); }, record.content);
  }
  std::size_t releases() const { return releases_; }
  std::size_t red_releases() const { return red_releases_; }

 private:
  PublicKey signer(const Record& record) const {
    return keys_.at(std::get<StatementOrigin>(*record.origin).submission);
  }

  void see(Story& story, const Record&, const Declared&) { story = {}; }
  void see(Story& story, const Record&, const Amended&) {
    story.inspected = false;
    story.officers.clear();
  }
  void see(Story& story, const Record&, const VerdictGiven& verdict) {
    story.highest = std::max(story.highest.value_or(Lane::kGreen), verdict.lane);
    if (*story.highest >= Lane::kYellow) story.released = false;
  }
  void see(Story& story, const Record&, const Inspected& inspected) {
    story.inspected = true;
    story.seized = inspected.result == InspectionResult::kSeizure;
    story.officers.clear();
  }
  void see(Story& story, const Record&, const HeldBack&) {
    story.held = true;
    story.officers.clear();
  }
  void see(Story& story, const Record& record, const Approved&) {
    REQUIRE(story.highest == Lane::kRed);
    REQUIRE(story.officers.empty());
    story.officers.insert(signer(record));
  }
  void see(Story& story, const Record& record, const Released& released) {
    REQUIRE(story.highest.has_value());
    const bool automatic = std::holds_alternative<std::uint64_t>(*record.origin);
    if (automatic) {
      REQUIRE(*story.highest <= Lane::kBlue);
      REQUIRE_FALSE(story.held);
    } else {
      story.officers.insert(signer(record));
    }
    if (story.held) REQUIRE(released.reason.has_value());
    if (*story.highest == Lane::kRed) {
      REQUIRE(story.inspected);
      REQUIRE(story.officers.size() == 2);
      ++red_releases_;
    }
    REQUIRE((!story.released || story.held));
    story.released = true;
    story.held = false;
    story.officers.clear();
    ++releases_;
  }
  void see(Story& story, const Record&, const Moved& moved) {
    if (moved.event == MoveEvent::kArrived) return;
    REQUIRE(story.released);
    REQUIRE_FALSE(story.held);
    story.exited = moved.event == MoveEvent::kGateOut;
  }
  void see(Story& story, const Record&, const Cancelled&) { story.cancelled = true; }
  void see(Story&, const Record&, const Refused&) {}
  void see(Story&, const Record&, const CommitRecord&) {}
  void see(Story&, const Record&, const Accused&) {}

  std::map<Hash, PublicKey> keys_;
  std::map<Hash, Story> stories_;
  std::size_t releases_ = 0;
  std::size_t red_releases_ = 0;
};

class RandomTrade {
 public:
  explicit RandomTrade(std::uint32_t seed) : random_(seed) {}

  void run(std::size_t blocks) {
    for (std::size_t i = 0; i < blocks; ++i) {
      const Effects effects = chain_.run(submissions());
      for (const Record& record : effects.records) watcher_.see(record);
    }
  }
  const Watcher& watcher() const { return watcher_; }
  const Chain& chain() const { return chain_; }

 private:
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_()) % below; }

  Facts facts(std::uint64_t number) {
    static const std::array<std::string, 4> kOrigins = {"DE", "BR", "YE", "KP"};
    Facts facts;
    facts.id = "D-" + std::to_string(number);
    facts.ucr = "UCR-" + std::to_string(number);
    facts.origin = kOrigins[pick(4)];
    facts.flow = number % 8 == 7 ? "transit" : "import";
    facts.exporter = crypto::to_hex(salt_of(number).view());
    facts.salt = salts_++;
    return facts;
  }

  StatementWithBody statement() {
    if (names_.empty() || pick(6) == 0) {
      auto declared = declare(facts(names_.size()));
      names_.push_back(name_of(declared));
      return declared;
    }
    const std::size_t number =
        pick(std::min<std::size_t>(names_.size(), 8)) + (names_.size() > 8 ? names_.size() - 8 : 0);
    const Hash& name = names_[number];
    const auto why = pick(2) == 0 ? std::optional<Hash>() : reason();
    switch (pick(9)) {
      case 0:
        return amend(name, facts(number));
      case 1:
        return {Hold{name, reason()}, std::nullopt};
      case 2:
      case 3: {
        const auto result =
            pick(8) == 0 ? InspectionResult::kSeizure : static_cast<InspectionResult>(pick(2));
        return {Inspect{name, result, reason()}, std::nullopt};
      }
      case 4:
        return {Move{name, static_cast<MoveEvent>(pick(3)), why}, std::nullopt};
      case 5:
        if (pick(3) == 0) return {Cancel{name, reason()}, std::nullopt};
        [[fallthrough]];
      default:
        return {Release{name, why}, std::nullopt};
    }
  }

  std::vector<std::shared_ptr<const CheckedSubmission>> submissions() {
    std::vector<std::shared_ptr<const CheckedSubmission>> all;
    for (std::size_t i = 0; i < 2; ++i) {
      std::map<KeyKind, std::vector<StatementWithBody>> by_key;
      for (std::size_t k = 0; k < 4; ++k) {
        StatementWithBody next = statement();
        const bool paper = next.body.has_value();
        const auto key = paper || pick(6) == 0 ? kSubmitterKey
                         : pick(2) == 0        ? kOfficerKey
                                               : kSecondOfficerKey;
        by_key[key].push_back(std::move(next));
      }
      for (auto& [kind, statements] : by_key) {
        const SigningKey key = key_of(kind, 0);
        all.push_back(chain_.sign(key, std::move(statements)));
        watcher_.signed_by(all.back()->id(), key.public_key());
      }
    }
    return all;
  }

  std::mt19937 random_;
  Chain chain_;
  Watcher watcher_;
  std::vector<Hash> names_;
  std::uint64_t salts_ = 0;
};

TEST_CASE("R1–R8: no sequence of statements releases what must not be released") {
  std::size_t releases = 0;
  std::size_t red_releases = 0;
  std::map<Code, std::size_t> refusals;
  for (std::uint32_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    RandomTrade trade(seed);
    trade.run(60);
    releases += trade.watcher().releases();
    red_releases += trade.watcher().red_releases();
    for (const Record& record : trade.chain().records()) {
      if (const auto* refused = std::get_if<Refused>(&record.content)) ++refusals[refused->code];
    }
  }
  // The sequences did reach what the promises are about.
  CHECK(releases > 500);
  CHECK(red_releases > 20);
  for (const Code code :
       {Code::kNotInspected, Code::kSameOfficer, Code::kReasonMissing, Code::kNoVerdict,
        Code::kSeized, Code::kExited, Code::kCancelled, Code::kUnderControl, Code::kAlreadyHeld,
        Code::kAlreadyInspected, Code::kAlreadyReleased, Code::kNotReleased, Code::kHeld,
        Code::kRoleMissing}) {
    INFO(name_of(code));
    CHECK(refusals[code] > 0);
  }
}

}  // namespace
}  // namespace sanad::tests
