#include "node/replica/start_driver.h"

#include <spdlog/spdlog.h>

#include "chaincode/contracts.h"
#include "chaincode/trust.h"
#include "node/replica/evidence_judge.h"
#include "node/replica/quarantine.h"

namespace sanad::node {

using crypto::Error;
using crypto::Result;

consensus::Committee committee_of(const chaincode::Contracts& contracts) {
  return committee_of(contracts.genesis(), contracts.network());
}

CheckpointOptions checkpoint_options(const chaincode::Contracts& contracts,
                                     consensus::MemberIndex self, std::size_t quorum) {
  const chaincode::Genesis& genesis = contracts.genesis();
  CheckpointOptions options{genesis.network + "/" + contracts.network().hex(), {}, self, quorum};
  for (const chaincode::Member& member : genesis.members) {
    options.cosigners.push_back(
        {chaincode::cosigner_name(genesis.network, member.id), member.cosigner_key});
  }
  return options;
}

// What may have been forgotten is never voted on again; how, is the operator's choice.
Result<std::unique_ptr<Driver>> start_driver(const DriverPlace& place,
                                             const JournalOptions& journal,
                                             const DriverOptions& options, Quarantine quarantine) {
  const auto create = [&](Journal::Opened opened) {
    return Driver::create(options, place.keys, std::move(opened), place.ledger, place.transport);
  };
  auto opened = Journal::open(place.files, journal);
  const bool may_forget = quarantine != Quarantine::kRefuse;
  if (opened && must_begin_quarantine(place.files, journal.folder, opened->entries, may_forget)) {
    opened = Error{ReplicaErrc::kJournalDamaged,
                   journal.folder +
                       ": votes may be missing; start in quarantine (sanad node run "
                       "--quarantine)"};
  }
  auto created = opened ? create(std::move(*opened)) : opened.error();
  if (created || created.error() != ReplicaErrc::kJournalDamaged || !may_forget) return created;
  spdlog::warn("this member casts no vote for now: {}", created.error().message());
  SANAD_TRY(Journal::Opened fresh,
            begin_quarantine(place.files, journal, place.ledger, options.self));
  return create(std::move(fresh));
}

}  // namespace sanad::node
