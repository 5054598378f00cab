"""Validators as child processes of the test, each with its own surroundings: a relay or a router
between them, a clock of its own, a crash point, a small disk. Where network_fixture.Network leaves
starting and ending to `sanad network`, this does it itself and sees every exit code.

All traffic is on loopback or in namespaces that are gone with their last process. A node dies with
the test, however that ends.
"""
import contextlib
import ctypes
import fcntl
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import network_fixture
from network_fixture import Failed, Network, built, eventually, require

CLONE_NEWNET = 0x40000000
CLONE_NEWNS = 0x00020000
PEER_PORT = 7000  # of every member, in a namespace of its own
LIBFAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
FIRST_PORT, LAST_PORT = 20_000, 30_000  # below those that the kernel gives to whoever connects


def may_make_namespaces():
    """Why not, or nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    done = subprocess.run(["unshare", "--net", "true"], stderr=subprocess.PIPE)
    return "" if done.returncode == 0 else done.stderr.decode().strip()


def inside(space, make):
    """What `make` opens while this thread is in the namespace; sockets stay where they were
    opened."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as home, open(space) as there:
        require(libc.setns(there.fileno(), CLONE_NEWNET) == 0, "setns")
        try:
            return make()
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


def own_mounts():
    """From here on mounts of this process are seen by nobody else and end with it. Why not, or
    nothing."""
    if os.geteuid() != 0:
        return "mounting a small disk needs root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return f"a mount namespace: {os.strerror(ctypes.get_errno())}"
    done = subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.PIPE)
    return "" if done.returncode == 0 else done.stderr.decode().strip()


def free_ports(count, chance):
    """Ports on which nobody listens now."""
    ports = []
    while len(ports) < count:
        port = chance.randint(FIRST_PORT, LAST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Between:
    """A relay or router that runs, and takes orders (tests/e2e/command_line.h)."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([built(program), *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1)
        self.lines = []
        while True:
            line = self.process.stdout.readline().strip()
            require(line, f"{program} did not start")
            if line == "ready":
                return
            self.lines.append([int(word) for word in line.split()])

    def order(self, word, source, target, *numbers):
        print(word, source, target, *numbers, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        require(answer not in ("", "no"), f"{word} {source} {target} {numbers}: {answer!r}")
        return answer

    def everywhere(self, members, word, *numbers):
        for source in range(members):
            for target in range(members):
                if source != target:
                    self.order(word, source, target, *numbers)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Validators(Network):
    """`between` is None, "relay" or "router"."""

    def __init__(self, validators, between=None, seed=1):
        super().__init__(validators)
        self.names = self.members()
        self.count = validators
        self.processes = {}
        self.clocked = []  # processes that ran with a clock of their own
        self.between = None
        self.spaces = []
        ports = free_ports(2 * validators, random.Random(f"{seed} {os.getpid()}"))
        self.peer_ports, self.api_ports = ports[:validators], ports[validators:]
        if between == "relay":
            pairs = [(i, j) for i in range(validators) for j in range(i + 1, validators)]
            self.between = Between("relay", seed, validators,
                                   *(f"{i}:{j}:{self.peer_ports[j]}" for i, j in pairs))
            doors = {(i, j): f"127.0.0.1:{port}" for i, j, port in self.between.lines}
        elif between == "router":
            self.between = Between("router", seed, validators)
            self.spaces = [f"/proc/{pid}/fd/{fd}" for _, pid, fd in self.between.lines]
            doors = {(i, j): f"10.77.0.{j + 1}:{PEER_PORT}"
                     for i in range(validators) for j in range(validators)}
        else:
            doors = {}
        for i, name in enumerate(self.names):
            self.write_config(i, name, doors)
        self.tokens = [self.read(name, "api.token").strip() for name in self.names]

    def read(self, name, file):
        with open(os.path.join(self.folder, "members", name, file)) as opened:
            return opened.read()

    def write_config(self, i, name, doors):
        """Where everybody listens, and where this member finds the others."""
        text = self.read(name, "node.toml")
        listen = iter([f"127.0.0.1:{self.peer_ports[i]}", f"127.0.0.1:{self.api_ports[i]}"])
        text = re.sub(r'(?m)^listen = ".*"', lambda _: f'listen = "{next(listen)}"', text)
        for j, other in enumerate(self.names):
            # The member with the lower place dials; the other direction is never used.
            door = doors.get((i, j), f"127.0.0.1:{self.peer_ports[j]}")
            text = re.sub(rf'(member = "{other}"\naddress = )".*"', rf'\1"{door}"', text)
        with open(os.path.join(self.folder, "members", name, "node.toml"), "w") as file:
            file.write(text)

    # ---- one node

    def start(self, i, env=None, quarantine=None, clock=None):
        """Starts a node that does not run. `clock`: a file with libfaketime's offset."""
        require(not self.alive(i), f"{self.names[i]} runs already")
        folder = os.path.join(self.folder, "members", self.names[i])
        words = ["setpriv", "--pdeathsig", "KILL", network_fixture.BINARY, "node", "run",
                 "--config", os.path.join(folder, "node.toml")]
        words += ["--quarantine", quarantine] if quarantine else []
        environment = dict(os.environ, **(env or {}))
        if clock:
            environment.update(LD_PRELOAD=LIBFAKETIME, FAKETIME_TIMESTAMP_FILE=clock,
                               FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_CACHE_DURATION="1")
        passed = ()
        if self.spaces:
            # Sockets stay where they were opened: peers inside of the namespace, the API outside.
            sockets = self.open_sockets(i)
            passed = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 100) for one in sockets]
            for one in sockets:
                one.close()
            words = ["bash", "-c", f"exec 3<&{passed[0]}- 4<&{passed[1]}-; LISTEN_FDS=2 "
                     'LISTEN_PID=$$ exec "$@"', "bash", "nsenter", f"--net={self.spaces[i]}",
                     *words]
        with open(os.path.join(folder, "node.log"), "a") as log:
            # A session each: the kernel shares its processors out by session, as if by machine.
            self.processes[i] = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                pass_fds=passed, start_new_session=True)
        for one in passed:
            os.close(one)
        pid = self.processes[i].pid
        if clock:
            self.clocked.append(pid)
        with open(f"/proc/{pid}/stat") as stat:
            ticks = stat.read().rsplit(")", 1)[1].split()[19]
        with open(os.path.join(folder, "node.pid"), "w") as file:
            file.write(f"{pid} {ticks}\n")

    def open_sockets(self, i):
        address = (f"10.77.0.{i + 1}", PEER_PORT)
        return (inside(self.spaces[i], lambda: socket.create_server(address, backlog=128)),
                socket.create_server(("127.0.0.1", self.api_ports[i]), backlog=128))

    def alive(self, i):
        return i in self.processes and self.processes[i].poll() is None

    def stop_hard(self, i):
        """kill -9. What happened is in no hurry to be on disk."""
        self.processes[i].send_signal(signal.SIGKILL)
        self.processes[i].wait(timeout=30)

    def pause(self, i, on):
        self.processes[i].send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def exit_code(self, i, seconds=120):
        """Of a node that ends by itself."""
        eventually(lambda: not self.alive(i), f"{self.names[i]} ends", seconds)
        return self.processes[i].returncode

    def last_words(self, i, lines=3):
        return "\n".join(self.read(self.names[i], "node.log").splitlines()[-lines:])

    def get(self, i, path):
        """An answer of the node's API as text; nothing where it has none."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_ports[i]}{path}", headers={
            "Authorization": f"Bearer {self.tokens[i]}"})
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return answer.read().decode()
        except (OSError, urllib.error.URLError):
            return None

    def metrics(self, i):
        """Of this node, without labels; empty where it does not answer."""
        found = re.findall(r"(?m)^sanad_(\w+) ([0-9.e+-]+)$", self.get(i, "/metrics") or "")
        return {name: float(value) for name, value in found}

    def ready(self, i):
        return self.get(i, "/readyz") is not None

    def height(self, i):
        return int(self.metrics(i).get("committed_height", 0))

    def records(self, i):
        answer = self.get(i, "/v1/network")
        return int(json.loads(answer)["tree_size"]) if answer else 0

    def records_of(self, i):
        """The node's log, record by record; of a long run it is larger than memory."""
        with subprocess.Popen([network_fixture.BINARY, "export", "--network", self.folder, "--as",
                               self.names[i]], stdout=subprocess.PIPE) as export:
            yield from map(json.loads, export.stdout)
        require(export.returncode == 0, f"the export of {self.names[i]}: {export.returncode}")

    # ---- all of them

    def start_all(self):
        for i in range(self.count):
            self.start(i)
        eventually(lambda: all(self.ready(i) for i in range(self.count)), "all are ready", 120)

    def leader(self):
        """Who leads now, as far as anybody can say: the view that is reported is a moment old."""
        for i in range(self.count):
            if self.alive(i) and self.metrics(i).get("leading"):
                return i
        return None

    def __exit__(self, kind, value, trace):
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        for pid in self.clocked:  # libfaketime leaves them behind where its process is killed
            for left in ("faketime_shm_", "sem.faketime_sem_"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(f"/dev/shm/{left}{pid}")
        if self.between:
            self.between.end()
        super().__exit__(kind, value, trace)


class Load:
    """A client of every member at a fixed rate, in a process of its own, with a history."""

    def __init__(self, network, per_s, seconds, batch=1, name="history", in_flight=64):
        self.history = network.path(f"{name}.jsonl")
        self.output = network.path(f"{name}.out")
        self.began = time.monotonic()
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(
                [network_fixture.BINARY, "bench", "load", "--network", network.folder, "--rate",
                 str(per_s), "--seconds", str(seconds), "--batch", str(batch), "--in-flight",
                 str(in_flight), "--log", self.history, "--json"], stdout=out,
                stderr=subprocess.STDOUT)

    def running(self):
        return self.process.poll() is None

    def check(self):
        if not self.running() and self.process.returncode != 0:
            raise Failed(f"the load ended with {self.process.returncode}: {self.said()}")

    def said(self):
        with open(self.output) as file:
            return file.read().strip()[-2000:]

    def finish(self, seconds=900, wait_for_all=False):
        """Lets no more fall due, unless told to wait for it. Its own summary, once all is final."""
        if not wait_for_all:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"the load never ended: {self.said()}") from None
        self.check()
        return json.loads(self.said().splitlines()[-1])

    def end(self):
        if self.running():
            self.process.kill()
        self.process.wait()
