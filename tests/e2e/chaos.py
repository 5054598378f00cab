"""Everything at once on real processes: four or seven validators behind a relay, clients at a fixed
rate, and faults drawn from a seed, at most f members at a time. Nothing that a client was told may
be lost, doubled or out of order, nobody may accuse another, and all must vote again at the end.

Short (ctest): every fault once. Long (--minutes): rounds of one to f faults until the time is up.
"""
import collections
import os
import random
import re
import shutil
import subprocess
import time

import history
from crashes import POINTS
from network_fixture import eventually, require
from validators import LIBFAKETIME, Load, Validators, own_mounts

DELAY_US, JITTER_US = 5_000, 5_000  # one way; figures.py measures at 30 ms
EXIT_DAMAGED = 5
KILLED = -9
SMALL_DISK_SPARE = 3 << 20  # bytes that a small disk has left when its node starts on it
DISK_MORE = 256 << 20
CLOCK_JUMPS_S = (-3600, -5, -0.4, 0.4, 5, 3600)


class Chaos:
    def __init__(self, network, chance, scale):
        self.network = network
        self.chance = chance
        self.scale = scale  # how long faults last, and how much a member misses
        self.load = None
        self.members = range(network.count)
        self.mounted = {}
        self.victims = ()

    def others(self, i):
        return [j for j in self.members if j != i]

    def witness(self):
        """A member that no fault of this round is aimed at."""
        return next(j for j in self.members if j not in self.victims)

    def they_go_on(self, i, blocks=3):
        witness = self.witness()
        before = self.network.height(witness)
        eventually(lambda: self.network.height(witness) >= before + blocks,
                   f"the others go on without {self.network.names[i]}", 120)

    def wait(self, seconds):
        """How long a fault lasts is the fault; nothing is concluded from the time."""
        time.sleep(seconds)
        self.load.check()

    def comes_back(self, i):
        """Ready, and not behind what the others have by now."""
        goal = max(self.network.height(j) for j in self.members)
        eventually(lambda: self.network.ready(i) and self.network.height(i) >= goal,
                   f"{self.network.names[i]} catches up to {goal}", 600)
        self.load.check()

    def journal(self, i):
        folder = self.network.data(self.network.names[i], "journal")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def segments(self, i):
        folder = self.network.data(self.network.names[i], "ledger", "segments")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    # ---- faults: a victim, then phases; between two phases other faults of a round take theirs

    def kill_the_leader(self, i):
        network = self.network
        eventually(lambda: network.metrics(i).get("leading"), f"{network.names[i]} leads", 60)
        network.stop_hard(i)
        yield
        self.they_go_on(i)
        network.start(i)

    def kill_at_a_point(self, i):
        point = self.chance.choice(POINTS)
        self.network.stop_hard(i)
        self.network.start(i, env={"SANAD_CRASH_AT": f"{point}:{self.chance.randint(1, 40)}"})
        require(self.network.exit_code(i) == KILLED, f"it did not die at {point}")
        yield
        self.they_go_on(i)
        self.network.start(i)

    def kill_in_a_loop(self, i):
        for _ in range(3):
            self.network.stop_hard(i)
            self.network.start(i)
            self.wait(self.chance.uniform(0, 1))
        yield

    def pause(self, i):
        self.network.pause(i, True)
        yield
        self.wait(10 * self.scale)
        self.network.pause(i, False)

    def cut_off(self, i):
        yield from self.cut(i, [(i, j) for j in self.others(i)] + [(j, i) for j in self.others(i)])

    def cut_off_outward(self, i):
        yield from self.cut(i, [(i, j) for j in self.others(i)])

    def cut_off_inward(self, i):
        yield from self.cut(i, [(j, i) for j in self.others(i)])

    def cut(self, i, directions):
        for a, b in directions:
            self.network.between.order("cut", a, b)
        yield
        # Longer than the 5 s after which a silent link is given up, in the long run.
        self.wait(8 * self.scale)
        self.they_go_on(i)
        for a, b in directions:
            self.network.between.order("mend", a, b)

    def break_links(self, i):
        for _ in range(5):
            self.network.between.order("reset", i, self.chance.choice(self.others(i)))
            self.wait(0.2)
        yield

    def be_far_away(self, i):
        """A slow and uneven line, then stalls."""
        for j in self.others(i):
            self.network.between.order("delay", i, j, 20 * DELAY_US, 100_000)
            self.network.between.order("delay", j, i, 20 * DELAY_US, 0)
        yield
        self.wait(5 * self.scale)
        for j in self.others(i):
            self.network.between.order("stall", i, j, 1_000)
        self.wait(1)
        for j in self.others(i):
            self.network.between.order("delay", i, j, DELAY_US, JITTER_US)
            self.network.between.order("delay", j, i, DELAY_US, JITTER_US)

    def flip(self, path):
        """One bit, where there is something to damage: past the head, before the end."""
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            at = self.chance.randint(size // 4, size // 2)
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ (1 << self.chance.randrange(8))]))
        return at

    def refuses(self, i, words):
        """Does not start, says why, and leaves what it found as it was."""
        self.network.start(i)
        code = self.network.exit_code(i)
        said = self.network.last_words(i)
        require(code == EXIT_DAMAGED and all(word in said for word in words),
                f"exit code {code}; {words} expected in: {said}")

    def flip_in_journal(self, i):
        self.network.stop_hard(i)
        # The newest file alone may end anywhere; a flip in it is damage only before its last group.
        path = max(self.journal(i), key=os.path.getsize)
        self.flip(path)
        self.refuses(i, ["journal", "--quarantine"])
        yield
        self.network.start(i, quarantine="vote-later")

    def flip_in_segment(self, i):
        self.network.stop_hard(i)
        path = self.chance.choice([one for one in self.segments(i) if os.path.getsize(one) > 4096])
        self.flip(path)
        self.refuses(i, [os.path.basename(path), "offset"])
        yield
        shutil.rmtree(self.network.data(self.network.names[i]))
        os.mkdir(self.network.data(self.network.names[i]))
        self.network.start(i, quarantine="vote-later")

    def fill_the_disk(self, i):
        data = self.network.data(self.network.names[i])
        self.network.stop_hard(i)
        copy = data + ".copy"
        os.rename(data, copy)
        os.mkdir(data)
        held = sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(copy) for name in names)
        size = held + held // 8 + SMALL_DISK_SPARE
        self.run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", data)
        self.mounted[i] = data
        shutil.copytree(copy, data, dirs_exist_ok=True)
        shutil.rmtree(copy)
        self.network.start(i)
        code = self.network.exit_code(i, 300)
        require(code == EXIT_DAMAGED, f"exit code {code} with a full disk: "
                f"{self.network.last_words(i)}")
        yield
        self.they_go_on(i)
        self.run("mount", "-o", f"remount,size={size + DISK_MORE}", data)
        self.network.start(i)
        self.comes_back(i)
        self.move_back(i)

    def move_back(self, i):
        """From the small disk to the one before."""
        data = self.mounted.pop(i)
        self.network.stop_hard(i)
        shutil.copytree(data, data + ".copy")
        self.run("umount", data)
        os.rmdir(data)
        os.rename(data + ".copy", data)
        self.network.start(i)

    @staticmethod
    def run(*words):
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        require(done.returncode == 0, f"{' '.join(words)}: {done.stdout.decode()}")

    def turn_the_clock(self, i):
        clock = self.network.path(f"clock-{i}")
        self.set_clock(clock, 0)
        self.network.stop_hard(i)
        self.network.start(i, clock=clock)
        self.comes_back(i)
        self.set_clock(clock, self.chance.choice(CLOCK_JUMPS_S))
        yield
        self.they_go_on(i)
        self.wait(3 * self.scale)
        self.set_clock(clock, 0)

    @staticmethod
    def set_clock(path, offset):
        with open(path + ".new", "w") as file:
            file.write(f"{offset:+}\n")
        os.rename(path + ".new", path)

    def be_away(self, i):
        records = 50_000 if self.scale >= 1 else 3_000
        self.network.stop_hard(i)
        witness = self.witness()
        before = self.network.records(witness)
        yield
        eventually(lambda: self.network.records(witness) >= before + records,
                   f"{records} records pass", 900)
        self.network.start(i)

    # ---- rounds

    def round(self, faults):
        """`faults`: a fault by victim. All begin, all end, all come back."""
        self.victims = tuple(faults)
        under_way = {i: fault(i) for i, fault in faults.items()}
        while under_way:
            under_way = {i: steps for i, steps in under_way.items()
                         if next(steps, self) is not self}
        for i in self.members:
            self.comes_back(i)

    def all_vote(self):
        """A quorum without these is one only with all others."""
        f = (self.network.count - 1) // 3
        for first in (0, f):
            self.victims = paused = tuple(range(first, first + f))
            for i in paused:
                self.network.pause(i, True)
            self.they_go_on(paused[0])
            for i in paused:
                self.network.pause(i, False)
            for i in paused:
                self.comes_back(i)


def available_faults(chaos):
    """By name; what this machine does not allow is named and counted."""
    faults = {name: getattr(chaos, name) for name in (
        "kill_the_leader", "kill_at_a_point", "kill_in_a_loop", "pause", "cut_off",
        "cut_off_outward", "cut_off_inward", "break_links", "be_far_away", "flip_in_journal",
        "flip_in_segment", "fill_the_disk", "turn_the_clock", "be_away")}
    if not os.path.exists(LIBFAKETIME):
        print("SKIPPED chaos: clock jumps: libfaketime is not installed")
        del faults["turn_the_clock"]
    why = own_mounts()
    if why:
        print(f"SKIPPED chaos: a full disk: {why}")
        del faults["fill_the_disk"]
    return faults


# These take a member's vote away until 2f + 1 others have answered: not while another is down.
ALONE = ("flip_in_journal", "flip_in_segment")


def draw_round(chance, names, count):
    """Some faults with different victims."""
    f = (count - 1) // 3
    victims = chance.sample(range(count), chance.randint(1, f))
    drawn = [chance.choice(names) for _ in victims]
    alone = [name for name in drawn if name in ALONE]
    return {victims[0]: alone[0]} if alone else dict(zip(victims, drawn))


def rounds(chance, names, count, minutes):
    if minutes == 0:
        for name in chance.sample(names, len(names)):
            yield {chance.randrange(count): name}
        return
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        yield draw_round(chance, names, count)


def test(seed=1, minutes=0, validators=4, faults=None):
    chance = random.Random(seed)
    with Validators(validators, "relay", seed) as network:
        chaos = Chaos(network, chance, 1 if minutes else 0.25)
        found = available_faults(chaos)
        names = [name for name in found if not faults or name in faults.split(",")]
        network.between.everywhere(validators, "delay", DELAY_US, JITTER_US)
        network.start_all()
        chaos.load = Load(network, per_s=200, seconds=3600 * 24, batch=5)
        try:
            happened = collections.Counter()
            eventually(lambda: network.height(0) > 3, "the load is under way")
            for drawn in rounds(chance, names, validators, minutes):
                began = time.monotonic()
                chaos.round({i: found[name] for i, name in drawn.items()})
                happened.update(drawn.values())
                print(f"{time.monotonic() - began:5.1f} s  " + ", ".join(
                    f"{network.names[i]}: {name}" for i, name in drawn.items()), flush=True)
            chaos.all_vote()
            figures = chaos.load.finish()
        finally:
            chaos.load.end()
        common = network.settled()
        acknowledged = check_histories(network, chaos.load.history, int(common["tree_size"]))
        no_accusations(network)
        print(f"seed {seed}: {dict(happened)}; {acknowledged} statements acknowledged, "
              f"{figures['expired']} expired, {common}")


def check_histories(network, path, size):
    logs = {name: history.Log(network.records_of(i), size) for i, name in enumerate(network.names)}
    return history.check(history.read_history(path), logs)


def no_accusations(network):
    for name in network.names:
        found = re.findall(r"proof that \S+ signed.*|another root.*|proof of a fault.*", network.read(name, "node.log"))
        require(not found, f"{name} found {found[:1]}")
