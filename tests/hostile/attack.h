// One run of one case: links to the victims, what is learned from them, and what their /metrics
// must show afterwards. Throws Failed where the case could not happen.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "consensus/errors.h"
#include "network/hello.h"
#include "tests/hostile/knowledge.h"
#include "tests/hostile/member.h"

namespace sanad::hostile {

// What standard input says now.
enum class Input { kNothing, kSomething, kEnded };
Input input();

// What the operator of a victim must see: how much a metric grew, or what it is.
struct Expectation {
  enum class Kind { kGrowsBy, kGrowsAtLeast, kIs, kIsBelow };
  MemberIndex at = 0;
  std::string metric;                         // without the prefix sanad_
  std::map<std::string, std::string> labels;  // those that it must have
  Kind kind = Kind::kGrowsBy;
  std::uint64_t value = 0;
};

class Attack {
 public:
  // How long and how much: what fits a test run, what the catalogue says, or until standard input
  // ends (in those cases that ask goes_on()).
  enum class Size { kTest, kFull, kEndless };
  Attack(const Member& member, std::set<MemberIndex> victims, Size size);

  [[nodiscard]] const Member& member() const { return member_; }
  [[nodiscard]] const std::set<MemberIndex>& victims() const { return victims_; }
  [[nodiscard]] bool is_full() const { return size_ != Size::kTest; }
  [[nodiscard]] bool is_endless() const { return size_ == Size::kEndless; }
  // `less` in a test run, `all` where there is time.
  [[nodiscard]] std::size_t count(std::size_t less, std::size_t all) const {
    return is_full() ? all : less;
  }
  // Whether more is to be done than was, by the same counts.
  [[nodiscard]] bool goes_on(std::size_t so_far, std::size_t less, std::size_t all) const;
  Knowledge known;

  // ---- links
  // A connection that has said nothing yet; throws unless TLS comes about.
  std::unique_ptr<Session> dial(MemberIndex victim);
  [[nodiscard]] network::HelloFields hello(MemberIndex victim, Session& session) const;
  // The link to a victim, made where there is none, with a true hello.
  Session& link(MemberIndex victim);
  void link_all();
  // The link if there is one, or one can be made now.
  Session* link_if_up(MemberIndex victim);
  void drop(MemberIndex victim) { links_.erase(victim); }
  void say(MemberIndex victim, const node::NodeMessage& message);
  void say(MemberIndex victim, const consensus::Message& message);
  template <class Message>
  void say_all(const Message& message) {
    for (const MemberIndex victim : victims_) say(victim, message);
  }
  // To those that are linked.
  void say_up(const consensus::Message& message);
  // Until every victim has read all that was said.
  void flush();

  // ---- time goes by
  // Takes what comes.
  void pump(int ms);
  // Whether it says once in a while that it is there. Its turns to lead are waited for then.
  bool present = true;
  bool pump_until(const std::function<bool()>& condition, int limit_ms = 60'000);
  // Called with each message taken.
  std::function<void(MemberIndex, const node::NodeMessage&)> on_message;
  // Until a finalization is known, and views go by.
  void follow();

  // ---- what must be seen
  void expect(MemberIndex at, std::string metric, std::map<std::string, std::string> labels,
              std::uint64_t value, Expectation::Kind kind = Expectation::Kind::kGrowsBy);
  // At every victim: so many frames of this member refused for this.
  void expect_invalid(std::error_code why, std::uint64_t count,
                      Expectation::Kind kind = Expectation::Kind::kGrowsBy);
  void expect_useless(std::error_code why, std::uint64_t count);
  void expect_link_end(MemberIndex at, network::Errc why, std::uint64_t count = 1);
  void expect_refusal(MemberIndex at, network::Errc why, std::uint64_t count);
  // Pairs and proposals that convict this member, seen by each victim.
  void expect_evidence(std::uint64_t count);
  [[nodiscard]] const std::vector<Expectation>& expectations() const { return expectations_; }
  // Figures for people.
  std::map<std::string, std::uint64_t> done;

 private:
  void take(MemberIndex victim, Session& session);

  const Member& member_;
  std::set<MemberIndex> victims_;
  Size size_;
  network::TlsContext context_;
  std::map<MemberIndex, std::unique_ptr<Session>> links_;
  std::vector<Expectation> expectations_;
  std::uint64_t told_ms_ = 0;
};

}  // namespace sanad::hostile
