"""What members gone bad cost the others: the scene `hostile` of run.py BINARY figures.

A closed loop of the honest members' clients, on one network, in turns without and with an attack
by the first member. Ratios are of one run: of an attack and of what came right before and after.
"""
import collections
import contextlib
import json
import os
import subprocess

from network_fixture import built, eventually, require, sanad

BAD, WITNESS = 0, 1  # tests/hostile is always the first member
NULLIFIES, FLOODS = 38, 44  # cases of tests/hostile

# Declarations a second, a submission's way, and the timeout T' that a witness takes.
Pace = collections.namedtuple("Pace", "per_s p50_ms timeout_ms")


class Traitors:
    def __init__(self, network, delay_us, declarations, batch, in_flight):
        self.network = network
        self.delay_us = delay_us
        self.loop = ["--declarations", declarations, "--batch", batch, "--in-flight", in_flight]

    def pace(self):
        out = json.loads(sanad("bench", "load", "--network", self.network.folder, "--without",
                               self.network.names[BAD], *self.loop, "--json", timeout=600))
        return Pace(out["declarations_per_s"], out["latency_p50_ms"],
                    round(self.network.metrics(WITNESS).get("view_timeout_ms", 0)))

    def attacks(self):
        return {"stopped": self.stopped(),
                "90 ms slower": self.slower(90_000), "500 ms slower": self.slower(500_000),
                "nullifies every view": self.peer(NULLIFIES),
                "1,000 wrong signatures/s to each": self.peer(FLOODS)}

    @contextlib.contextmanager
    def stopped(self):
        """SIGSTOP: its links stay up for a while, and it says nothing."""
        self.network.pause(BAD, True)
        yield
        self.network.pause(BAD, False)

    @contextlib.contextmanager
    def slower(self, more_us):
        """All that it says comes so much later: its proposals, and its answers to pings."""
        for j in range(1, self.network.count):
            self.network.between.order("delay", BAD, j, self.delay_us + more_us, 0)
        yield
        for j in range(1, self.network.count):
            self.network.between.order("delay", BAD, j, self.delay_us, 0)

    @contextlib.contextmanager
    def peer(self, case):
        """tests/hostile in its place: says once in a while that it is there, and never leads."""
        config = os.path.join(self.network.folder, "members", self.network.names[BAD], "node.toml")
        self.network.stop_hard(BAD)
        process = subprocess.Popen([built("hostile", "hostile_peer"), "--config", config, "--case",
                                    str(case), "--endless"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        try:
            yield
            require(process.poll() is None, "the hostile member ended by itself")
            report = json.loads(process.communicate(timeout=60)[0])
            require(process.returncode == 0, f"{report.get('failed')}")
        finally:
            if process.poll() is None:
                process.kill()
        print(f"    {report['done']}")
        self.network.start(BAD)

    def settle(self):
        """It is back, and the others take it for what it is now."""
        eventually(lambda: self.network.metrics(BAD).get("caught_up") == 1, "it is back", 300)

    def measure(self, rounds):
        """By attack, its share of the clean rate in percent, a figure for each round."""
        self.pace()  # caches, and the delay that is measured
        shares = collections.defaultdict(list)
        before = self.pace()
        for _ in range(rounds):
            for name, attack in self.attacks().items():
                with attack:
                    during = self.pace()
                self.settle()
                after = self.pace()
                share = 200 * during.per_s / (before.per_s + after.per_s)
                shares[name].append(share)
                print(f"  {name}: {share:.0f} %: {during}, between {before} and {after}",
                      flush=True)
                before = after
        return shares
