#include "node/api/submission_waiters.h"

namespace sanad::node {

using crypto::Hash;
using network::HttpReply;
using network::HttpResponse;

void SubmissionWaiters::add(const Hash& id, HttpReply reply, HttpResponse in_vain,
                            Settled settled) {
  const Key key{id, next_++};
  reply.when_gone([this, key, alive = alive_] {
    if (*alive) take(key);
  });
  const auto timer = io_.after(wait_ms_, [this, key, alive = alive_] {
    if (!*alive) return;
    if (auto waiter = take(key)) waiter->reply(std::move(waiter->in_vain));
  });
  waiters_.emplace(key, Waiter{std::move(reply), std::move(in_vain), std::move(settled), timer});
  count_ = waiters_.size();
}

std::optional<SubmissionWaiters::Waiter> SubmissionWaiters::take(const Key& key) {
  auto waiting = waiters_.extract(key);
  if (waiting.empty()) return std::nullopt;
  io_.cancel(waiting.mapped().timer);
  count_ = waiters_.size();
  return std::move(waiting.mapped());
}

void SubmissionWaiters::settle(const Hash& id,
                               const std::optional<chaincode::SubmissionStatus>& status) {
  auto next = waiters_.lower_bound({id, 0});
  while (next != waiters_.end() && next->first.first == id) {
    const Key key = (next++)->first;
    take(key)->settled(status);
  }
}

}  // namespace sanad::node
