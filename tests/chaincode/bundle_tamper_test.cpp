// What is done to a good bundle, and the reason for which each is refused (HOSTILE E58–E66).
//
// Of these, 59 (the published mutations of Merkle proofs) is in tests/crypto/log_tree_test.cpp. The
// others are below, named by number.
#include <catch2/catch.hpp>
#include <functional>

#include "tests/chaincode/proved_ledger.h"

namespace sanad::tests {
namespace {

using Reasons = std::set<std::string_view>;

// Three committees; UCR-7 has six records of the first epoch, and others stand around it.
ProvedLedger three_epochs() {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(goods("X-1", "import", "OTHER-1", 1)));
  ledger.act(kSubmitterKey, declare(goods("E-1", "export", "UCR-7", 2)));
  ledger.act(kSubmitterKey, declare(goods("X-2", "import", "OTHER-2", 3)), 2);
  ledger.act(kSubmitterKey, declare(goods("I-1", "import", "UCR-7", 4), "KW"), 1);
  ledger.hand_over({1, 2, 3, 4, 5, 6, 7});
  ledger.act(kSubmitterKey, declare(goods("X-3", "import", "OTHER-3", 5)), 3);
  ledger.hand_over({8, 9, 10, 11});
  ledger.act(kSubmitterKey, declare(goods("X-4", "import", "OTHER-4", 6)), 3);
  return ledger;
}
ProvedLedger one_epoch() {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(goods("X-1", "import", "OTHER-1", 1)));
  ledger.act(kSubmitterKey, declare(goods("E-1", "export", "UCR-7", 2)));
  ledger.act(kSubmitterKey, declare(goods("I-1", "import", "UCR-7", 4), "KW"), 1);
  return ledger;
}

std::string reason_of(const Bundle& bundle, const Trust& trust) {
  const auto found = verify_bundle(bundle, trust);
  return found ? "holds" : std::string(reason_name(found.error()));
}

// Where each outer field of a bundle begins in its text, and what a change there may be refused
// for, besides being unreadable or not canonical.
struct Part {
  std::string_view field;
  Reasons reasons;
};
const std::vector<Part>& parts() {
  static const std::vector<Part> kParts = {
      {"version", {"unknown-version"}},
      {"subject", {"index-mismatch", "record-count", "since-malformed", "subject"}},
      {"handovers",
       {"checkpoint-malformed", "other-network", "commit-not-last", "bad-cosignature",
        "stranger-line", "handover-epoch", "handover-committee", "handover-order", "actors"}},
      {"actors", {"actors"}},
      {"checkpoint",
       {"checkpoint-malformed", "other-network", "empty-log", "commit-not-last", "bad-cosignature",
        "stranger-line", "handover-order"}},
      {"commit_record", {"commit-not-last"}},
      {"commit_path", {"commit-not-last"}},
      {"index_proof", {"index-mismatch"}},
      {"since", {"since-malformed", "record-count", "history-mismatch"}},
      {"records",
       {"record-malformed", "record-foreign", "record-number", "record-order", "history-mismatch"}},
      {"statements",
       {"statement-malformed", "statement-signature", "statement-origin", "statement-path"}},
      {"bodies", {"facts-place", "facts-mismatch"}},
      {"details", {"reasons-place", "reasons-mismatch"}},
  };
  return kParts;
}

// Flips bits of every byte; REQUIREs that each is refused, for a reason that fits the place.
void flip_every_byte(const Bundle& good, const Trust& trust,
                     std::initializer_list<unsigned> masks) {
  const std::string text = format_bundle(good);
  REQUIRE(verify_bundle(*parse_bundle(text), trust).ok());
  std::size_t part = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    // The outer names come in order, each once.
    if (part + 1 < parts().size()) {
      std::string next = "\"" + std::string(parts()[part + 1].field) + "\":";
      const bool handovers = parts()[part].field == "handovers";  // committees have actors too
      if (handovers) next += "[";
      if (text.compare(at, next.size(), next) == 0) ++part;
    }
    for (const unsigned mask : masks) {
      std::string changed = text;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ mask);
      const auto parsed = parse_bundle(changed);
      const std::string why =
          parsed ? reason_of(*parsed, trust) : std::string(reason_name(parsed.error()));
      if (why == "unreadable" || why == "not-canonical") continue;
      if (!parts()[part].reasons.contains(why)) {
        FAIL("byte " << at << " (" << parts()[part].field << "), mask " << mask << ": " << why);
      }
    }
  }
}

TEST_CASE("F17: every byte of a bundle flipped is refused, for a reason that fits the place") {
  const ProvedLedger ledger = one_epoch();
  flip_every_byte(ledger.bundle("UCR-7"), ledger.trust(), {0x01U, 0x20U});
}

TEST_CASE("F18: every byte of a bundle with handovers flipped is refused") {
  const ProvedLedger ledger = three_epochs();
  flip_every_byte(ledger.bundle("UCR-7", 6), ledger.trust(), {0x04U});  // the rest: above
}

TEST_CASE("F16: every record dropped, repeated, overwritten or swapped is refused") {
  const ProvedLedger ledger = one_epoch();
  const Trust trust = ledger.trust();
  const Bundle whole = ledger.bundle("UCR-7");
  const std::size_t n = whole.records.size();
  REQUIRE(n == 6);
  for (std::size_t i = 0; i < n; ++i) {
    CAPTURE(i);
    const auto place = [i](Bundle& bundle) {
      return bundle.records.begin() + static_cast<std::ptrdiff_t>(i);
    };
    Bundle changed = whole;
    changed.records.erase(place(changed));
    CHECK(reason_of(changed, trust) == "record-count");
    changed = whole;
    changed.records.insert(place(changed), whole.records[i]);
    CHECK(reason_of(changed, trust) == "record-count");
    changed = whole;
    changed.records[i] = whole.records[(i + 1) % n];
    CHECK(reason_of(changed, trust) == "record-number");
    changed = whole;
    changed.records[i] = ledger.bundle("OTHER-1").records[0];
    CHECK(reason_of(changed, trust) == "record-foreign");
    for (std::size_t j = i + 1; j < n; ++j) {
      changed = whole;
      std::swap(changed.records[i], changed.records[j]);
      CHECK(reason_of(changed, trust) == "record-number");
    }
  }
}

TEST_CASE("F16: records of a day or a container have no number: the order is the index's") {
  const ProvedLedger ledger = one_epoch();
  const Bundle whole = ledger.bundle(AuthorityDaySubject{"AE-DU", kGenesisMs / kMsPerDay});
  const std::size_t n = whole.records.size();
  REQUIRE(n == 6);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      Bundle changed = whole;
      std::swap(changed.records[i], changed.records[j]);
      const std::string why = reason_of(changed, ledger.trust());
      CHECK((why == "record-order" || why == "history-mismatch"));
    }
  }
  Bundle foreign = whole;
  foreign.records[0] = ledger.bundle("UCR-7").records[3];  // KW's
  CHECK(reason_of(foreign, ledger.trust()) == "record-foreign");
}

TEST_CASE("E61: a proof node more or less, at every place of every proof") {
  const ProvedLedger ledger = three_epochs();
  const Trust trust = ledger.trust();
  const Bundle good = ledger.bundle("UCR-7");
  const auto each = [&](const std::function<std::vector<Hash>&(Bundle&)>& path,
                        const std::string& expected) {
    Bundle measured = good;
    const std::size_t nodes = path(measured).size();
    for (std::size_t i = 0; i <= nodes; ++i) {
      CAPTURE(i, expected);
      Bundle changed = good;
      auto& hashes = path(changed);
      hashes.insert(hashes.begin() + static_cast<std::ptrdiff_t>(i), Hash());
      CHECK(reason_of(changed, trust) == expected);
      if (i == nodes) continue;
      changed = good;
      auto& fewer = path(changed);
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(reason_of(changed, trust) == expected);
    }
    Bundle changed = good;
    path(changed).clear();
    if (nodes > 0) CHECK(reason_of(changed, trust) == expected);
  };
  each(
      [](Bundle & b) -> auto& { return b.commit_path; }, "commit-not-last");
  each(
      [](Bundle & b) -> auto& { return b.handovers[0].commit_path; }, "commit-not-last");
  each(
      [](Bundle & b) -> auto& { return b.handovers[1].commit_path; }, "commit-not-last");
  each(
      [](Bundle & b) -> auto& { return b.statements[0].path; }, "statement-path");
  for (std::size_t i = 0; i < good.index_proof.turns.size(); ++i) {
    Bundle changed = good;
    auto& turns = changed.index_proof.turns;
    turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(reason_of(changed, trust) == "index-mismatch");
    changed = good;
    changed.index_proof.turns.insert(
        changed.index_proof.turns.begin() + static_cast<std::ptrdiff_t>(i), {3, Hash()});
    CHECK(reason_of(changed, trust) == "index-mismatch");
  }
}

TEST_CASE("E58: an inner node is no leaf, and a leaf no inner node") {
  const ProvedLedger ledger = one_epoch();
  const Trust trust = ledger.trust();
  const Bundle good = ledger.bundle("UCR-7");
  REQUIRE(good.commit_path.size() > 1);
  // The parent of the last leaf, given as a leaf of the shorter path above it.
  Bundle as_leaf = good;
  Bytes parent(good.commit_path[0].view().begin(), good.commit_path[0].view().end());
  crypto::append(parent, crypto::leaf_hash(good.commit_record).view());
  as_leaf.commit_record = parent;
  as_leaf.commit_path.erase(as_leaf.commit_path.begin());
  CHECK(reason_of(as_leaf, trust) == "commit-not-last");
  // An inner node of the index in place of its leaf.
  Bundle inner = good;
  REQUIRE(inner.index_proof.turns.size() > 1);
  const crypto::IndexTurn last = inner.index_proof.turns.back();
  inner.index_proof.turns.pop_back();
  inner.index_proof.leaf->root = last.sibling;
  CHECK(reason_of(inner, trust) == "index-mismatch");
}

TEST_CASE("E60: sizes that no log has") {
  const ProvedLedger ledger = one_epoch();
  const auto with_size = [&](std::uint64_t size, const Hash& root) {
    Bundle bundle = ledger.bundle("UCR-7");
    bundle.checkpoint = note_lines(
        ledger.note_of({ledger.trust().origin(), size, root}, ledger.committee().quorum()));
    return reason_of(bundle, ledger.trust());
  };
  // Even where a quorum signs them.
  CHECK(with_size(ledger.size(), ledger.root()) == "holds");
  CHECK(with_size(0, crypto::empty_root()) == "empty-log");
  CHECK(with_size(std::uint64_t{1} << 63U, ledger.root()) == "commit-not-last");
  CHECK(with_size(~std::uint64_t{0}, ledger.root()) == "commit-not-last");
  CHECK(with_size(ledger.size() - 1, ledger.root()) == "commit-not-last");
  CHECK(with_size(ledger.size() + 1, ledger.root()) == "commit-not-last");
  Bundle beyond = ledger.bundle("UCR-7");
  beyond.statements[0].index = 1;
  CHECK(reason_of(beyond, ledger.trust()) == "statement-origin");
}

TEST_CASE("E62: the proof of one block under the root of another") {
  ProvedLedger ledger = one_epoch();
  const Bundle before = ledger.bundle("UCR-7");
  ledger.act(kSubmitterKey, declare(goods("X-9", "import", "OTHER-9", 9)));
  const Bundle after = ledger.bundle("UCR-7");
  const auto spliced = [&](const Bundle& base, const std::function<void(Bundle&)>& change) {
    Bundle changed = base;
    change(changed);
    return reason_of(changed, ledger.trust());
  };
  CHECK(spliced(before, [&](Bundle& b) { b.checkpoint = after.checkpoint; }) == "commit-not-last");
  CHECK(spliced(before, [&](Bundle& b) {
          b.checkpoint = after.checkpoint;
          b.commit_path = after.commit_path;
        }) == "commit-not-last");
  CHECK(spliced(after, [&](Bundle& b) { b.checkpoint = before.checkpoint; }) == "commit-not-last");
  CHECK(spliced(after, [&](Bundle& b) { b.index_proof = before.index_proof; }) == "index-mismatch");
  CHECK(spliced(before, [&](Bundle& b) {
          b.checkpoint = after.checkpoint;
          b.commit_record = after.commit_record;
          b.commit_path = after.commit_path;
        }) == "index-mismatch");
}

TEST_CASE("E63, E64: each check of the index broken alone") {
  ProvedLedger ledger = one_epoch();
  for (int i = 0; i < 12; ++i) {
    ledger.act(kSubmitterKey,
               declare(goods("Y-" + std::to_string(i), "import", "MORE-" + std::to_string(i), 7)));
  }
  const Trust trust = ledger.trust();
  const Bundle good = ledger.bundle("UCR-7");
  const auto with = [&](const std::function<void(Bundle&)>& change) {
    Bundle changed = good;
    change(changed);
    return reason_of(changed, trust);
  };
  REQUIRE(good.index_proof.turns.size() >= 2);
  CHECK(with([](Bundle& b) { b.index_proof.leaf->key.bytes[0] ^= 0x80; }) == "index-mismatch");
  CHECK(with([](Bundle& b) { std::swap(b.index_proof.turns[0], b.index_proof.turns[1]); }) ==
        "index-mismatch");
  CHECK(with([](Bundle& b) { b.index_proof.turns[1].bit = b.index_proof.turns[0].bit; }) ==
        "index-mismatch");
  CHECK(with([](Bundle& b) { b.index_proof.turns.back().bit = 256; }) == "index-mismatch");
  CHECK(with([](Bundle& b) { b.index_proof.turns[0].sibling.bytes[7] ^= 1; }) == "index-mismatch");
  CHECK(with([](Bundle& b) { b.index_proof.leaf.reset(); }) == "index-mismatch");
  CHECK(with([](Bundle& b) { b.index_proof = {}; }) == "index-mismatch");
  CHECK(with([](Bundle& b) { --b.index_proof.leaf->n; }) == "index-mismatch");
  CHECK(with([](Bundle& b) { ++b.index_proof.leaf->n; }) == "index-mismatch");
  // Absence by a leaf that another key's path leads to, and by one of another subject.
  CHECK(with([&](Bundle& b) { b.index_proof = ledger.bundle("OTHER-1").index_proof; }) ==
        "index-mismatch");
  CHECK(with([&](Bundle& b) {
          b.subject = ProvedLedger::container("UCR7");  // the index of another name
          b.index_proof = ledger.bundle("UCR-7").index_proof;
        }) == "index-mismatch");
  // A checkpoint, signed by a quorum, whose size ends no block.
  crypto::MemoryTree cut;
  for (std::uint64_t i = 0; i + 1 < ledger.size(); ++i) {
    cut.append(crypto::leaf_hash(ledger.leaf(i)));
  }
  CHECK(with([&](Bundle& b) {
          b.checkpoint = note_lines(ledger.note_of({trust.origin(), cut.size(), cut.root()},
                                                   ledger.committee().quorum()));
          b.commit_record = ledger.leaf(cut.size() - 1);
          b.commit_path = crypto::inclusion_proof(cut.size() - 1, cut.size(), cut).value();
        }) == "no-block-end");
}

TEST_CASE("E65: another network's keys, another epoch's committee") {
  const ProvedLedger ledger = three_epochs();
  const Bundle good = ledger.bundle("UCR-7");
  REQUIRE(reason_of(good, ledger.trust()) == "holds");
  Trust other_keys = ledger.trust();
  for (std::size_t i = 0; i < other_keys.validators.size(); ++i) {
    const auto stranger = static_cast<std::uint8_t>(i + 20);
    other_keys.validators[i].cosigner = key_of(kCosignerKey, stranger).public_key();
    other_keys.validators[i].log = key_of(kLogKey, stranger).public_key();
  }
  CHECK(reason_of(good, other_keys) == "stranger-line");
  Trust other_network = ledger.trust();
  other_network.network_id.bytes[3] ^= 1;
  CHECK(reason_of(good, other_network) == "other-network");
  Trust later = ledger.trust();
  later.epoch = 2;
  CHECK(reason_of(good, later) == "trust-newer");
  later.epoch = 9;
  CHECK(reason_of(good, later) == "trust-newer");
  // The committee of epoch 3 cosigned; he who trusts it needs no handovers.
  Bundle direct = good;
  direct.handovers.clear();
  direct.actors.clear();
  CHECK(reason_of(direct, ledger.trust()) == "trust-older");
  Trust third = ledger.trust();
  third.epoch = 3;
  third.validators = good.handovers.back().committee.validators;
  CHECK(reason_of(direct, third) == "holds");
  // A committee of another epoch is believed for its own epoch alone.
  third.epoch = 1;
  CHECK(reason_of(direct, third) == "trust-older");
  Trust first_as_third = ledger.trust();
  first_as_third.epoch = 3;
  CHECK(reason_of(direct, first_as_third) == "stranger-line");
}

TEST_CASE("E66: two roots for one size are told apart from growth") {
  const auto one = [](const std::string& id) {
    ProvedLedger ledger;
    ledger.act(kSubmitterKey, declare(goods(id, "import", "UCR-7", 4)));
    return *verify_bundle(ledger.bundle("UCR-7"), ledger.trust());
  };
  const BundleFindings a = one("I-1");
  const BundleFindings b = one("I-2");
  REQUIRE(a.tree_size == b.tree_size);
  CHECK(reason_name(check_growth(a, b).error()) == "two-histories");
  CHECK(reason_name(check_growth(b, a).error()) == "two-histories");
}

TEST_CASE("F18: handovers left out, swapped, repeated, cut or forged are refused") {
  const ProvedLedger ledger = three_epochs();
  const Trust trust = ledger.trust();
  const Bundle good = ledger.bundle("UCR-7");
  REQUIRE(good.handovers.size() == 2);
  const auto with = [&](const std::function<void(Bundle&)>& change) {
    Bundle changed = good;
    change(changed);
    return reason_of(changed, trust);
  };
  CHECK(with([](Bundle& b) { b.handovers.pop_back(); }) == "handover-missing");
  CHECK(with([](Bundle& b) { b.handovers.erase(b.handovers.begin()); }) == "trust-older");
  CHECK(with([](Bundle& b) { std::swap(b.handovers[0], b.handovers[1]); }) == "trust-older");
  CHECK(with([](Bundle& b) { b.handovers.push_back(b.handovers[1]); }) == "handover-missing");
  CHECK(with([](Bundle& b) { b.handovers.insert(b.handovers.begin(), b.handovers[0]); }) ==
        "handover-missing");
  // Another committee than the one that was signed in, and other actors.
  CHECK(with([](Bundle& b) {
          b.handovers[1].committee.validators[0].cosigner = key_of(kCosignerKey, 20).public_key();
        }) == "handover-committee");
  CHECK(with([](Bundle& b) { b.handovers[1].committee.validators.pop_back(); }) ==
        "handover-committee");
  CHECK(with([](Bundle& b) { b.handovers[0].committee.actors.bytes[0] ^= 1; }) ==
        "handover-committee");
  CHECK(with([](Bundle& b) { b.handovers[0].committee.epoch = 3; }) == "handover-epoch");
  CHECK(with([](Bundle& b) { b.handovers[0].committee.epoch = 1; }) == "handover-epoch");
  CHECK(with([](Bundle& b) { b.actors.pop_back(); }) == "actors");
  // A block that ends no epoch names its own committee.
  CHECK(with([](Bundle& b) {
          b.handovers[1].checkpoint = b.checkpoint;
          b.handovers[1].commit_record = b.commit_record;
          b.handovers[1].commit_path = b.commit_path;
        }) == "handover-missing");
  // Too few of the old committee.
  CHECK(with([](Bundle& b) { b.handovers[0].checkpoint.pop_back(); }) == "not-cosigned");
}

TEST_CASE("F18: a handover signed by strangers, or backwards in time, is refused") {
  ProvedLedger ledger = one_epoch();
  ledger.hand_over({4, 5, 6, 7});
  ledger.act(kSubmitterKey, declare(goods("X-9", "import", "OTHER-9", 9)));
  const Bundle good = ledger.bundle("UCR-7");
  REQUIRE(reason_of(good, ledger.trust()) == "holds");
  // The new committee signs itself in.
  Bundle self_made = good;
  const auto note = crypto::SignedNote::parse(note_text(good.handovers[0].checkpoint));
  REQUIRE(note.ok());
  self_made.handovers[0].checkpoint = note_lines(
      ledger.note_of(*crypto::Checkpoint::parse(note->text), ledger.committee().quorum()));
  CHECK(reason_of(self_made, ledger.trust()) == "stranger-line");
  // The new committee signs an old block: its epoch is not theirs.
  Bundle backwards = good;
  backwards.checkpoint = self_made.handovers[0].checkpoint;
  backwards.commit_record = good.handovers[0].commit_record;
  backwards.commit_path = good.handovers[0].commit_path;
  CHECK(reason_of(backwards, ledger.trust()) == "handover-missing");
}

TEST_CASE("every reason of refusal has a name and words of its own") {
  std::set<std::string> names;
  std::set<std::string> words;
  for (std::size_t i = 0; i < kUnprovedNames.size(); ++i) {
    const Error error{static_cast<Unproved>(i)};
    CHECK(reason_name(error) == kUnprovedNames[i]);
    names.insert(std::string(kUnprovedNames[i]));
    words.insert(error.message());
  }
  CHECK(names.size() == kUnprovedNames.size());
  CHECK(words.size() == kUnprovedNames.size());
  CHECK(kUnprovedNames[static_cast<std::size_t>(Unproved::kNotIncluded)] == "not-included");
  CHECK(reason_name(Error{crypto::Errc::kBadProof}) == "unreadable");
}

}  // namespace
}  // namespace sanad::tests
