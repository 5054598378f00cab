// R3 on disk: a member whose journal is damaged or gone begins a new one in which it casts no vote.
#pragma once

#include "consensus/types.h"
#include "node/ledger/ledger.h"
#include "node/replica/journal.h"

namespace sanad::node {

// Renames what there is of the journal to `<folder>.set-aside-<n>`, for whoever looks into it, and
// opens a new one that says, durably, that votes may be forgotten and that all in `ledger` is
// final. O(blocks since this member's newest batch). A crash in between leaves what is again a
// damaged journal.
crypto::Result<Journal::Opened> begin_quarantine(FileSystem& files, JournalOptions options,
                                                 const Ledger& ledger, consensus::MemberIndex self);

}  // namespace sanad::node
