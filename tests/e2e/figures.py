"""The figures of docs/performance.md at 30 ms one way: run.py BINARY figures [--scenes …]

A table of what was asked and what came out, beside the disk and the load of the machine in the same
run, and the same as JSON. Figures are no test: a busy machine gives others, and nothing fails here
but what does not run at all.
"""
import json
import os
import platform
import random
import time

from history import read_history
from network_fixture import eventually, require, sanad
from traitors import Traitors
from validators import Load, Validators, may_make_namespaces

DELAY_US = 30_000  # one way
VALIDATORS = 4
RATE = 500
SCENES = ("clean", "loss", "leader", "voting", "hostile", "catch_up")
WARM_UP_S = 5  # the delay is not measured yet, caches are cold
# After these 2 s of silence a dead leader is skipped (consensus/limits.h, L2), told to others by a
# status once a second.
SKIPPED_AFTER_US = 3_500_000


def now_us():
    return time.monotonic_ns() // 1000


def percentile(values, percent):
    """As tools/bench/measure.h has it."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0


def waits(history, begin_us, end_us):
    """From due to final of what fell due in between, in microseconds."""
    return [one["final_us"] - one["due_us"] for one in history
            if begin_us <= one["due_us"] < end_us]


def longest_gap(history, begin_us, end_us, without=None):
    """The longest time in between in which nobody was told that something is final."""
    times = sorted(one["final_us"] for one in history
                   if begin_us <= one["final_us"] < end_us and one["member"] != without)
    edges = [begin_us, *times, end_us]
    return max(b - a for a, b in zip(edges, edges[1:]))


class Table:
    def __init__(self):
        self.rows = []

    def add(self, scene, what, value, unit, bound=None):
        """`bound`: ("<", 160) and so on, or nothing where none was promised."""
        held = None if bound is None else value < bound[1] if bound[0] == "<" else value >= bound[1]
        self.rows.append({"scene": scene, "what": what, "value": round(value, 1), "unit": unit,
                          "asked": "" if bound is None else f"{bound[0]} {bound[1]}",
                          "held": held})
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        mark = {None: "", True: "held", False: "NOT HELD"}[row["held"]]
        return (f"{row['scene']:<22} {row['what']:<44} {row['value']:>10,} {row['unit']:<10} "
                f"{row['asked']:<9} {mark}")


class Scenes:
    def __init__(self, table, seconds, batch, seed):
        self.table = table
        self.seconds = seconds
        self.batch = batch
        self.seed = seed

    def network(self, between="relay", loss_ppm=0):
        network = Validators(VALIDATORS, between, self.seed)
        network.between.everywhere(VALIDATORS, "delay", DELAY_US, 0)
        if loss_ppm:
            network.between.everywhere(VALIDATORS, "loss", loss_ppm)
        return network

    def load(self, network, seconds, name="history"):
        return Load(network, RATE, seconds, self.batch, name)

    def beside(self, scene, summary):
        self.table.add(scene, "fdatasync p50 in this run", summary["fdatasync_p50_us"], "us")
        self.table.add(scene, "fdatasync p99 in this run", summary["fdatasync_p99_us"], "us")

    def steady(self, scene, network, bounds):
        with network:
            network.start_all()
            load = self.load(network, self.seconds + WARM_UP_S)
            try:
                summary = load.finish(wait_for_all=True)
            finally:
                load.end()
            history = read_history(load.history)
            begin = min(one["due_us"] for one in history) + WARM_UP_S * 1_000_000
            times = waits(history, begin, begin + self.seconds * 1_000_000)
            p50, p99 = bounds
            self.table.add(scene, f"final after, p50, at {RATE}/s",
                           percentile(times, 50) / 1000, "ms", p50)
            self.table.add(scene, "final after, p99", percentile(times, 99) / 1000, "ms", p99)
            self.table.add(scene, "final after, at most", max(times) / 1000, "ms")
            nullified = sum(network.metrics(i)["nullified_views_total"] for i in range(VALIDATORS))
            self.table.add(scene, "views given up, of all members", nullified, "")
            self.beside(scene, summary)

    def clean(self):
        self.steady("no loss", self.network(), (("<", 160), ("<", 300)))

    def lossy(self, percent, ppm):
        why = may_make_namespaces()
        if why:
            print(f"SKIPPED figures: {percent} % loss: {why}")
            return
        self.steady(f"{percent} % loss", self.network("router", ppm), (None, None))

    def loss(self):
        self.steady_router_without_loss()
        self.lossy("0.5", 5_000)
        self.lossy("1", 10_000)

    def steady_router_without_loss(self):
        """What the router itself costs, so that the loss is not charged for it."""
        if not may_make_namespaces():
            self.steady("router, no loss", self.network("router"), (None, None))

    def leader(self, kills=5, down_s=12):
        """A leader dies and stays away for a while; five times."""
        worst, worst_later = 0, 0
        with self.network() as network:
            network.start_all()
            load = self.load(network, 3600)
            try:
                time.sleep(WARM_UP_S)
                moments = []
                for _ in range(kills):
                    victim = eventually(network.leader, "somebody leads", 60)
                    if victim is None:
                        continue
                    killed = now_us()
                    network.stop_hard(victim)
                    time.sleep(down_s)
                    back = now_us()
                    network.start(victim)
                    moments.append((victim, killed, back))
                    eventually(lambda: network.metrics(victim).get("caught_up"), "it is back", 120)
                    time.sleep(3)
                summary = load.finish()
            finally:
                load.end()
            history = read_history(load.history)
            for victim, killed, back in moments:
                name = network.names[victim]
                at_once = longest_gap(history, killed, killed + SKIPPED_AFTER_US, name)
                later = longest_gap(history, killed + SKIPPED_AFTER_US, back, name)
                print(f"  {name}: {at_once / 1000:.0f} ms, then {later / 1000:.0f} ms")
                worst, worst_later = max(worst, at_once), max(worst_later, later)
            scene = "leader killed"
            self.table.add(scene, f"longest gap in the 3.5 s after, of {kills}", worst / 1000, "ms",
                           ("<", 400))
            self.table.add(scene, "longest gap while it is down, later", worst_later / 1000, "ms",
                           ("<", 150))
            self.beside(scene, summary)

    def voting(self, times=5):
        """One is killed and started; as it starts, another is killed: nothing becomes final until
        the first one votes again."""
        chance = random.Random(self.seed)
        worst = []
        with self.network() as network:
            network.start_all()
            load = self.load(network, 3600)
            try:
                time.sleep(WARM_UP_S)
                moments = []
                for _ in range(times):
                    first, second = chance.sample(range(VALIDATORS), 2)
                    network.stop_hard(first)
                    time.sleep(3)
                    network.stop_hard(second)
                    begin = now_us()
                    network.start(first)
                    rest = [i for i in range(VALIDATORS) if i not in (first, second)]
                    before = max(network.height(i) for i in rest)
                    # Blocks that were on their way when the second one died may still come.
                    eventually(lambda: network.height(rest[0]) > before + 3, "it votes again", 60)
                    moments.append((begin, now_us(), {network.names[i] for i in rest}))
                    network.start(second)
                    for i in (first, second):
                        eventually(lambda: network.metrics(i).get("caught_up"), "it is back", 120)
                    time.sleep(2)
                summary = load.finish()
            finally:
                load.end()
            history = read_history(load.history)
            for begin, seen, names in moments:
                # The end of the longest silence: before it, only what was on its way already.
                finals = sorted(one["final_us"] for one in history
                                if begin <= one["final_us"] <= seen and one["member"] in names)
                edges = [begin, *finals]
                gap, end = max((b - a, b) for a, b in zip(edges, edges[1:]))
                worst.append(end - begin)
                print(f"  votes again {(end - begin) / 1000:.0f} ms after its start "
                      f"(silence of {gap / 1000:.0f} ms)")
            scene = "killed and started"
            self.table.add(scene, f"votes again after, the longest of {times}",
                           max(worst) / 1_000_000, "s", ("<", 3))
            self.beside(scene, summary)

    def hostile(self, rounds=2, declarations=6_000, batch=10, in_flight=8):
        """One of four is hostile; as many submissions on their way at once as leave the processors
        time, so that the wait for others bounds what gets through."""
        with self.network() as network:
            network.start_all()
            shares = Traitors(network, DELAY_US, declarations, batch, in_flight).measure(rounds)
            for name, percents in shares.items():
                self.table.add("one hostile member", f"throughput, {name}, lowest of {rounds}",
                               min(percents), "%", (">=", 70))

    def catch_up(self):
        """A member misses many records and fetches them under load: first in few large blocks, then
        in the small ones of the load itself."""
        self.fetch("catch-up, large blocks", declarations=40_000, away_s=self.seconds)
        self.fetch("catch-up, small blocks", declarations=0, away_s=60)

    def fetch(self, scene, declarations, away_s):
        with self.network() as network:
            network.start_all()
            away = VALIDATORS - 1
            network.stop_hard(away)
            if declarations:
                lines = self.without(network.generate(declarations), network.names[away])
                sanad("import", "lines", lines, "--network", network.folder, "--batch", 1000,
                      "--in-flight", 2, "--patience-s", 600, timeout=1800)
            load = self.load(network, 3600)
            try:
                time.sleep(WARM_UP_S)
                calm = now_us()
                time.sleep(away_s)
                begin = now_us()
                network.start(away)
                samples = self.watch(network, away)
                end = now_us()
                time.sleep(1)
                summary = load.finish()
            finally:
                load.end()
            history = read_history(load.history)
            live = [one for one in history if one["member"] != network.names[away]]
            self.report_catch_up(scene, samples, live, (calm, begin, end))
            self.beside(scene, summary)

    @staticmethod
    def without(file, member):
        """The same declarations but for those of a member that is away."""
        with open(file) as opened, open(file + ".some", "w") as out:
            out.writelines(line for line in opened if json.loads(line)["member"] != member)
        return file + ".some"

    @staticmethod
    def watch(network, away):
        """(time, records) of the member that fetches, until it has what the others have."""
        samples = []

        def done():
            held = network.records(away)
            if held:
                samples.append((now_us(), held))
            return bool(network.metrics(away).get("caught_up")) and len(samples) > 1
        eventually(done, "it catches up", 300)
        return samples

    def report_catch_up(self, scene, samples, live, moments):
        """`live`: the history of the members that were there; the other's client had to wait."""
        calm, begin, end = moments
        records = samples[-1][1] - samples[0][1]
        # From the first answer after its start, so that opening its files is not fetching.
        rate = records * 1_000_000 / max(1, samples[-1][0] - samples[0][0])
        self.table.add(scene, "records fetched and executed", records, "")
        self.table.add(scene, "records/s", rate, "1/s", (">=", 20_000))
        before = percentile(waits(live, calm, begin - 1_000_000), 99)
        during = percentile(waits(live, begin, end), 99)
        self.table.add(scene, "live p99 before", before / 1000, "ms")
        self.table.add(scene, "live p99 meanwhile", during / 1000, "ms")
        self.table.add(scene, "live p99 meanwhile ÷ before", 100 * during / max(1, before), "%",
                       ("<", 120))


def test(seed=1, seconds=30, batch=1, scenes=",".join(SCENES), output=None):
    table = Table()
    print(f"{VALIDATORS} validators, {DELAY_US / 1000:.0f} ms one way, {RATE} declarations/s, "
          f"{batch} a submission; {os.cpu_count()} cores, {platform.release()}, "
          f"{os.getloadavg()[0]:.1f} processes ran before", flush=True)
    made = Scenes(table, seconds, batch, seed)
    for name in scenes.split(","):
        require(name in SCENES, f"no scene {name}")
        getattr(made, name)()
    print()
    for row in table.rows:
        print(table.line(row))
    if output:
        with open(output, "w") as file:
            json.dump(table.rows, file, indent=1)
