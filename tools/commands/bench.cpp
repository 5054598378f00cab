// sanad bench load | floor | stages
#include <atomic>
#include <csignal>
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/bench/floor.h"
#include "tools/bench/measure.h"
#include "tools/bench/paced.h"
#include "tools/bench/proofs.h"
#include "tools/bench/stages.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/dev_network.h"
#include "tools/generator.h"
#include "tools/import_run.h"
#include "tools/processes.h"

namespace sanad::tools {
namespace {

constexpr std::size_t kSyncRounds = 200;

struct BenchOptions {
  std::string network;
  std::uint64_t declarations = 20'000;
  std::size_t batch = 1'000;
  std::size_t in_flight = 2;
  std::vector<std::string> without;  // members that declare nothing
  std::uint64_t rate = 0;            // declarations a second; 0: a closed loop
  std::uint64_t seconds = 30;
  std::string log;
  bool json = false;
};

// Generated declarations whose numbers no earlier run on this network has used.
class EndlessInput final : public Input {
 public:
  explicit EndlessInput(std::vector<std::string> members) : generator_(plan(std::move(members))) {}

  InputItem next() override {
    if (at_ == waiting_.size()) {
      waiting_ = generator_.next();
      at_ = 0;
    }
    InputRow row;
    row.line = ++line_;
    row.declaration = std::move(waiting_[at_++].declaration);
    auto& number = row.declaration.fields[chaincode::FieldId::kDeclarationId];
    number = "B" + std::to_string(run_) + "-" + std::to_string(line_);
    return row;
  }

 private:
  GeneratorPlan plan(std::vector<std::string> members) const {
    GeneratorPlan plan;
    plan.seed = run_;
    plan.members = std::move(members);
    return plan;
  }

  std::uint64_t run_ = now_ms();
  Generator generator_;
  std::vector<Generated> waiting_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 0;
};

// Processor time and bytes of all nodes at one moment.
struct Footprint {
  std::uint64_t processor_us = 0;
  std::uint64_t bytes = 0;
  std::size_t nodes = 0;
};

Footprint footprint(const NetworkFolder& network, const std::vector<std::string>& ids) {
  Footprint sum;
  for (const std::string& id : ids) {
    const auto process = running_process(network.member(id) / "node.pid");
    if (!process) continue;
    ++sum.nodes;
    sum.processor_us += processor_time_us(process->pid);
    sum.bytes += folder_bytes(network.member(id) / "data");
  }
  return sum;
}

struct LoadFigures {
  ImportReport report;
  Footprint before;
  Footprint after;
  std::uint64_t fdatasync_p50_us = 0;
  std::uint64_t fdatasync_p99_us = 0;
  Floor floor;
};

std::uint64_t per(std::uint64_t sum, std::uint64_t count) { return count == 0 ? 0 : sum / count; }

void print(const LoadFigures& f, const BenchOptions& options) {
  const MemberTally total = f.report.total();
  const std::uint64_t work = total.declared * f.after.nodes;
  const std::uint64_t node_ns = per((f.after.processor_us - f.before.processor_us) * 1'000, work);
  const std::uint64_t node_bytes =
      per(f.after.bytes > f.before.bytes ? f.after.bytes - f.before.bytes : 0, work);
  const std::uint64_t rate = per(total.declared * 1'000, f.report.elapsed_ms);
  const std::uint64_t times_floor_percent = per(node_ns * 100, f.floor.processor_ns);
  const std::uint64_t p50 = percentile(total.latencies_ms, 50);
  const std::uint64_t p99 = percentile(total.latencies_ms, 99);
  if (options.json) {
    std::cout << "{\"validators\":" << f.after.nodes << ",\"batch\":" << options.batch
              << ",\"in_flight_per_member\":" << options.in_flight
              << ",\"declarations\":" << total.declared << ",\"elapsed_ms\":" << f.report.elapsed_ms
              << ",\"declarations_per_s\":" << rate << ",\"latency_p50_ms\":" << p50
              << ",\"latency_p99_ms\":" << p99
              << ",\"node_processor_ns_per_declaration\":" << node_ns
              << ",\"node_bytes_per_declaration\":" << node_bytes
              << ",\"floor_processor_ns_per_declaration\":" << f.floor.processor_ns
              << ",\"floor_bytes_per_declaration\":" << f.floor.bytes
              << ",\"node_to_floor_percent\":" << times_floor_percent
              << ",\"fdatasync_p50_us\":" << f.fdatasync_p50_us
              << ",\"fdatasync_p99_us\":" << f.fdatasync_p99_us << "}\n";
    return;
  }
  std::cout << grouped(total.declared) << " declarations, " << options.batch << " a submission, "
            << options.in_flight << " submissions in flight a member, " << f.after.nodes
            << " validators\n"
            << "  " << grouped(rate) << " declarations/s; a submission is final after p50 "
            << grouped(p50) << " ms, p99 " << grouped(p99) << " ms\n"
            << "  a node uses " << grouped(node_ns / 1'000) << " us of processor and "
            << grouped(node_bytes) << " bytes a declaration\n"
            << "  the floor is " << f.floor.processor_ns / 1'000 << "."
            << f.floor.processor_ns / 100 % 10 << " us and " << grouped(f.floor.bytes)
            << " bytes: a node uses " << times_floor_percent / 100 << "."
            << times_floor_percent / 10 % 10 << " times that\n"
            << "  fdatasync of this disk in this run: p50 " << grouped(f.fdatasync_p50_us)
            << " us, p99 " << grouped(f.fdatasync_p99_us) << " us\n";
}

crypto::Result<std::vector<std::string>> leave_out(const std::vector<std::string>& without,
                                                   std::vector<std::string> ids) {
  std::string known;
  for (const std::string& id : ids) known += " " + id;
  for (const std::string& id : without) {
    if (std::erase(ids, id) == 0) {
      return crypto::Error{Errc::kNetworkFolder, "--without \"" + id +
                                                     "\": no such member, or named twice; the "
                                                     "members are" +
                                                     known};
    }
  }
  if (ids.empty()) return crypto::Error{Errc::kNetworkFolder, "nobody is left to declare"};
  return ids;
}

crypto::Result<LoadFigures> measure_load(const BenchOptions& options) {
  const NetworkFolder network{options.network};
  SANAD_TRY(const std::vector<std::string> ids, member_ids(network));
  LoadFigures figures;
  SANAD_TRY(const auto syncs, measure_fdatasync(network.root, kSyncRounds));
  figures.fdatasync_p50_us = percentile(syncs, 50);
  figures.fdatasync_p99_us = percentile(syncs, 99);
  SANAD_TRY(const Member member, open_member(network, ids.front()));
  SANAD_TRY(figures.floor, measure_floor(member, network.root, options.batch,
                                         std::min<std::uint64_t>(options.declarations, 5'000)));
  SANAD_TRY(std::vector<std::string> declaring, leave_out(options.without, ids));
  EndlessInput input(std::move(declaring));
  ImportOptions import;
  import.batch = options.batch;
  import.in_flight = options.in_flight;
  import.limit = options.declarations;
  Progress line;
  ImportObserver observer;
  observer.reject = [](const RejectedRow& row) { std::cerr << row.reason << "\n"; };
  observer.progress = [&line](std::uint64_t rows, std::uint64_t final) {
    line.show(grouped(rows) + " sent, " + grouped(final) + " final");
  };
  figures.before = footprint(network, ids);
  SANAD_TRY(figures.report, run_import(network, input, import, observer));
  figures.after = footprint(network, ids);
  if (figures.report.failure) return *figures.report.failure;
  if (figures.report.rejected > 0) {
    return crypto::Error{Errc::kBadDeclaration, "generated declarations were not taken"};
  }
  return figures;
}

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal sets it

struct PacedFigures {
  PacedReport report;
  std::size_t validators = 0;
  std::vector<std::uint64_t> syncs_us;
};

crypto::Result<PacedFigures> measure_paced(const BenchOptions& options) {
  const NetworkFolder network{options.network};
  PacedFigures figures;
  SANAD_TRY(const std::vector<std::string> ids, member_ids(network));
  figures.validators = ids.size();
  SANAD_TRY(figures.syncs_us, measure_fdatasync(network.root, kSyncRounds));
  EndlessInput input(ids);
  PacedPlan plan;
  plan.per_s = options.rate;
  plan.seconds = options.seconds;
  plan.batch = options.batch;
  plan.in_flight = options.in_flight;
  plan.log = options.log;
  // Nothing more is sent, and what is on its way is waited for.
  std::signal(SIGINT, [](int) { interrupted.store(true); });
  SANAD_TRY(figures.report, run_paced(network, input, plan, interrupted));
  return figures;
}

// Microseconds as milliseconds with one digit.
std::string ms_text(std::uint64_t us) {
  return grouped(us / 1'000) + "." + std::to_string(us / 100 % 10);
}

ExitCode run_paced_load(const BenchOptions& options) {
  const auto figures = measure_paced(options);
  if (!figures) return report(figures.error());
  const PacedReport& run = figures->report;
  const std::uint64_t p50 = percentile(run.latencies_us, 50);
  const std::uint64_t p99 = percentile(run.latencies_us, 99);
  const std::uint64_t most = run.latencies_us.empty() ? 0 : run.latencies_us.back();
  const std::uint64_t sync_p50 = percentile(figures->syncs_us, 50);
  const std::uint64_t sync_p99 = percentile(figures->syncs_us, 99);
  if (options.json) {
    JsonObject out;
    out.number("validators", figures->validators)
        .number("batch", options.batch)
        .number("rate_per_s", options.rate)
        .number("declarations", run.declared)
        .number("expired", run.expired)
        .number("elapsed_ms", run.elapsed_ms)
        .number("latency_p50_us", p50)
        .number("latency_p99_us", p99)
        .number("latency_max_us", most)
        .number("longest_gap_us", run.longest_gap_us)
        .number("fdatasync_p50_us", sync_p50)
        .number("fdatasync_p99_us", sync_p99);
    std::cout << out.str() << "\n";
    return kExitOk;
  }
  std::cout << grouped(run.declared) << " declarations, " << options.rate << " a second, "
            << options.batch << " a submission, " << figures->validators << " validators\n"
            << "  final after p50 " << ms_text(p50) << " ms, p99 " << ms_text(p99)
            << " ms, at most " << ms_text(most) << " ms; nothing became final for "
            << ms_text(run.longest_gap_us) << " ms at most\n"
            << "  fdatasync of this disk in this run: p50 " << grouped(sync_p50) << " us, p99 "
            << grouped(sync_p99) << " us\n";
  return kExitOk;
}

ExitCode run_load(const BenchOptions& options) {
  if (options.rate > 0) return run_paced_load(options);
  const auto figures = measure_load(options);
  if (!figures) return report(figures.error());
  print(*figures, options);
  return kExitOk;
}

ExitCode run_floor(const BenchOptions& options) {
  const NetworkFolder network{options.network};
  const auto ids = member_ids(network);
  if (!ids) return report(ids.error());
  const auto member = open_member(network, ids->front());
  if (!member) return report(member.error());
  const auto floor = measure_floor(*member, network.root, options.batch, options.declarations);
  if (!floor) return report(floor.error());
  if (options.json) {
    std::cout << "{\"declarations\":" << floor->declarations << ",\"batch\":" << options.batch
              << ",\"bytes_per_declaration\":" << floor->bytes
              << ",\"processor_ns_per_declaration\":" << floor->processor_ns
              << ",\"wall_us_per_declaration\":" << floor->wall_us << "}\n";
  } else {
    std::cout << grouped(floor->declarations) << " declarations, " << options.batch
              << " a submission: " << grouped(floor->bytes) << " bytes, "
              << grouped(floor->processor_ns) << " ns of processor and " << grouped(floor->wall_us)
              << " us of wall time each\n";
  }
  return kExitOk;
}

void print(const Stages& stages, const BenchOptions& options) {
  std::uint64_t sum = stages.background_ns;
  for (const std::uint64_t one : stages.processor_ns) sum += one;
  if (options.json) {
    JsonObject out;
    out.number("declarations", stages.declarations).number("batch", options.batch);
    for (std::size_t i = 0; i < kStageNames.size(); ++i) {
      out.number(std::string(kStageNames[i]) + "_ns", stages.processor_ns[i]);
    }
    out.number("background_ns", stages.background_ns).number("sum_ns", sum);
    std::cout << out.number("ledger_bytes", stages.ledger_bytes).str() << "\n";
    return;
  }
  std::vector<std::vector<std::string>> rows{{"stage", "ns a declaration"}};
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    rows.push_back({std::string(kStageNames[i]), grouped(stages.processor_ns[i])});
  }
  rows.push_back({"store's thread", grouped(stages.background_ns)});
  rows.push_back({"sum", grouped(sum)});
  std::cout << format_table(rows, {1}) << grouped(stages.declarations) << " declarations, "
            << options.batch << " a submission, " << grouped(stages.ledger_bytes)
            << " bytes each in the ledger\n";
}

ExitCode run_stages(const BenchOptions& options) {
  const NetworkFolder network{options.network};
  const auto ids = member_ids(network);
  if (!ids) return report(ids.error());
  const auto member = open_member(network, ids->front());
  if (!member) return report(member.error());
  const auto genesis = load_genesis(network.genesis());
  if (!genesis) return report(genesis.error());
  const auto stages =
      measure_stages(*genesis, *member, network.root, options.batch, options.declarations);
  if (!stages) return report(stages.error());
  print(*stages, options);
  return kExitOk;
}

CLI::App* add_one(CLI::App& bench, const std::string& name, const std::string& description,
                  const std::shared_ptr<BenchOptions>& options) {
  CLI::App* command = bench.add_subcommand(name, description);
  command->add_option("--network", options->network, "The network's folder")->required();
  command->add_option("--declarations", options->declarations, "How many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--batch", options->batch, "Declarations in one submission, at most")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  return command;
}

struct ProofBenchOptions {
  std::string file;
  std::string trust;
  std::size_t rounds = 1'000;
  bool json = false;
};

ExitCode run_proof(const ProofBenchOptions& options) {
  const auto text = read_file(options.file, chaincode::kBundleTextMax);
  if (!text) return report(text.error());
  const auto trust_text = read_file(options.trust, crypto::kJsonTextMax);
  if (!trust_text) return report(trust_text.error());
  const auto trust = chaincode::parse_trust(*trust_text);
  if (!trust) return report_usage(options.trust + ": " + trust.error().message());
  const auto cost = measure_proof(*text, *trust, options.rounds);
  if (!cost) return report(cost.error());
  if (options.json) {
    std::cout << JsonObject()
                     .number("bytes", cost->bytes)
                     .number("records", cost->records)
                     .number("signatures", cost->signatures)
                     .number("parse_ns", cost->parse_ns)
                     .number("verify_ns", cost->verify_ns)
                     .str()
              << "\n";
  } else {
    std::cout << grouped(cost->bytes) << " bytes, " << cost->records << " records, "
              << cost->signatures << " signatures: parsed in " << grouped(cost->parse_ns)
              << " ns, verified in " << grouped(cost->verify_ns) << " ns (medians of "
              << options.rounds << ")\n";
  }
  return kExitOk;
}

void add_proof_bench(CLI::App& bench, Run& chosen) {
  auto options = std::make_shared<ProofBenchOptions>();
  CLI::App* command = bench.add_subcommand("proof", "Measure what checking a proof costs.");
  command->add_option("FILE", options->file, "The proof (*.sanad.json)")->required();
  command->add_option("--trust", options->trust, "The network's trust file")->required();
  command->add_option("--rounds", options->rounds, "How often")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Exit code 0: measured; 2: files that cannot be read; 4: the proof does not hold.\n"
      "Example:\n  sanad bench proof kw.sanad.json --trust run/dev/trust.json");
  command->callback([options, &chosen] { chosen = [options] { return run_proof(*options); }; });
}

}  // namespace

void add_bench(CLI::App& app, Run& chosen) {
  CLI::App* bench = app.add_subcommand("bench", "Measure a running network, or this machine.");
  bench->require_subcommand(1);
  add_proof_bench(*bench, chosen);
  auto load = std::make_shared<BenchOptions>();
  CLI::App* load_command =
      add_one(*bench, "load", "Declare in a closed loop, or at a fixed rate.", load);
  load_command
      ->add_option("--in-flight", load->in_flight, "Submissions of one member on their way at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  CLI::Option* without =
      load_command->add_option("--without", load->without, "A member that declares nothing");
  CLI::Option* rate =
      load_command
          ->add_option("--rate", load->rate,
                       "Declarations a second, of all members together, whether earlier ones are "
                       "final or not")
          ->check(CLI::Range(1, 100'000));
  load_command->get_option("--declarations")->excludes(rate);
  without->excludes(rate);
  load_command->add_option("--seconds", load->seconds, "For how long, with --rate")
      ->needs(rate)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  load_command->add_option("--log", load->log, "With --rate: a line for each final submission")
      ->needs(rate);
  load_command->footer(
      "Prints throughput, latency to finality, a node's processor time and bytes a declaration,\n"
      "beside the floor and the disk's fdatasync of the same run. With --rate latency counts from\n"
      "when a submission fell due, and the longest time without one that became final is told;\n"
      "Ctrl-C ends the sending, and what is on its way is waited for.\n"
      "Exit code 0: measured; 2: no such network; 3: no answer.\n"
      "Example:\n  sanad bench load --network run/dev --batch 1000 --declarations 50000 --json\n"
      "  sanad bench load --network run/dev --rate 500 --batch 1 --in-flight 64 --seconds 30");
  load_command->callback([load, &chosen] { chosen = [load] { return run_load(*load); }; });
  auto floor = std::make_shared<BenchOptions>();
  floor->declarations = 5'000;
  CLI::App* floor_command =
      add_one(*bench, "floor", "Measure the work that no ledger can avoid.", floor);
  floor_command->footer(
      "Exit code 0: measured; 2: no such network.\nExample:\n  sanad bench floor --network run/dev "
      "--batch 1000");
  floor_command->callback([floor, &chosen] { chosen = [floor] { return run_floor(*floor); }; });
  auto stages = std::make_shared<BenchOptions>();
  CLI::App* stages_command = add_one(
      *bench, "stages", "Measure what each part of one node costs, without a network.", stages);
  stages_command->footer(
      "Exit code 0: measured; 2: no such network.\nExample:\n  sanad bench stages --network "
      "run/dev --batch 1000 --declarations 50000");
  stages_command->callback(
      [stages, &chosen] { chosen = [stages] { return run_stages(*stages); }; });
}

}  // namespace sanad::tools
