// R3 on disk: a member whose journal is damaged or gone begins a new one in which it casts no vote.
#pragma once

#include "consensus/types.h"
#include "node/ledger/ledger.h"
#include "node/replica/journal.h"

namespace sanad::node {

// Whether a journal that opened is not to be trusted all the same: the operator wants a quarantine
// and it notes none; or it is empty because a crash came between setting the old one aside and the
// first record of the new one.
bool must_begin_quarantine(FileSystem& files, const std::string& folder,
                           std::span<const JournalEntry> entries, bool wanted);

// Renames what there is of the journal to `<folder>.set-aside-<n>`, for whoever looks into it, and
// opens a new one that says, durably, that votes may be forgotten and that all in `ledger` is
// final. O(blocks since this member's newest batch). A crash in between leaves what is again not to
// be trusted.
crypto::Result<Journal::Opened> begin_quarantine(FileSystem& files, JournalOptions options,
                                                 const Ledger& ledger, consensus::MemberIndex self);

}  // namespace sanad::node
