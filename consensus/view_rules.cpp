#include "consensus/view_rules.h"

#include <set>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

// N3: the parent's certificate and every gap's nullification are held, and the parent is not below
// the finalised view.
std::optional<Invalid> check_parent(const Proposal& proposal, const Certificates& certificates,
                                    Undecided& undecided) {
  const View parent_view = proposal.vote.subject.parent_view;
  if (parent_view < certificates.final_view()) return Invalid{"parent below the finalised view"};
  const std::optional<Hash> certified = certificates.certified_block(parent_view);
  const bool must_be_certified = !broken(Mutant::kParentNotCertified);
  if (!certified && must_be_certified) {
    undecided.certificates.push_back(parent_view);
  } else if (must_be_certified && *certified != proposal.header.parent) {
    return Invalid{"parent is not the block certified in its view"};
  }
  for (View gap = parent_view + 1; gap < proposal.vote.subject.view; ++gap) {
    const bool held = certificates.has(VoteKind::nullify, gap) || broken(Mutant::kGapsAssumed);
    if (!held) undecided.certificates.push_back(gap);
  }
  return std::nullopt;
}

// N4: what follows from the parent, which may not be held.
std::optional<Invalid> check_against_parent(const BlockHeader& header, const Chain& chain,
                                            Undecided& undecided) {
  if (!chain.holds(header.parent)) {
    undecided.parent_block = true;
    return std::nullopt;
  }
  const Chain::Block* parent = chain.find(header.parent);
  const Height parent_height = parent == nullptr ? 0 : parent->header.height;
  const std::uint64_t parent_time_ms = parent == nullptr ? 0 : parent->header.time_ms;
  if (header.height != parent_height + 1 && !broken(Mutant::kAnyHeight))
    return Invalid{"height does not follow the parent's"};
  if (header.time_ms <= parent_time_ms && !broken(Mutant::kTimeMayFall))
    return Invalid{"time is not above the parent's"};
  return std::nullopt;
}

// B4: a chain orders a batch once. What is final is known as ordered, all else above it is on the
// way to the parent. A batch whose first block is committed is let go of: nobody could give it out
// for a second one.
std::optional<Invalid> check_ancestors(const BlockHeader& header, const Holdings& held,
                                       Undecided& undecided) {
  if (broken(Mutant::kAncestorsBatchesAgain)) return std::nullopt;
  std::set<Hash> named;
  for (const BatchRef& ref : header.batches) {
    if (held.batches.is_ordered(ref.digest)) return Invalid{"a final block orders its batch"};
    named.insert(ref.digest);
  }
  const Chain::Path path = held.chain.path_to(header.parent);
  if (!path.complete()) {
    undecided.parent_block = true;
    return std::nullopt;
  }
  for (const Hash& ancestor : path.blocks) {
    for (const BatchRef& ref : held.chain.find(ancestor)->header.batches) {
      if (named.contains(ref.digest)) return Invalid{"an ancestor orders its batch"};
    }
  }
  return std::nullopt;
}

// B2: only what is held. A digest decides its batch, so other numbers beside it are never right.
std::optional<Invalid> check_batches(const BlockHeader& header, const Dissemination& batches,
                                     Undecided& undecided) {
  for (const BatchRef& ref : header.batches) {
    const Dissemination::Held* held = batches.find(ref.digest);
    if (held != nullptr && held->ref != ref) return Invalid{"reference differs from its batch"};
    if (held == nullptr && !broken(Mutant::kUnheldBatchesAccepted))
      undecided.batches.push_back(ref);
  }
  return std::nullopt;
}

}  // namespace

ParentChoice choose_parent(View view, const Certificates& certificates, const Chain& chain) {
  std::optional<View> incomplete;
  for (View below = view - 1;; --below) {
    const std::optional<Hash> block = certificates.certified_block(below);
    if (block && chain.path_to(*block).complete()) return Parent{below, *block};
    if (block && !incomplete) incomplete = below;
    // A leader that lacks the data of a block may go below it where the view is nullified too.
    const bool nullified =
        certificates.has(VoteKind::nullify, below) || broken(Mutant::kParentOverGap);
    if (!nullified || below == 0 || below <= certificates.final_view()) {
      if (incomplete) return MissingAncestry{*incomplete};
      return MissingCertificate{below};
    }
  }
}

Judgement judge(const Proposal& proposal, const Holdings& held, std::uint64_t wall_ms,
                std::uint64_t clock_ahead_max_ms) {
  Undecided undecided;
  const BlockHeader& header = proposal.header;
  if (auto fault = check_parent(proposal, held.certificates, undecided)) return *fault;
  if (auto fault = check_against_parent(header, held.chain, undecided)) return *fault;
  if (auto fault = check_ancestors(header, held, undecided)) return *fault;
  if (auto fault = check_batches(header, held.batches, undecided)) return *fault;
  if (header.time_ms > wall_ms + clock_ahead_max_ms && !broken(Mutant::kClockMayRunAhead)) {
    undecided.wait_ms = header.time_ms - wall_ms - clock_ahead_max_ms;
  }
  if (!undecided.certificates.empty() || undecided.parent_block || !undecided.batches.empty() ||
      undecided.wait_ms > 0) {
    return undecided;
  }
  return Acceptable{};
}

}  // namespace sanad::consensus
