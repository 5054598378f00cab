#include "network/peer_mesh.h"

#include <list>
#include <mutex>
#include <set>

#include "network/backoff.h"
#include "network/link.h"

namespace sanad::network {
namespace {

using Tcp = asio::ip::tcp;

// Keeps `owner` alive while its coroutine runs.
template <class Owner>
asio::awaitable<void> keeping(std::shared_ptr<Owner> owner, asio::awaitable<void> work) {
  co_await std::move(work);
  owner.reset();
}

Status check_options(const MeshOptions& options) {
  const auto& members = options.members;
  const auto& limits = options.limits;
  if (options.self >= members.size()) return Error{Errc::kBadOptions, "self is not a member"};
  const crypto::SigningKey key(options.tls_seed);
  if (key.public_key() != members[options.self].tls_key) {
    return Error{Errc::kBadOptions,
                 "the TLS key is not the one that the member list has for member " +
                     std::to_string(options.self)};
  }
  std::set<crypto::PublicKey> keys;
  for (const PeerAddress& member : members) {
    if (!keys.insert(member.tls_key).second) {
      return Error{Errc::kBadOptions, "two members have the TLS key " + member.tls_key.hex()};
    }
  }
  const std::size_t frame_bytes = limits.frame_bytes_max + kFrameHeadBytes;
  if (frame_bytes > limits.consensus_queue_bytes_max || frame_bytes > limits.bulk_queue_bytes_max) {
    return Error{Errc::kBadOptions, "a queue holds less than the largest frame"};
  }
  if (limits.handshakes_max == 0 || limits.backoff_first_ms == 0 ||
      limits.backoff_first_ms > limits.backoff_max_ms) {
    return Error{Errc::kBadOptions, "limits"};
  }
  return {};
}

// Deadlines are checked so often that none is missed by more than a quarter.
std::uint64_t tick_ms(const MeshLimits& limits) {
  const std::uint64_t shortest =
      std::min({limits.handshake_timeout_ms, limits.frame_timeout_ms, limits.write_timeout_ms,
                limits.ping_interval_ms, limits.silence_timeout_ms});
  return std::clamp<std::uint64_t>(shortest / 4, 1, 250);
}

asio::ssl::context adopt(TlsContext context) { return asio::ssl::context(context.release()); }

}  // namespace

// Everything but the lanes, last errors and refusals lives on the I/O thread.
class PeerMesh::State : public std::enable_shared_from_this<State> {
 public:
  State(IoThread& io, MeshOptions options, MeshCallbacks callbacks, TlsContext accepting,
        TlsContext dialling)
      : io_(io),
        executor_(io.core().context.get_executor()),
        options_(std::move(options)),
        callbacks_(std::move(callbacks)),
        accepting_(adopt(std::move(accepting))),
        dialling_(adopt(std::move(dialling))),
        acceptor_(executor_),
        ticker_(executor_),
        accept_pause_(executor_) {
    for (std::size_t i = 0; i < options_.members.size(); ++i) {
      slots_.push_back(
          std::make_unique<Slot>(static_cast<PeerIndex>(i), options_.limits, executor_));
    }
  }

  Status begin(ListenSocket socket);
  bool send(PeerIndex peer, Priority priority, std::shared_ptr<const Bytes> frame);
  void pause_reading(PeerIndex peer, bool paused);
  MeshStats stats() const;
  void stop();

  const MeshOptions& options() const { return options_; }
  std::uint16_t port() const { return port_; }

 private:
  struct Slot {
    Slot(PeerIndex peer, const MeshLimits& limits, const asio::any_io_executor& executor)
        : index(peer), lane(std::make_shared<Lane>(limits)), redial(executor) {}
    const PeerIndex index;
    const std::shared_ptr<Lane> lane;
    std::shared_ptr<Link> link;  // the one that counts, if it is up
    asio::steady_timer redial;
    std::string last_error;  // guarded by mutex_
    ReasonCounts ends;       // the same
  };

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> dial_loop(Slot& slot);
  asio::awaitable<void> tick_loop();
  void accepted(Tcp::socket socket);
  asio::awaitable<void> serve(std::shared_ptr<Link> link);
  asio::awaitable<Status> identify(std::shared_ptr<Link> link, Slot*& slot);
  asio::awaitable<Status> reach(std::shared_ptr<Link> link, Slot& slot);
  asio::awaitable<void> carry(std::shared_ptr<Link> link, Slot& slot);
  void retire(Slot& slot, Error reason);
  void note_error(Slot& slot, const Error& error);
  void note_refusal(const Error& error);
  void launch(asio::awaitable<void> work) {
    spawn(executor_, keeping(shared_from_this(), std::move(work)));
  }

  IoThread& io_;
  const asio::any_io_executor executor_;
  const MeshOptions options_;
  const MeshCallbacks callbacks_;
  asio::ssl::context accepting_;
  asio::ssl::context dialling_;
  Tcp::acceptor acceptor_;
  asio::steady_timer ticker_;
  asio::steady_timer accept_pause_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::set<std::shared_ptr<Link>> links_;        // all that are not finished
  std::list<std::shared_ptr<Link>> handshakes_;  // accepted, hello not yet through; oldest first
  std::atomic<std::uint64_t> handshakes_open_ = 0;

  mutable std::mutex mutex_;  // guards what follows, and last_error of the slots
  MeshStats totals_;          // without peers
};

Status PeerMesh::State::begin(ListenSocket socket) {
  port_ = socket.port();
  const bool v6 = socket.host().find(':') != std::string::npos;
  boost::system::error_code error;
  acceptor_.assign(v6 ? Tcp::v6() : Tcp::v4(), socket.fd(), error);
  if (error) return Error{Errc::kListenFailed, error.message()};
  socket.release();
  launch(accept_loop());
  launch(tick_loop());
  for (auto& slot : slots_) {
    if (slot->index > options_.self) launch(dial_loop(*slot));
  }
  return {};
}

asio::awaitable<void> PeerMesh::State::accept_loop() {
  while (!stopped_) {
    boost::system::error_code error;
    Tcp::socket socket(executor_);
    co_await acceptor_.async_accept(socket, into(error));
    if (stopped_) break;
    if (!error) {
      accepted(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: what is open goes on, and the next try may succeed.
      note_refusal(Error{Errc::kListenFailed, error.message()});
      accept_pause_.expires_after(milliseconds(100));
      co_await accept_pause_.async_wait(into(error));
    }
  }
}

void PeerMesh::State::accepted(Tcp::socket socket) {
  if (handshakes_.size() >= options_.limits.handshakes_max) {
    handshakes_.front()->close(Error{Errc::kTimeout, "displaced by newer handshakes"});
    handshakes_.pop_front();
    const std::scoped_lock lock(mutex_);
    ++totals_.handshakes_displaced;
  }
  auto link = std::make_shared<Link>(std::move(socket), accepting_, options_.limits);
  handshakes_.push_back(link);
  handshakes_open_ = handshakes_.size();
  links_.insert(link);
  launch(serve(std::move(link)));
}

// The life of an accepted connection.
asio::awaitable<void> PeerMesh::State::serve(std::shared_ptr<Link> link) {
  Slot* slot = nullptr;
  const Status known = co_await identify(link, slot);
  handshakes_.remove(link);
  handshakes_open_ = handshakes_.size();
  if (known && !link->closed()) {
    co_await carry(link, *slot);
  } else {
    const Error why = link->reason().value_or(known ? Error{Errc::kStopped} : known.error());
    link->close(why);
    note_refusal(why);
  }
  links_.erase(link);
}

asio::awaitable<Status> PeerMesh::State::identify(std::shared_ptr<Link> link, Slot*& slot) {
  const Status shaken = co_await link->handshake(TlsSide::kAccepting);
  if (!shaken) co_return shaken;
  const auto key = link->peer_key();
  // The context lets only keys of members with lower indices through.
  for (std::size_t i = 0; i < options_.self; ++i) {
    if (key && options_.members[i].tls_key == *key) slot = slots_[i].get();
  }
  if (slot == nullptr) co_return Error{Errc::kUnknownKey};
  const Status greeted =
      co_await link->exchange_hello(options_.network_id, options_.self, slot->index);
  co_return greeted;
}

asio::awaitable<void> PeerMesh::State::dial_loop(Slot& slot) {
  const auto& limits = options_.limits;
  Backoff backoff(limits.backoff_first_ms, limits.backoff_max_ms,
                  options_.jitter_seed + slot.index);
  while (!stopped_) {
    const SteadyTime began = SteadyClock::now();
    auto link = std::make_shared<Link>(Tcp::socket(executor_), dialling_, limits);
    links_.insert(link);
    const Status reached = co_await reach(link, slot);
    if (reached && !link->closed()) {
      co_await carry(link, slot);
    } else {
      link->close(reached ? Error{Errc::kStopped} : reached.error());
      note_error(slot, *link->reason());
    }
    links_.erase(link);
    if (stopped_) break;
    // A link that did not last counts as a failed attempt: twins must not chase each other.
    if (reached && SteadyClock::now() - began > milliseconds(limits.backoff_max_ms))
      backoff.reset();
    boost::system::error_code error;
    slot.redial.expires_after(milliseconds(backoff.next_ms()));
    co_await slot.redial.async_wait(into(error));
  }
}

asio::awaitable<Status> PeerMesh::State::reach(std::shared_ptr<Link> link, Slot& slot) {
  const PeerAddress& address = options_.members[slot.index];
  const Status connected = co_await link->connect(address);
  if (!connected) co_return connected;
  const Status shaken = co_await link->handshake(TlsSide::kDialling);
  if (!shaken) co_return shaken;
  if (link->peer_key() != address.tls_key) {
    co_return Error{Errc::kUnknownKey, "another member answers at that address"};
  }
  const Status greeted =
      co_await link->exchange_hello(options_.network_id, options_.self, slot.index);
  co_return greeted;
}

// The life of a link whose other side is known.
asio::awaitable<void> PeerMesh::State::carry(std::shared_ptr<Link> link, Slot& slot) {
  if (slot.link) {
    ++slot.lane->replaced;
    retire(slot, Error{Errc::kReplaced});
  }
  if (stopped_ || link->closed()) co_return;  // by the callback
  slot.link = link;
  slot.lane->queue.open();
  slot.lane->up = true;
  ++slot.lane->links;
  callbacks_.on_link(slot.index, true);
  Link::OnMessage on_message = [this, &slot](Bytes message) {
    callbacks_.on_frame(slot.index, std::move(message));
  };
  co_await link->run(slot.lane, std::move(on_message));
  if (slot.link == link) retire(slot, *link->reason());
}

void PeerMesh::State::retire(Slot& slot, Error reason) {
  slot.link->close(std::move(reason));
  note_error(slot, *slot.link->reason());
  slot.link.reset();
  slot.lane->up = false;
  slot.lane->queue.close();
  callbacks_.on_link(slot.index, false);
}

asio::awaitable<void> PeerMesh::State::tick_loop() {
  const auto interval = milliseconds(tick_ms(options_.limits));
  while (!stopped_) {
    boost::system::error_code error;
    ticker_.expires_after(interval);
    co_await ticker_.async_wait(into(error));
    const SteadyTime now = SteadyClock::now();
    for (const auto& link : links_) link->tick(now);
  }
}

void PeerMesh::State::note_error(Slot& slot, const Error& error) {
  const std::scoped_lock lock(mutex_);
  slot.last_error = error.message();
  ++slot.ends[error.code];
}

void PeerMesh::State::note_refusal(const Error& error) {
  const std::scoped_lock lock(mutex_);
  ++totals_.handshakes_refused;
  ++totals_.refusals[error.code];
  totals_.last_refusal = error.message();
}

bool PeerMesh::State::send(PeerIndex peer, Priority priority, std::shared_ptr<const Bytes> frame) {
  assert(peer < slots_.size() && peer != options_.self);
  assert(!frame->empty() && frame->size() <= options_.limits.frame_bytes_max);
  Slot& slot = *slots_[peer];
  const auto pushed = slot.lane->queue.push(priority, std::move(frame));
  if (pushed.wake) {
    io_.post([self = shared_from_this(), &slot] {
      if (slot.link) slot.link->wake();
    });
  }
  return pushed.queued;
}

void PeerMesh::State::pause_reading(PeerIndex peer, bool paused) {
  assert(peer < slots_.size() && peer != options_.self);
  Slot& slot = *slots_[peer];
  slot.lane->paused = paused;
  io_.post([self = shared_from_this(), &slot] {
    if (slot.link) slot.link->set_paused(slot.lane->paused);
  });
}

MeshStats PeerMesh::State::stats() const {
  const std::scoped_lock lock(mutex_);
  MeshStats stats = totals_;
  stats.handshakes_open = handshakes_open_;
  for (const auto& slot : slots_) {
    const Lane& lane = *slot->lane;
    stats.peers.push_back({.up = lane.up,
                           .frames_in = lane.frames_in,
                           .frames_out = lane.frames_out,
                           .bytes_in = lane.bytes_in,
                           .bytes_out = lane.bytes_out,
                           .frames_dropped = lane.queue.dropped(),
                           .queued_bytes = lane.queue.queued_bytes(),
                           .links = lane.links,
                           .replaced = lane.replaced,
                           .round_trip_us = lane.round_trip_us,
                           .last_error = slot->last_error,
                           .ends = slot->ends});
  }
  return stats;
}

void PeerMesh::State::stop() {
  io_.core().run([this] {
    if (stopped_) return;
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    ticker_.cancel();
    accept_pause_.cancel();
    for (auto& slot : slots_) {
      slot->redial.cancel();
      if (slot->link) retire(*slot, Error{Errc::kStopped});
    }
    for (const auto& link : links_) link->close(Error{Errc::kStopped});
  });
}

Result<std::unique_ptr<PeerMesh>> PeerMesh::start(IoThread& io, MeshOptions options,
                                                  MeshCallbacks callbacks) {
  SANAD_TRY_STATUS(check_options(options));
  std::vector<crypto::PublicKey> lower;
  std::vector<crypto::PublicKey> higher;
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    if (i < options.self) lower.push_back(options.members[i].tls_key);
    if (i > options.self) higher.push_back(options.members[i].tls_key);
  }
  SANAD_TRY(TlsContext accepting,
            make_link_context(TlsSide::kAccepting, options.tls_seed, std::move(lower)));
  SANAD_TRY(TlsContext dialling,
            make_link_context(TlsSide::kDialling, options.tls_seed, std::move(higher)));
  SANAD_TRY(ListenSocket socket, open_listener(options.listen));
  auto state = std::make_shared<State>(io, std::move(options), std::move(callbacks),
                                       std::move(accepting), std::move(dialling));
  Status begun;
  io.core().run([&] { begun = state->begin(std::move(socket)); });
  if (!begun) return begun.error();
  return std::unique_ptr<PeerMesh>(new PeerMesh(std::move(state)));
}

PeerMesh::PeerMesh(std::shared_ptr<State> state) : state_(std::move(state)) {}

PeerMesh::~PeerMesh() { stop(); }

std::uint16_t PeerMesh::port() const { return state_->port(); }

bool PeerMesh::send(PeerIndex peer, Priority priority, std::shared_ptr<const Bytes> frame) {
  return state_->send(peer, priority, std::move(frame));
}

std::size_t PeerMesh::broadcast(Priority priority, const std::shared_ptr<const Bytes>& frame) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < state_->options().members.size(); ++i) {
    if (i == state_->options().self) continue;
    taken += state_->send(static_cast<PeerIndex>(i), priority, frame) ? 1 : 0;
  }
  return taken;
}

void PeerMesh::pause_reading(PeerIndex peer, bool paused) { state_->pause_reading(peer, paused); }

MeshStats PeerMesh::stats() const { return state_->stats(); }

void PeerMesh::stop() { state_->stop(); }

}  // namespace sanad::network
