"""A member gone bad, on real processes: three of four nodes run, exactly a quorum; the fourth is
tests/hostile, which has that member's real keys and does one numbered case after another.

For each: the victims' metrics show what was done and by whom, work goes on during and after it,
memory stays bounded, nobody honest is accused; at the end all ledgers are one and hold what was
declared and nothing else.
"""
import json
import os
import re
import subprocess
import time

from api import Node
from crashes import Load, check_nothing_lost
from network_fixture import ROOT, Failed, Network, built, eventually, require

# Cases that mostly wait: each has a victim of its own.
SIDE_BY_SIDE = [2, 18]
# Lies to a member that comes back; an answer that drips leaves no room for others.
LIES = [[47, 48, 49, 50, 55], [53]]
# What a node may take beyond what it had when all was quiet.
MEMORY_MIB = 192


class Figures:
    """One reading of a node's /metrics."""

    LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
    LABEL = re.compile(r'(\w+)="([^"]*)"')

    def __init__(self, node):
        status, _, text = node.call("GET", "/metrics")
        require(status == 200, f"/metrics: {status}")
        self.series = []
        for line in text.decode().splitlines():
            found = self.LINE.match(line)
            if found:
                labels = dict(self.LABEL.findall(found.group(2) or ""))
                self.series.append((found.group(1), labels, float(found.group(3))))

    def sum(self, metric, **labels):
        return sum(value for name, its, value in self.series
                   if name == metric and labels.items() <= its.items())


class Victims:
    def __init__(self, network, hostile, names):
        self.network = network
        self.hostile = hostile
        self.nodes = {name: Node(network, name) for name in names}
        self.settle()

    def settle(self):
        self.pids = self.read_pids()
        self.quiet = self.memory_mib()

    def read_pids(self):
        return {one["member"]: one["pid"] for one in self.network.status()["members"]
                if one["member"] in self.nodes}

    def figures(self):
        return {name: Figures(node) for name, node in self.nodes.items()}

    def wait_for_statements(self, load):
        """Each of them executes what was not executed yet."""
        executed = "sanad_statements_executed_total"
        before = {name: figures.sum(executed) for name, figures in self.figures().items()}

        def more():
            load.check()
            return all(figures.sum(executed) > before[name]
                       for name, figures in self.figures().items())
        eventually(more, "declarations are executed")

    def memory_mib(self):
        sizes = {}
        for name, pid in self.pids.items():
            with open(f"/proc/{pid}/status") as file:
                sizes[name] = int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1)) / 1024
        return sizes

    def check_unharmed(self):
        require(self.read_pids() == self.pids, "a node is gone, or another one")
        for name, size in self.memory_mib().items():
            require(size < self.quiet[name] + MEMORY_MIB, f"{name} takes {size:.0f} MiB, "
                    f"{self.quiet[name]:.0f} when all was quiet")
        for name, figures in self.figures().items():
            for metric, value in (("serving", 1), ("quarantine", 0), ("quorum_reachable", 1)):
                require(figures.sum(f"sanad_{metric}") == value, f"{name}: {metric} is not {value}")
            for other in self.nodes:
                for metric in ("frames_invalid", "batches_unasked", "checkpoints_differing"):
                    count = figures.sum(f"sanad_{metric}_total", member=other)
                    require(count == 0, f"{name} counts {count:.0f} {metric} of the honest {other}")
            accused = re.findall(r"proof that (\S+) signed", self.log(name))
            require(set(accused) <= {self.hostile}, f"{name} accuses {set(accused)}")

    def log(self, name):
        with open(os.path.join(self.network.folder, "members", name, "node.log")) as file:
            return file.read()


def meets(expected, before, now):
    value = now.sum(expected["metric"], **expected["labels"])
    grown = value - before.sum(expected["metric"], **expected["labels"])
    return {"grows by": grown >= expected["value"],
            "grows at least": grown >= expected["value"],
            "is": value == expected["value"],
            "is below": value < expected["value"]}[expected["kind"]]


def check_expectations(victims, expectations, before):
    for one in expectations:
        def shown():
            return meets(one, before[one["at"]], Figures(victims.nodes[one["at"]]))
        eventually(shown, f"{one}", seconds=20)
    # No more than what was done, either: neither counted twice nor under another name.
    now = victims.figures()
    for name in victims.nodes:
        mine = [one for one in expectations if one["at"] == name]
        for one in mine:
            grown = (now[name].sum(one["metric"], **one["labels"]) -
                     before[name].sum(one["metric"], **one["labels"]))
            require(one["kind"] != "grows by" or grown == one["value"], f"{grown:.0f}, not {one}")
        for metric, labels in (("sanad_evidence_total", {}),
                               ("sanad_frames_invalid_total", {"member": victims.hostile})):
            grown = now[name].sum(metric, **labels) - before[name].sum(metric, **labels)
            said = [one for one in mine if one["metric"] == metric]
            open_end = any(one["kind"] == "grows at least" for one in said)
            require(open_end or grown == sum(one["value"] for one in said),
                    f"{name}: {metric} grew by {grown:.0f}, expected {said}")


class Hostile:
    """The program."""

    def __init__(self, network, member, full):
        self.command = ["setpriv", "--pdeathsig", "KILL", built("hostile", "hostile_peer"),
                        "--config", os.path.join(network.folder, "members", member, "node.toml")]
        self.command += ["--full"] if full else []
        self.limit = 1800 if full else 150

    def start(self, numbers, only=()):
        words = [word for number in numbers for word in ("--case", str(number))]
        words += [word for name in only for word in ("--only", name)]
        # A session of its own, as every node has: the kernel shares its processors out by session.
        return subprocess.Popen([*self.command, *words], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True)

    def finish(self, process):
        """Ends its input, and waits for its report."""
        try:
            out, errors = process.communicate(timeout=self.limit)
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Failed(f"{process.args} did not end") from late
        require(out, f"{process.args}: no report, {errors.decode()[-2000:]}")
        report = json.loads(out)
        title = ", ".join(f"{case['case']}: {case['what']}" for case in report["cases"])
        require(process.returncode == 0, f"HOSTILE {title}: {report.get('failed')}")
        return title, report


def check(victims, load, before, begin, reports):
    title = "HOSTILE " + ", ".join(title for title, _ in reports)
    expectations = [one for _, report in reports for one in report["expect"]]
    try:
        check_expectations(victims, expectations, before)
        victims.wait_for_statements(load)
        victims.check_unharmed()
    except Failed as failed:
        raise Failed(f"{title}: {failed}") from failed
    done = ", ".join(f"{count} {what}" for _, report in reports
                     for what, count in report["done"].items())
    print(f"{title}\n  {len(expectations)} counters as expected; {done or 'done'}; "
          f"{time.monotonic() - begin:.1f} s", flush=True)


def run_cases(hostile, victims, load, cases):
    """One case against all, or several with a victim each."""
    begin = time.monotonic()
    before = victims.figures()
    names = list(victims.nodes)
    started = [hostile.start([number], [names[i]] if len(cases) > 1 else ())
               for i, number in enumerate(cases)]
    check(victims, load, before, begin, [hostile.finish(process) for process in started])


def run_lies(hostile, victims, load, cases):
    """To a member that was away: meanwhile the hostile one was needed for every quorum, and is asked
    first."""
    network = victims.network
    begin = time.monotonic()
    before = victims.figures()
    witness, away = list(victims.nodes)[0], list(victims.nodes)[-1]
    process = hostile.start(cases)
    ready = process.stderr.readline()
    if ready != b"ready\n":
        hostile.finish(process)
    load.leave_out(away)
    network.kill(away)
    process.stdin.write(b"gone\n")
    process.stdin.flush()
    height = Figures(victims.nodes[witness]).sum("sanad_committed_height") + 10
    eventually(lambda: Figures(victims.nodes[witness]).sum("sanad_committed_height") > height,
               "blocks while one is away")
    network.up(away, wait=False)
    eventually(lambda: any(one["member"] == away and one["ready"]
                           for one in network.status()["members"]), f"{away} is ready")
    there = Figures(victims.nodes[witness]).sum("sanad_committed_height")
    eventually(lambda: Figures(victims.nodes[away]).sum("sanad_committed_height") >= there,
               f"{away} catches up with block {there:.0f}")
    load.take_in(away)
    title, report = hostile.finish(process)
    victims.settle()
    before[away].series = []
    check(victims, load, before, begin, [(title, report)])


def check_catalogue(catalogue):
    """What another test is said to do, it does; and the documented table has every case."""
    with open(os.path.join(ROOT, "docs", "reliability.md")) as file:
        table = file.read()
    for case in catalogue:
        row = f"\n| {case['case']} | {case['what']} |"
        require(row in table, f"docs/reliability.md has no row {row}")
        if case["where"] != "elsewhere":
            continue
        with open(os.path.join(ROOT, case["file"])) as file:
            require(case["test"] in file.read(),
                    f"HOSTILE {case['case']}: no {case['test']!r} in {case['file']}")


def check_accusations(network, names, hostile):
    """What a node has proof of is on every ledger soon, once, and names the hostile one alone."""
    def recorded():
        records = [line["record"] for line in network.exported(names[0])]
        return [(one["authority"], one["content"]) for one in records if one["kind"] == "accused"]

    found = set()
    for name in names:
        with open(os.path.join(network.folder, "members", name, "node.log")) as file:
            found.update(re.findall(r"proof that (\S+) signed", file.read()))
    if not found:
        return
    eventually(recorded, "the proof is on the ledger")
    accusations = recorded()
    require(all(content["accused"] == hostile and accuser != hostile
                for accuser, content in accusations), f"{accusations}")
    faults = [(one["fault"], one["epoch"], one["number"]) for _, one in accusations]
    require(len(set(faults)) == len(faults), f"recorded twice: {faults}")
    print(f"{len(faults)} accusations on the ledger: {sorted(set(one[0] for one in faults))}")


def test(case=None, full=False):
    catalogue = json.loads(subprocess.run([built("hostile", "hostile_peer"), "--list"],
                                          stdout=subprocess.PIPE, check=True).stdout)
    check_catalogue(catalogue)
    here = [one["case"] for one in catalogue if one["where"] in ("here", "lie")]
    lies = [one["case"] for one in catalogue if one["where"] == "lie"]
    require(sorted(sum(LIES, [])) == lies, f"the lies are {lies}")
    require(case is None or case in here, f"case {case} is not one of {here}")
    alone = [number for number in here if number not in SIDE_BY_SIDE + lies]
    rounds = [[number] for number in alone] + [SIDE_BY_SIDE] + LIES
    with Network(4) as network:
        network.up()
        bad, *names = network.members()
        network.kill(bad)
        victims = Victims(network, bad, names)
        hostile = Hostile(network, bad, full)
        load = Load(network, pause_s=5 if full else 0.5, without=[bad])
        load.start()
        for cases in [[case]] if case else rounds:
            run = run_lies if cases[0] in lies else run_cases
            run(hostile, victims, load, cases)
        declarations = load.finish()
        # Its node starts again, honest, from what it has.
        network.up(bad)
        common = network.settled()
        check_nothing_lost(network, names, declarations)
        check_accusations(network, names, bad)
        victims.check_unharmed()
        print(f"{len(here)} cases, {declarations} declarations, {common}")
