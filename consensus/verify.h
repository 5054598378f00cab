// The only door in: bytes of a peer become a Verified message, or an error and nothing else.
//
// What is checked here, cheapest first (C2): size, canonical form, epoch, view window, whether it
// is needed at all, signer and sender, bitmap, count, and only then signatures, each one singly
// (C1). Nothing is forwarded that did not pass (C6).
#pragma once

#include <map>
#include <set>

#include "consensus/committee.h"
#include "consensus/errors.h"
#include "consensus/messages.h"

namespace sanad::consensus {

// A T that passed the Verifier; nothing else can make one.
template <class T>
class Verified {
 public:
  [[nodiscard]] const T& operator*() const { return value_; }
  [[nodiscard]] const T* operator->() const { return &value_; }

 private:
  friend class Verifier;
  explicit Verified(T value) : value_(std::move(value)) {}
  T value_;
};

// What the core can still use, as of one moment. A value: copy it to worker threads; the core
// checks again, so an old one costs only time.
struct Window {
  View final_view = 0;  // of the highest finalization held
  View view = 0;        // current
  std::uint64_t past_views_kept = 0;
  // Certificates held of views from final_view − past_views_kept: bit `kind` is set.
  std::map<View, std::uint8_t> held;
  // Tips of the GetBlocks that wait for an answer.
  std::set<Hash> asked_blocks;
  // Of those sent lately, waiting or not: an answer may come after another member's.
  std::vector<Hash> asked_lately;
  bool awaits_reports = false;  // R3

  // C2: votes and proposals of [final − past_views_kept, view + 1].
  [[nodiscard]] bool takes_vote(View of) const;
  // Not held, and not made useless by a finalization.
  [[nodiscard]] bool needs(const Subject& subject) const;
};

// Signatures that were found valid, so that a certificate costs nothing for votes already seen.
// Only valid ones are kept, under a hash of key, message and signature; a full slot is overwritten.
// Not thread-safe: one per verifying thread.
class SignatureCache {
 public:
  // `slots` × 32 bytes of memory. REQUIRES: slots > 0.
  explicit SignatureCache(std::size_t slots = 8192);
  // True iff valid.
  [[nodiscard]] bool check(const PublicKey& key, const Hash& message, const Signature& signature);
  // Signatures checked for real, for metrics and tests.
  [[nodiscard]] std::uint64_t computed() const { return computed_; }

 private:
  std::vector<Hash> slots_;
  std::uint64_t computed_ = 0;
};

// Not thread-safe only because of the cache; Verifiers of different caches are independent.
class Verifier {
 public:
  // `committee` and `cache` outlive the verifier.
  Verifier(const Committee& committee, const Hash& chain_id, SignatureCache& cache);

  // `from` is the authenticated sender. Errors: those of crypto's codec, and consensus Errc.
  [[nodiscard]] Result<Verified<Message>> verify(ByteView bytes, MemberIndex from,
                                                 const Window& window) const;
  [[nodiscard]] Result<Verified<Message>> verify(Message message, MemberIndex from,
                                                 const Window& window) const;
  // A certificate alone, without regard to need: for stores and replies kept on disk.
  [[nodiscard]] Status check(const Certificate& certificate) const;

 private:
  [[nodiscard]] Status check_vote(const Vote& vote, MemberIndex from, const Window& window) const;
  [[nodiscard]] Status check_signature(const Vote& vote) const;
  [[nodiscard]] Status check_shape(const Certificate& certificate) const;
  [[nodiscard]] Status check_needed(const Certificate& certificate, const Window& window) const;
  [[nodiscard]] Status check_proposal(Proposal& proposal, MemberIndex from,
                                      const Window& window) const;
  [[nodiscard]] Status check_blocks(const Blocks& blocks, const Window& window) const;
  [[nodiscard]] Status check_report(ViewReport& report, const Window& window) const;
  [[nodiscard]] Status check_status(MemberStatus& status, const Window& window) const;
  // Of a claim's highest finalization: drops what is not needed.
  [[nodiscard]] Status check_highest(std::optional<Certificate>& finalization,
                                     const Window& window) const;

  const Committee& committee_;
  Hash chain_id_;
  SignatureCache& cache_;
};

// What makes a header invalid for ever and for everybody (N4): chain, epoch, origin view, proposer,
// height 0, too many, too large or repeated references, an epoch_end that no executed change
// permits. The text names the fault.
[[nodiscard]] std::optional<std::string_view> header_fault(const BlockHeader& header, View view,
                                                           View parent_view,
                                                           const Committee& committee,
                                                           const Hash& chain_id);

}  // namespace sanad::consensus
