#include "node/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace sanad::node {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Prometheus' values are doubles by its format; they are for people and never come back.
class Families {
 public:
  void gauge(const std::string& name, const std::string& help, std::uint64_t value) {
    add(name, help, MetricType::Gauge, {metric(MetricType::Gauge, value)});
  }
  void counter(const std::string& name, const std::string& help, std::uint64_t value) {
    add(name, help, MetricType::Counter, {metric(MetricType::Counter, value)});
  }
  // A duration becomes <name>_seconds_{count,sum} and the largest as <name>_seconds_max.
  void duration(const std::string& name, const std::string& help, const Duration& value) {
    ClientMetric sum;
    sum.summary.sample_count = value.count;
    sum.summary.sample_sum = static_cast<double>(value.sum_us) / 1e6;
    add(name + "_seconds", help, MetricType::Summary, {sum});
    ClientMetric max;
    max.gauge.value = static_cast<double>(value.max_us) / 1e6;
    add(name + "_seconds_max", help + " (largest)", MetricType::Gauge, {max});
  }
  // One value per peer, labelled with the member's id.
  template <class Value>
  void per_peer(const std::string& name, const std::string& help, MetricType type,
                const MetricsInput& input, Value value) {
    std::vector<ClientMetric> metrics;
    for (std::size_t i = 0; i < input.mesh.peers.size() && i < input.member_ids.size(); ++i) {
      if (i == input.self) continue;
      ClientMetric one = metric(type, value(input.mesh.peers[i]));
      one.label.push_back({"member", input.member_ids[i]});
      metrics.push_back(std::move(one));
    }
    add(name, help, type, std::move(metrics));
  }
  void per_member(const std::string& name, const std::string& help, const MetricsInput& input,
                  const std::vector<std::uint64_t>& values) {
    std::vector<ClientMetric> metrics;
    for (std::size_t i = 0; i < values.size() && i < input.member_ids.size(); ++i) {
      if (i == input.self) continue;
      ClientMetric one = metric(MetricType::Counter, values[i]);
      one.label.push_back({"member", input.member_ids[i]});
      metrics.push_back(std::move(one));
    }
    add(name, help, MetricType::Counter, std::move(metrics));
  }
  // One value per member and reason that occurred.
  void per_reason(const std::string& name, const std::string& help, const MetricsInput& input,
                  const std::vector<network::ReasonCounts>& counts) {
    std::vector<ClientMetric> metrics;
    for (std::size_t i = 0; i < counts.size() && i < input.member_ids.size(); ++i) {
      for (const auto& [code, count] : counts[i]) {
        ClientMetric one = reason(code, count);
        one.label.push_back({"member", input.member_ids[i]});
        metrics.push_back(std::move(one));
      }
    }
    add(name, help, MetricType::Counter, std::move(metrics));
  }
  void per_reason(const std::string& name, const std::string& help,
                  const network::ReasonCounts& counts) {
    std::vector<ClientMetric> metrics;
    for (const auto& [code, count] : counts) metrics.push_back(reason(code, count));
    add(name, help, MetricType::Counter, std::move(metrics));
  }
  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  static ClientMetric reason(const std::error_code& code, std::uint64_t count) {
    ClientMetric one = metric(MetricType::Counter, count);
    one.label.push_back({"reason", reason_label(code)});
    return one;
  }
  static ClientMetric metric(MetricType type, std::uint64_t value) {
    ClientMetric one;
    if (type == MetricType::Counter) {
      one.counter.value = static_cast<double>(value);
    } else {
      one.gauge.value = static_cast<double>(value);
    }
    return one;
  }
  void add(const std::string& name, const std::string& help, MetricType type,
           std::vector<ClientMetric> metrics) {
    families_.push_back(MetricFamily{"sanad_" + name, help, type, std::move(metrics)});
  }

  std::vector<MetricFamily> families_;
};

void add_consensus(Families& out, const ReplicaCounters& c, const ReplicaStatus& status) {
  out.gauge("view", "View of consensus", c.view);
  out.gauge("leading", "1 while this node leads its view", c.leads ? 1 : 0);
  out.gauge("view_timeout_ms", "T', of which the view's deadlines are multiples",
            c.view_timeout_ms);
  out.counter("nullified_views_total", "Views that this node gave up", c.nullified_views);
  out.gauge("finalized_height", "Highest block that is final", c.finalized_height);
  out.gauge("committed_height", "Highest block in the ledger", c.committed_height);
  out.gauge("checkpoint_height", "Highest block with a quorum of cosignatures",
            c.checkpoint_height);
  out.gauge("best_peer_height", "Highest ledger that a peer claims", status.best_peer_height);
  out.gauge("serving", "1 while this node serves", status.serving ? 1 : 0);
  out.gauge("quarantine", "1 while this node may have forgotten votes and casts none",
            status.in_quarantine ? 1 : 0);
  out.gauge("caught_up", "1 while this node is not behind a quorum", status.caught_up ? 1 : 0);
  out.gauge("quorum_reachable", "1 while links to a quorum are up",
            status.quorum_reachable ? 1 : 0);
  out.counter("driver_turns_total", "Turns of the driver", c.turns);
  out.counter("evidence_total", "Proofs of signed misbehaviour", c.evidence);
  out.counter("censorship_alarms_total", "Held batches that leaders left out", c.censorship_alarms);
  out.counter("sends_refused_total", "Messages that a link's queue refused", c.sends_refused);
}

void add_peers_words(Families& out, const MetricsInput& input) {
  const ReplicaCounters& c = input.counters;
  out.per_reason("frames_invalid_total", "Peer messages that no honest member sends, by reason",
                 input, c.frames_invalid);
  out.per_reason("frames_useless_total", "Peer messages that came early, late or again", input,
                 c.frames_useless);
  out.per_member("batches_unasked_total", "Batches of others that nobody asked it for", input,
                 c.batches_unasked);
  out.per_member("batches_refused_total", "Its batches over its bounds", input, c.batches_refused);
  out.per_member("checkpoints_differing_total", "Its cosignatures of another result than ours",
                 input, c.checkpoints_differing);
}

void add_storage(Families& out, const ReplicaCounters& c) {
  out.counter("journal_bytes_total", "Bytes written to the journal", c.journal_bytes);
  out.gauge("journal_segments", "Segment files of the journal", c.journal_segments);
  out.duration("journal_sync", "fdatasync of the journal", c.journal_sync);
  out.counter("blocks_committed_total", "Blocks committed to the ledger", c.blocks_committed);
  out.counter("statements_executed_total", "Statements executed", c.statements_executed);
  out.counter("accusations_recorded_total", "Proved faults of members that the ledger recorded",
              c.accusations_recorded);
  out.gauge("execution_queue", "Final blocks that wait for execution", c.execution_queue);
  out.duration("execute", "Contracts of one block", c.execute);
  out.duration("commit", "One ledger commit, of a group of blocks", c.commit);
  out.counter("blocks_synced_total", "Blocks fetched from peers", c.blocks_synced);
  out.counter("sync_requests_total", "Catch-up requests sent", c.sync_requests);
  out.counter("sync_served_total", "Catch-up requests answered", c.sync_served);
}

void add_submissions(Families& out, const ReplicaCounters& c) {
  out.counter("batches_made_total", "Batches packed here", c.batches_made);
  out.counter("batches_received_total", "Batches of other members", c.batches_received);
  out.counter("batches_requested_total", "Batches asked for", c.batches_requested);
  out.counter("batches_late_total", "Batches asked for that came after another member's",
              c.batches_late);
  out.gauge("batches_held", "Batches not yet in a committed block", c.batches_held);
  out.gauge("batch_bytes_held", "Their bytes", c.batch_bytes_held);
  out.gauge("submissions_waiting", "Admitted and not yet packed", c.submissions_waiting);
  out.counter("submissions_admitted_total", "Submissions admitted", c.submissions_admitted);
  out.counter("submissions_refused_total", "Submissions refused", c.submissions_refused);
  out.counter("submissions_busy_total", "Submissions turned away by a full queue",
              c.submissions_busy);
  out.duration("admission_to_final", "From admission here to final and executed",
               c.admission_to_final);
}

void add_network(Families& out, const MetricsInput& input) {
  using network::PeerStats;
  out.per_peer("peer_up", "1 while the link is up", MetricType::Gauge, input,
               [](const PeerStats& p) { return std::uint64_t{p.up}; });
  out.per_peer("peer_bytes_in_total", "Bytes received", MetricType::Counter, input,
               [](const PeerStats& p) { return p.bytes_in; });
  out.per_peer("peer_bytes_out_total", "Bytes sent", MetricType::Counter, input,
               [](const PeerStats& p) { return p.bytes_out; });
  out.per_peer("peer_frames_dropped_total", "Messages refused by a queue or lost with a link",
               MetricType::Counter, input, [](const PeerStats& p) { return p.frames_dropped; });
  out.per_peer("peer_queued_bytes", "Bytes that wait to be sent", MetricType::Gauge, input,
               [](const PeerStats& p) { return p.queued_bytes; });
  out.per_peer("peer_links_total", "Times that the link came up", MetricType::Counter, input,
               [](const PeerStats& p) { return p.links; });
  out.per_peer("peer_replaced_total", "Second live links of one identity", MetricType::Counter,
               input, [](const PeerStats& p) { return p.replaced; });
  out.gauge("handshakes_open", "Accepted links not yet through the hello",
            input.mesh.handshakes_open);
  out.per_reason("handshakes_refused_total", "Accepted links that were refused, by reason",
                 input.mesh.refusals);
  out.counter("handshakes_displaced_total", "Of them, those that newer ones displaced",
              input.mesh.handshakes_displaced);
  std::vector<network::ReasonCounts> ends;
  for (const PeerStats& peer : input.mesh.peers) ends.push_back(peer.ends);
  out.per_reason("peer_links_ended_total", "Ends of links and of attempts to dial, by reason",
                 input, ends);
  out.gauge("http_connections", "Open API connections", input.http.connections);
  out.counter("http_answered_total", "API requests answered", input.http.answered);
  out.counter("http_refused_total", "API requests refused by the server itself",
              input.http.refused);
  out.counter("http_timed_out_total", "API connections that were too slow", input.http.timed_out);
}

}  // namespace

// Two folders may say the same of different errors.
std::string reason_label(const std::error_code& code) {
  constexpr std::string_view kPrefix = "sanad.";
  std::string_view folder = code.category().name();
  if (folder.starts_with(kPrefix)) folder.remove_prefix(kPrefix.size());
  return std::string(folder) + ": " + code.message();
}

std::string metrics_text(const MetricsInput& input) {
  Families out;
  add_consensus(out, input.counters, input.status);
  add_peers_words(out, input);
  add_storage(out, input.counters);
  add_submissions(out, input.counters);
  add_network(out, input);
  return out.text();
}

}  // namespace sanad::node
