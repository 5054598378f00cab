// The driver's contract, by whole members in virtual time: nothing is said before it is durable,
// nothing final is lost, whoever was away comes back.
#include "tests/node/replica/driver_world.h"

namespace sanad::tests {
namespace {

bool all_have(const DriverWorld& world, const Hash& id) {
  for (std::uint8_t i = 0; i < 4; ++i) {
    if (world.is_running(i) && !world.outcome(i, id)) return false;
  }
  return true;
}

// One submission of `member`, until everybody who runs has its outcome.
Hash ordered(DriverWorld& world, std::uint8_t member) {
  const auto submission = world.submission(member);
  world.admit(member, submission);
  REQUIRE(world.run_until([&] { return all_have(world, submission->id()); }));
  return submission->id();
}

TEST_CASE("I9: votes, batches and cosignatures are durable at the moment they are sent") {
  DriverWorld world;
  world.start_all();
  std::vector<Hash> ids;
  for (std::uint8_t i = 0; i < 4; ++i) {
    const auto submission = world.submission(i);
    ids.push_back(submission->id());
    world.admit(i, submission);
  }
  for (const Hash& id : ids) REQUIRE(world.run_until([&] { return all_have(world, id); }));
  world.run_ms(500);
  CHECK(world.durable_sends() > 20);
  world.require_agreement();
  for (std::uint8_t i = 0; i < 4; ++i) {
    REQUIRE(world.note(i) != nullptr);
    CHECK(world.note(i)->end.height == world.height(i));
  }
}

TEST_CASE("B1: an own batch leaves before it is durable, under a number that is set aside") {
  DriverWorld world;
  world.start_all();
  // The first batch of a run sets numbers aside, the next ones find them.
  for (std::uint8_t i = 0; i < 4; ++i) {
    ordered(world, i);
  }
  world.run_ms(300);
  const auto leader = static_cast<std::uint8_t>(world.driver(0).consensus_status().leader);
  const auto author = static_cast<std::uint8_t>((leader + 1) % 4);
  const std::uint64_t before = world.disk(author).steps();
  const std::size_t sent = world.batches_sent();
  world.admit(author, world.submission(author));
  REQUIRE(world.run_until([&] { return world.batches_sent() > sent; }));
  CHECK(world.disk(author).steps() == before);
}

// A network at rest, and the member that leads `later` views after this one.
struct AtRest {
  explicit AtRest(consensus::View later) {
    world.start_all();
    world.run_ms(500);
    const consensus::View view = world.driver(0).consensus_status().view;
    member = static_cast<std::uint8_t>(world.committee().leader(view + later));
  }
  void admit() { world.admit(member, world.submission(member)); }
  [[nodiscard]] std::uint64_t batches() { return world.driver(member).counters().batches_made; }

  DriverWorld world;
  std::uint8_t member = 0;
};

TEST_CASE("B1: what waits leaves when a proposal arrives, with the votes for it") {
  AtRest author(3);  // it leads neither the proposal's view nor the one after it
  author.admit();
  REQUIRE(author.world.run_until([&] { return author.batches() == 1; }));
  author.admit();
  author.world.run_ms(5);  // the proposal is a way there and a way back
  CHECK(author.batches() == 1);
  // Long before the 30 ms are over.
  CHECK(author.world.run_until([&] { return author.batches() == 2; }, 15));
}

TEST_CASE("B1: a member that leads soon packs whatever waits at each of its turns") {
  AtRest leader(1);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    leader.admit();
    REQUIRE(leader.world.run_until([&] { return leader.batches() == i; }, 2));
  }
}

TEST_CASE("a block is executed while the others vote for it") {
  DriverWorld world;
  world.start_all();
  world.run_ms(500);
  for (std::uint8_t i = 0; i < 4; ++i) {
    ordered(world, i);
  }
  CHECK(world.executed_ahead() >= 4 * 4);  // each of them at each member
}

TEST_CASE("B2: another's batch waits for the sync of the vote that relies on it") {
  DriverWorld world;
  world.start_all();
  world.run_ms(500);  // the first second's syncs are over, the next tick's are far
  const auto leader = static_cast<std::uint8_t>(world.driver(0).consensus_status().leader);
  const auto author = static_cast<std::uint8_t>((leader + 1) % 4);
  const auto voter = static_cast<std::uint8_t>((leader + 2) % 4);
  const std::uint64_t before = world.disk(voter).steps();
  const std::uint64_t syncs = world.driver(voter).counters().journal_sync.count;
  world.admit(author, world.submission(author));
  REQUIRE(world.run_until([&] { return world.driver(voter).counters().batches_held == 1; }));
  CHECK(world.disk(voter).steps() == before);  // no proposal names it yet
  REQUIRE(world.run_until([&] { return world.disk(voter).steps() != before; }));
  CHECK(world.driver(voter).counters().journal_sync.count == syncs + 1);
  // It has voted: the batch is as durable as the vote.
  world.crash(voter, Unsynced::kDropped);
  world.start(voter);
  CHECK(world.driver(voter).counters().batches_held == 1);
}

TEST_CASE("evidence: what is found just before a power cut stands on every ledger in the end") {
  DriverWorld world(std::uint8_t{3});
  world.start_all();
  world.run_ms(500);
  world.contradict(3, 0);
  REQUIRE(world.run_until([&] { return world.driver(0).counters().evidence == 1; }));
  CHECK(world.accused(0).empty());
  world.crash(0, Unsynced::kDropped);
  world.start(0);
  const std::vector<std::string> guilty = {kAuthorities[3]};
  const auto all_accuse = [&] {
    for (std::uint8_t i = 0; i < 4; ++i) {
      if (world.accused(i) != guilty) return false;
    }
    return true;
  };
  REQUIRE(world.run_until(all_accuse));
  world.run_ms(5'000);
  CHECK(all_accuse());  // once
}

TEST_CASE("B2: a batch that nobody votes on is durable all the same, a second later") {
  DriverWorld world;
  world.start_all();
  world.run_ms(500);
  const auto leader = static_cast<std::uint8_t>(world.driver(0).consensus_status().leader);
  const auto author = static_cast<std::uint8_t>((leader + 1) % 4);
  const auto voter = static_cast<std::uint8_t>((leader + 2) % 4);
  world.admit(author, world.submission(author));
  REQUIRE(world.run_until([&] { return world.driver(voter).counters().batches_held == 1; }));
  world.cut(voter, true);  // the proposal never arrives
  world.run_ms(1'000);
  world.crash(voter, Unsynced::kDropped);
  world.start(voter);
  CHECK(world.driver(voter).counters().batches_held == 1);
}

TEST_CASE("W1: without work there is no block but the heartbeat") {
  DriverWorld world;
  world.start_all();
  world.run_ms(9'000);
  for (std::uint8_t i = 0; i < 4; ++i) CHECK(world.height(i) == 0);
  world.run_ms(3'000);
  for (std::uint8_t i = 0; i < 4; ++i) CHECK(world.height(i) == 1);
  world.require_agreement();
}

TEST_CASE("R1: all members lose power at once, in the middle of it; what was executed stays") {
  for (const Unsynced unsynced :
       {Unsynced::kDropped, Unsynced::kSubset, Unsynced::kTorn, Unsynced::kGarbage}) {
    for (const std::uint64_t after_ms : {0U, 6U, 11U, 16U, 21U, 27U}) {
      INFO("after " << after_ms << " ms, unsynced " << static_cast<int>(unsynced));
      DriverWorld world;
      world.start_all();
      const auto first = world.submission(0, 2);
      world.admit(0, first);
      REQUIRE(world.run_until([&] { return world.outcome(0, first->id()).has_value(); }));
      const auto second = world.submission(1, 2);
      world.admit(1, second);
      world.run_ms(after_ms);
      for (std::uint8_t i = 0; i < 4; ++i) world.crash(i, unsynced);
      world.start_all();
      const auto third = world.submission(2);
      world.admit(2, third);
      REQUIRE(world.run_until(
          [&] { return all_have(world, first->id()) && all_have(world, third->id()); }));
      world.run_ms(1'000);
      world.require_agreement();
    }
  }
}

TEST_CASE("R3: in quarantine a member cosigns nothing, not even where its ledger ends") {
  DriverWorld world;
  world.start_all();
  const auto execute_one_more = [&] {
    ordered(world, 0);
    world.run_ms(2'500);
  };
  execute_one_more();
  const std::size_t before = world.cosigned(2);
  REQUIRE(before > 0);
  world.crash(2, Unsynced::kDropped);
  world.start(2, node::Quarantine::kWatch);
  world.run_ms(2'500);
  CHECK(world.cosigned(2) == before);
  execute_one_more();
  CHECK(world.cosigned(2) == before);
  // Its journal says so after a restart.
  world.crash(2, Unsynced::kDropped);
  world.start(2);
  world.run_ms(2'500);
  CHECK(world.cosigned(2) == before);
  execute_one_more();
  CHECK(world.cosigned(2) == before);
}

TEST_CASE("L3: a member far behind says at once that it does not lead, and later that it does") {
  DriverWorld world;
  world.start_all();
  world.crash(3, Unsynced::kDropped);
  for (int i = 0; i < 140; ++i) {
    const auto submission = world.submission(0);
    world.admit(0, submission);
    REQUIRE(world.run_until([&] { return world.outcome(0, submission->id()).has_value(); }));
  }
  REQUIRE(world.height(0) > 130);
  world.start(3);
  REQUIRE(world.run_until([&] { return !world.says_that_it_leads(3); }, 100));
  CHECK(world.height(3) == 0);
  REQUIRE(world.run_until([&] { return world.height(3) >= 130; }));
  REQUIRE(world.run_until([&] { return world.says_that_it_leads(3); }));
}

TEST_CASE("a member that was away fetches blocks and batches from the others' ledgers") {
  DriverWorld world;
  world.start_all();
  world.run_ms(50);
  world.crash(2, Unsynced::kDropped);
  Hash last;
  for (int i = 0; i < 120; ++i) {
    last = ordered(world, static_cast<std::uint8_t>(i % 2));
  }
  REQUIRE(world.height(0) > 100);
  world.start(2);
  REQUIRE(world.run_until([&] { return world.outcome(2, last).has_value(); }));
  world.require_agreement();
  ordered(world, 2);
}

TEST_CASE("catch-up: what blocks are asked for is expected before the request leaves") {
  DriverWorld world;
  world.start_all();
  world.run_ms(50);
  world.crash(2, Unsynced::kDropped);
  Hash last;
  for (int i = 0; i < 5; ++i) {
    last = ordered(world, 0);
  }
  world.start(2);
  REQUIRE(world.run_until([&] { return world.outcome(2, last).has_value(); }));
  CHECK(world.blocks_asked(2) > 0);
  CHECK(world.blocks_unexpected(2) == 0);
}

TEST_CASE("B4: a batch committed just before a crash is not work again after two restarts") {
  DriverWorld world;
  world.start_all();
  const auto submission = world.submission(0);
  world.admit(0, submission);
  // Committed by the ledger; the driver has not been told.
  REQUIRE(world.run_until([&] { return world.outcome(0, submission->id()).has_value(); }));
  for (int restart = 0; restart < 3; ++restart) {
    world.crash(0, Unsynced::kDropped);
    world.start(0);
    world.run_ms(30);
    CHECK(world.driver(0).consensus_status().held_batches == 0);
    CHECK(world.driver(0).counters().batches_held == 0);
  }
}

TEST_CASE("B4: a batch that its author sends again is not held by who committed it before") {
  DriverWorld world;
  world.start_all();
  world.run_ms(50);
  const auto submission = world.submission(1);
  world.admit(1, submission);
  world.run_ms(7);  // packed and delivered, not ordered
  world.cut(1, true);
  REQUIRE(world.run_until([&] {
    return world.outcome(0, submission->id()) && world.outcome(2, submission->id()) &&
           world.outcome(3, submission->id());
  }));
  REQUIRE_FALSE(world.outcome(1, submission->id()).has_value());
  world.run_ms(50);
  world.crash(0, Unsynced::kDropped);
  world.start(0);
  world.run_ms(50);
  world.cut(1, false);
  REQUIRE(world.run_until([&] { return world.outcome(1, submission->id()).has_value(); }));
  world.run_ms(1'000);
  for (std::uint8_t i = 0; i < 4; ++i) {
    INFO("member " << int{i});
    CHECK(world.driver(i).consensus_status().held_batches == 0);
    CHECK(world.driver(i).counters().batches_held == 0);
  }
}

TEST_CASE("C5: a batch asked for a thousand times in one turn goes out once") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  world.crash(2, Unsynced::kDropped);
  world.crash(3, Unsynced::kDropped);  // no quorum: the batch stays
  const auto submission = world.submission(0);
  Signer signer;
  const auto batch =
      node::make_batch(signer.context(), 0, 1, {submission}, key_of(kConsensusKey, 0));
  world.admit(0, submission);
  world.run_ms(50);
  node::GetBatches ask;
  ask.digests.assign(node::kBatchesAskedMax, batch->ref().digest);
  node::Turn turn{900'000, DriverWorld::kWallStartMs + 900'000, {}};
  for (int i = 0; i < 4; ++i) turn.events.emplace_back(node::PeerWord{1, ask});
  const std::size_t batches_before = world.batches_sent();
  REQUIRE(world.driver(0).turn(std::move(turn)).ok());
  CHECK(world.batches_sent() == batches_before + 1);
}

TEST_CASE("C5: of what one member asks for, a turn encodes 8 MiB; the rest it may ask of others") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  world.crash(2, Unsynced::kDropped);
  world.crash(3, Unsynced::kDropped);  // no quorum: the batches stay
  std::uint64_t now_ms = 900'000;
  const auto turn = [&](std::vector<node::DriverEvent> events) {
    REQUIRE(
        world.driver(0).turn({now_ms, DriverWorld::kWallStartMs + now_ms, std::move(events)}).ok());
    now_ms += 1'000;
  };
  constexpr std::size_t kBound = std::size_t{8} << 20;
  Signer signer;
  std::vector<node::SubmissionPtr> submissions;
  for (int i = 0; i < 4; ++i) submissions.push_back(signer.submission(1, 300));
  node::GetBatches ask;
  std::size_t batch_bytes = 0;
  for (std::uint64_t seq = 1; ask.digests.size() * batch_bytes <= 2 * kBound; ++seq) {
    const auto batch =
        node::make_batch(signer.context(), 1, seq, submissions, key_of(kConsensusKey, 1));
    batch_bytes = batch->ref().bytes;
    ask.digests.push_back(batch->ref().digest);
    turn({node::PeerBatch{1, batch}});
  }
  REQUIRE(world.driver(0).counters().batches_held == ask.digests.size());
  for (const std::uint64_t height : {0U, 7U}) {
    INFO("height " << height);
    ask.height = height;
    const std::size_t batches_before = world.batches_sent();
    const std::size_t missing_before = world.told_missing().size();
    turn({node::PeerWord{1, ask}, node::PeerWord{1, ask}});
    const std::size_t batches = world.batches_sent() - batches_before;
    CHECK(batches == kBound / batch_bytes);
    const auto missing = std::span(world.told_missing()).subspan(missing_before);
    CHECK(missing.size() == 2 * (ask.digests.size() - batches));
    CHECK(std::ranges::equal(missing.first(missing.size() / 2),
                             std::span(ask.digests).subspan(batches)));
  }
}

TEST_CASE("B1, C5: a link that comes up again and again gets own batches once in a while") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  world.crash(2, Unsynced::kDropped);
  world.crash(3, Unsynced::kDropped);  // no quorum: the batch stays
  world.admit(0, world.submission(0));
  world.run_ms(10'000);
  std::uint64_t now_ms = 900'000;
  const auto batches_of_turn = [&](std::vector<node::DriverEvent> events) {
    const std::size_t before = world.batches_sent();
    REQUIRE(
        world.driver(0).turn({now_ms, DriverWorld::kWallStartMs + now_ms, std::move(events)}).ok());
    return world.batches_sent() - before;
  };
  std::size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    now_ms += 10;
    sent += batches_of_turn({node::LinkChanged{1, false}, node::LinkChanged{1, true}});
  }
  CHECK(sent == 1);
  // What came up last is served in the end, without another change.
  now_ms += 5'000;
  CHECK(batches_of_turn({}) == 1);
  now_ms += 5'000;
  CHECK(batches_of_turn({}) == 0);
}

TEST_CASE("B3: a request that could not be sent is not waited for, the next member is asked") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  std::uint64_t now_ms = 900'000;
  const auto turn = [&](std::vector<node::DriverEvent> events) {
    auto result =
        world.driver(0).turn({now_ms, DriverWorld::kWallStartMs + now_ms, std::move(events)});
    REQUIRE(result.ok());
    return result->wake_at_ms;
  };
  world.fill_queue(0, 2);
  const consensus::BatchRef ref{1, 1, crypto::sha256({}), 1'000, 1};
  const node::ConsensusMessage announce{
      crypto::encode(consensus::Message(consensus::Announce{{ref}}))};
  turn({world.opened(0, 1, announce), world.opened(0, 2, announce)});
  for (int turns = 0; turns < 100 && world.asked(0).size() < 2; ++turns) now_ms = turn({});
  CHECK(world.asked(0) == std::vector<consensus::MemberIndex>{1, 1});  // in between, member 2
  CHECK(now_ms < 900'000 + 2 * node::SyncLimits().answer_timeout_ms);
}

TEST_CASE("R1: no turn writes more than a bound of the batches that old segments hold") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  for (std::uint8_t i = 1; i < 4; ++i) world.crash(i, Unsynced::kDropped);  // nothing is ordered
  node::Driver& driver = world.driver(0);
  std::uint64_t now_ms = 900'000;
  std::uint64_t written = driver.counters().journal_bytes;
  const auto bytes_of_turn = [&](std::vector<node::DriverEvent> events) {
    const std::uint64_t time_ms = ++now_ms;
    REQUIRE(driver.turn({time_ms, DriverWorld::kWallStartMs + time_ms, std::move(events)}).ok());
    const std::uint64_t before = std::exchange(written, driver.counters().journal_bytes);
    return written - before;
  };
  Signer signer;
  std::vector<node::DriverEvent> batches;
  std::size_t held_bytes = 0;
  for (std::uint64_t seq = 1; seq <= 6; ++seq) {
    std::vector<node::SubmissionPtr> submissions;
    for (int i = 0; i < 5; ++i) submissions.push_back(signer.submission(1, 100));
    const auto batch = node::make_batch(signer.context(), 1, seq, std::move(submissions),
                                        key_of(kConsensusKey, 1));
    held_bytes += batch->ref().bytes;
    batches.emplace_back(node::PeerBatch{1, batch});
  }
  bytes_of_turn(std::move(batches));  // into one segment
  REQUIRE(driver.counters().batches_held == 6);
  constexpr std::uint64_t kBound = 1'200'000;
  REQUIRE(held_bytes > kBound);
  // As ballast, what the journal is told of committed blocks.
  std::uint64_t most = 0;
  std::uint64_t ballast = 0;
  std::uint64_t total = 0;
  for (std::uint64_t height = 1; ballast < 5 * held_bytes; ++height) {
    node::BlockExecuted executed{{height, height, {}}, {}, true};
    executed.batches.resize(consensus::kBlockRefsMax);
    for (auto& ref : executed.batches)
      ref = {2, 1, crypto::sha256(crypto::encode(++ballast)), 1, 1};
    ballast += 34 * executed.batches.size();
    const std::uint64_t bytes = bytes_of_turn({std::move(executed)});
    most = std::max(most, bytes);
    total += bytes;
  }
  CHECK(most <= kBound);
  CHECK(total > ballast + held_bytes);  // they were written again
  CHECK(driver.counters().batches_held == 6);
  // Old segments go, although the batches that they held do not.
  CHECK(driver.counters().journal_segments * (64 << 10) < 4 * held_bytes);
}

TEST_CASE("R1: a journal that knows less than the ledger is refused, and so is an older ledger") {
  Signer signer;
  SimulatedDisk disk;
  REQUIRE(disk.create_folders("data").ok());
  auto ledger =
      node::Ledger::open({.folder = "data/ledger", .network_id = signer.network(), .files = &disk});
  REQUIRE(ledger.ok());
  const node::Archive archive(**ledger);
  const auto lost = node::recover({}, archive, 3, signer.context(), 0);
  REQUIRE_FALSE(lost.ok());
  CHECK(lost.error() == node::ReplicaErrc::kJournalDamaged);

  consensus::FinalFloor floor;
  floor.height = 9;
  floor.committed = 7;
  const std::vector<node::JournalEntry> entries = {
      {node::kConsensusEntry, crypto::encode(consensus::JournalRecord(floor)), 1}};
  const auto older = node::recover(entries, archive, 6, signer.context(), 0);
  REQUIRE_FALSE(older.ok());
  CHECK(older.error() == node::ReplicaErrc::kNotHeld);
}

TEST_CASE("catch-up: a batch of which a body is damaged is not served without it") {
  DriverWorld world;
  world.start_all();
  const auto submission = world.submission(0);
  world.admit(0, submission);
  REQUIRE(world.run_until([&] { return world.outcome(1, submission->id()).has_value(); }));
  const node::Archive archive(world.ledger(1));
  const std::uint64_t height = world.outcome(1, submission->id())->height;
  const auto refs = archive.references(height);
  REQUIRE(refs.ok());
  REQUIRE(refs->size() == 1);
  std::vector<Hash> missing;
  CHECK(archive.batches({height, {refs->front().digest}}, missing).size() == 1);
  CHECK(missing.empty());

  for (const std::string& path : world.disk(1).paths()) {
    if (path.find("bodies-") == std::string::npos) continue;
    for (std::uint8_t& byte : *world.disk(1).bytes(path)) byte ^= 1;
  }
  CHECK(archive.batches({height, {refs->front().digest}}, missing).empty());
  CHECK(missing == std::vector<Hash>{refs->front().digest});
}

TEST_CASE("a member whose links were cut comes back by itself") {
  DriverWorld world;
  world.start_all();
  world.run_ms(20);
  world.cut(1, true);
  const auto alone = world.submission(1);
  world.admit(1, alone);  // its batch reaches nobody for now
  Hash last;
  for (int i = 0; i < 10; ++i) {
    const auto submission = world.submission(0);
    last = submission->id();
    world.admit(0, submission);
    REQUIRE(world.run_until([&] { return world.outcome(0, last).has_value(); }));
  }
  CHECK_FALSE(world.outcome(1, last).has_value());
  world.cut(1, false);
  REQUIRE(world.run_until([&] { return all_have(world, last) && all_have(world, alone->id()); }));
  world.require_agreement();
}

TEST_CASE(
    "HOSTILE 109, 110: a member whose disk refuses a write or sync falls silent; the others "
    "go on, and nothing it said is lost when it returns") {
  for (const node::LedgerErrc code : {node::LedgerErrc::kIo, node::LedgerErrc::kNoSpace}) {
    for (const std::uint64_t steps : {1U, 2U, 3U}) {
      DriverWorld world;
      world.start_all();
      ordered(world, 0);
      world.run_ms(200);
      world.disk(3).set_fault(SimulatedDisk::Fault{world.disk(3).steps() + steps, code, true});
      const auto submission = world.submission(3);
      world.admit(3, submission);
      REQUIRE(world.run_until([&] { return world.stopped_by_disk(3); }));
      REQUIRE(world.disk(3).fault_happened());
      const auto other = world.submission(1);
      world.admit(1, other);
      REQUIRE(world.run_until([&] { return all_have(world, other->id()); }));
      world.crash(3, Unsynced::kTorn);
      world.start(3);
      REQUIRE(world.run_until([&] { return all_have(world, other->id()); }));
      world.require_agreement();
    }
  }
}

TEST_CASE("B1: sequence numbers go on after a restart, so that no batch contradicts another") {
  DriverWorld world;
  world.start_all();
  for (int round = 0; round < 3; ++round) {
    const auto submission = world.submission(0);
    world.admit(0, submission);
    world.run_ms(2);  // packed, synced and sent, not ordered
    world.crash(0, Unsynced::kDropped);
    world.start(0);
    ordered(world, 0);
    REQUIRE(world.run_until([&] { return all_have(world, submission->id()); }));
  }
  world.require_agreement();  // and evidence of conflicting batches would have failed the run
}

}  // namespace
}  // namespace sanad::tests
