// Writes the seeds of tests/fuzz/proof_fuzz.cpp; not a test: it runs where it is named, as
// SANAD_PROOF_SEEDS=tests/fuzz/corpus/proof tests_chaincode "[seeds]" does.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "chaincode/record_proof.h"
#include "tests/chaincode/proved_ledger.h"

namespace sanad::tests {
namespace {

class SeedWriter {
 public:
  explicit SeedWriter(std::string folder) : folder_(std::move(folder)) {}
  void add(const std::string& name, const Trust& trust, const std::string& rest) const {
    std::ofstream file(folder_ + "/" + name, std::ios::binary | std::ios::trunc);
    file << format_trust(trust) << rest;
    REQUIRE(file.good());
  }

 private:
  std::string folder_;
};

ProvedLedger seeds_ledger() {
  ProvedLedger ledger;
  Facts facts;
  ledger.act(kSubmitterKey, declare(facts));
  facts.id = "D-2";
  facts.salt = 7;
  ledger.act(kSubmitterKey, declare(facts, "KW"), 1);
  return ledger;
}

void add_whole(const SeedWriter& seeds, const ProvedLedger& ledger) {
  const Trust trust = ledger.trust();
  seeds.add("two-members", trust, format_bundle(ledger.bundle("UCR-1")));
  seeds.add("absent", trust, format_bundle(ledger.bundle("NEVER")));
  seeds.add("grown", trust, format_bundle(ledger.bundle("UCR-1", 3)));
  seeds.add("day", trust,
            format_bundle(ledger.bundle(AuthorityDaySubject{"KW", kGenesisMs / kMsPerDay})));
  const std::string text = format_bundle(ledger.bundle("UCR-1"));
  seeds.add("cut", trust, text.substr(0, text.size() / 2));
  seeds.add("changed-not-json", trust, "{}}\n");
  seeds.add("changed-form", trust, " " + text);
  const crypto::TlogProof proof{ledger.leaf(0), 0, ledger.commit_path(0),
                                *crypto::SignedNote::parse(ledger.note({0, 1, 2}))};
  seeds.add("tlog-proof", trust, proof.format());
  seeds.add("qr", trust, format_qr(make_qr_proof(proof, ledger.leaf(0), trust)));
  ProvedLedger handed = seeds_ledger();
  handed.hand_over({2, 3, 4, 5});
  Facts later;
  later.id = "D-3";
  later.ucr = "UCR-3";
  later.salt = 8;
  handed.act(kSubmitterKey, declare(later));
  seeds.add("handover", trust, format_bundle(handed.bundle("UCR-3")));
}

void add_changed(const SeedWriter& seeds, const ProvedLedger& ledger) {
  const Trust trust = ledger.trust();
  const auto changed = [&](const std::string& name, const std::function<void(Bundle&)>& change) {
    Bundle bundle = ledger.bundle("UCR-1");
    change(bundle);
    seeds.add("changed-" + name, trust, format_bundle(bundle));
  };
  changed("version", [](Bundle& b) { b.version = 1; });
  changed("no-ucr", [](Bundle& b) { b.subject = ConsignmentSubject{}; });
  changed("subject", [](Bundle& b) { b.subject = ProvedLedger::container("UCR1"); });
  changed("commit", [](Bundle& b) { b.commit_record = b.records[0]; });
  changed("quorum", [](Bundle& b) { b.checkpoint.pop_back(); });
  changed("cosigned-twice", [](Bundle& b) { b.checkpoint.push_back(b.checkpoint.back()); });
  changed("index", [](Bundle& b) { ++b.index_proof.leaf->n; });
  changed("order", [](Bundle& b) { std::swap(b.records[0], b.records[1]); });
  changed("record", [](Bundle& b) { b.records[0][9] ^= 1; });
  changed("since", [](Bundle& b) { b.since = crypto::LogFrontier(); });
  changed("statement", [](Bundle& b) { b.statements[0].statement[5] ^= 1; });
  changed("statement-missing", [](Bundle& b) { b.statements.pop_back(); });
  changed("statement-order", [](Bundle& b) { std::swap(b.statements[0], b.statements[1]); });
  changed("signature", [](Bundle& b) { b.statements[0].cose.back() ^= 1; });
  changed("facts", [](Bundle& b) { b.bodies[0].body.opened[0].value = std::string("x"); });
  changed("facts-of-verdict", [](Bundle& b) { b.bodies[0].n = 2; });
  changed("facts-order", [](Bundle& b) { std::swap(b.bodies[0], b.bodies[1]); });
  changed("reasons", [](Bundle& b) { b.details[0].stored[3] ^= 1; });
  changed("reasons-of-none", [](Bundle& b) { b.details[0].n = 99; });
  changed("actors", [&](Bundle& b) { b.actors = trust.actors; });
  const auto distrusted = [&](const std::string& name, const std::function<void(Trust&)>& change) {
    Trust other = trust;
    change(other);
    seeds.add("changed-trust-" + name, other, format_bundle(ledger.bundle("UCR-1")));
  };
  distrusted("no-actors", [](Trust& t) { t.actors.clear(); });
  distrusted("other-authority", [](Trust& t) { t.actors[0].authority = "OM"; });
  distrusted("other-network", [](Trust& t) { t.network = "elsewhere"; });
  distrusted("version", [](Trust& t) { t.version = 9; });
  distrusted("epoch", [](Trust& t) { t.epoch = 2; });
}

TEST_CASE("seeds of the fuzz target for proofs", "[.][seeds]") {
  const char* folder = std::getenv("SANAD_PROOF_SEEDS");
  REQUIRE(folder != nullptr);
  const SeedWriter seeds(folder);
  const ProvedLedger ledger = seeds_ledger();
  add_whole(seeds, ledger);
  add_changed(seeds, ledger);
}

}  // namespace
}  // namespace sanad::tests
