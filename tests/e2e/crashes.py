"""kill -9 under continuous load: no acknowledged statement lost or doubled, the node votes again.

Half of the kills are aimed at the named points of node/crash_point.h, each at least once.
"""
import collections
import itertools
import json
import random
import threading

from network_fixture import Network, eventually, require, sanad

POINTS = ["journal.before_persist", "journal.persisted", "ledger.before_append",
          "ledger.segments_appended", "ledger.segments_synced", "ledger.committed"]


class Load:
    """Declares without an end in the background: for each member, one small file after the other,
    so that nobody's declarations wait for a member that is down. Nothing for those in `without`."""

    def __init__(self, network, chunk=25, pause_s=0, without=()):
        self.network = network
        self.chunk = chunk
        self.pause_s = pause_s
        lines = {member: [] for member in network.members()}
        with open(network.generate(40_000, seed=7)) as file:
            for line in file:
                lines[json.loads(line)["member"]].append(line)
        self.without = set(without)
        self.declared = {member: 0 for member in lines}
        self.busy = set()
        self.ending = threading.Event()
        self.failure = None
        self.threads = [threading.Thread(target=self.run, args=(member, iter(lines[member])),
                                         daemon=True) for member in lines]

    def start(self):
        for thread in self.threads:
            thread.start()

    def run(self, member, lines):
        try:
            while not self.ending.is_set():
                self.busy.add(member)
                if member in self.without:
                    self.busy.remove(member)
                    self.ending.wait(0.05)
                else:
                    self.declare_next(member, lines)
        except Exception as failure:  # re-raised where the test waits for it
            self.failure = failure

    def declare_next(self, member, lines):
        chunk = list(itertools.islice(lines, self.chunk))
        require(len(chunk) == self.chunk, "the load ran out of declarations")
        path = self.network.path(f"chunk-{member}.jsonl")
        with open(path, "w") as file:
            file.writelines(chunk)
        sanad("import", "lines", path, "--network", self.network.folder, "--batch", "1",
              "--in-flight", "1", "--patience-s", "120", timeout=300)
        self.declared[member] += self.chunk
        self.ending.wait(self.pause_s)

    def leave_out(self, member):
        """Once this returns, nothing of the member is on its way."""
        self.without.add(member)
        eventually(lambda: self.check() or member not in self.busy, f"{member} declares no more")

    def take_in(self, member):
        self.without.remove(member)

    def check(self):
        if self.failure:
            raise self.failure

    def finish(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(timeout=400)
        self.check()
        require(not any(thread.is_alive() for thread in self.threads), "the load never ended")
        return sum(self.declared.values())


def height_of(network, member):
    for one in network.status()["members"]:
        if one["member"] == member and one["network"]:
            return int(one["network"]["executed_height"])
    return 0


def kill_at_point(network, member, point, count):
    """Restarts the member so that it dies at the point, waits for that, and starts it again."""
    network.kill(member)
    network.up(member, env={"SANAD_CRASH_AT": f"{point}:{count}"}, wait=False)
    eventually(lambda: not network.running(member), f"{member} dies at {point}:{count}")


def test(kills=20, seed=1):
    chance = random.Random(seed)
    with Network(4) as network:
        network.up()
        members = [one["member"] for one in network.status()["members"]]
        load = Load(network)
        load.start()
        aimed = collections.Counter()
        for number in range(kills):
            load.check()
            member = chance.choice(members)
            before = height_of(network, member)
            # Every other kill is aimed, and the last ones until each point had its turn.
            where = "anywhere"
            if number % 2 == 0 or kills - number <= len(POINTS) - len(aimed):
                where = POINTS[sum(aimed.values()) % len(POINTS)]
                kill_at_point(network, member, where, chance.randint(1, 5))
                aimed[where] += 1
            else:
                network.kill(member)
            # Three of four are a quorum only together: those that were killed before vote again.
            witness = next(one for one in members if one != member)
            seen = height_of(network, witness)
            eventually(lambda: height_of(network, witness) > seen, f"the others go on without {member}")
            network.up(member)
            eventually(lambda: height_of(network, member) > before, f"{member} goes on")
            print(f"kill {number}: {member} {where}", flush=True)
        require(len(aimed) == len(POINTS), f"not every point had its kill: {aimed}")
        declarations = load.finish()
        common = network.settled()
        print(f"{kills} kills, aimed {dict(aimed)}, {declarations} declarations, {common}")
        check_nothing_lost(network, members, declarations)


def check_nothing_lost(network, members, declarations):
    lines = network.exported(members[0])
    names = collections.Counter()
    for line in lines:
        record = line["record"]
        content = record["content"]
        if record["kind"] == "declared":
            names[(record["authority"], content["declaration"])] += 1
        elif record["kind"] == "refused" and content["statement"] != "accuse":
            names[(record["authority"], content["subject"])] += 1
    twice = [name for name, count in names.items() if count > 1]
    require(not twice, f"in the log twice: {twice[:5]}")
    require(len(names) == declarations, f"{declarations} declared, the log holds {len(names)}")
    # Every vault holds what its member was told; the ledger must hold all of it, unchanged.
    for member in members:
        sanad("reconcile", "--network", network.folder, "--as", member)
