// What a member's driver begins with, in the program and in the simulator alike: who votes and what
// is cosigned, from the genesis; the journal; and R3's choice where that cannot be trusted.
#pragma once

#include "node/quarantine_choice.h"
#include "node/replica/driver.h"

namespace sanad::chaincode {
class Contracts;
}

namespace sanad::node {

class FileSystem;
struct JournalOptions;

consensus::Committee committee_of(const chaincode::Contracts& contracts);
CheckpointOptions checkpoint_options(const chaincode::Contracts& contracts,
                                     consensus::MemberIndex self, std::size_t quorum);

// All outlive the driver.
struct DriverPlace {
  FileSystem& files;
  const Ledger& ledger;
  const MemberKeys& keys;
  Transport& transport;
};

// Opens the journal and recovers. Where `quarantine` allows it, a journal that cannot be trusted is
// set aside and a new one begun (R3); else kJournalDamaged says what to do.
crypto::Result<std::unique_ptr<Driver>> start_driver(const DriverPlace& place,
                                                     const JournalOptions& journal,
                                                     const DriverOptions& options,
                                                     Quarantine quarantine);

}  // namespace sanad::node
