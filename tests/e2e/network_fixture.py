"""Real processes, sockets and files: a development network for one test, ended whatever happens.

Only Python's standard library. The binary comes from the command line (see run.py).
"""
import json
import os
import shutil
import subprocess
import tempfile
import time

BINARY = None  # set by run.py
SHARED = None  # the folder of public input data, set by run.py
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Failed(Exception):
    """A check that does not hold, with what was seen."""


def require(condition, message):
    if not condition:
        raise Failed(message)


def built(*parts):
    """A program of tests/, built beside the binary."""
    path = os.path.join(os.path.dirname(BINARY), "..", "tests", *parts)
    require(os.path.exists(path), f"not built: {path}")
    return path


def shared(*parts):
    """The path of a public input file. Absent: an error under CI, elsewhere the skip is printed as
    tools/test.sh counts it, and nothing is returned."""
    path = os.path.join(SHARED or "", *parts)
    if SHARED and os.path.exists(path):
        return path
    require("CI" not in os.environ, f"missing under CI: {path}")
    print(f"SKIPPED end to end: no {'/'.join(parts)}")
    return None


def sanad(*arguments, code=0, env=None, timeout=120):
    """Runs one command; its output. `code` is the exit code that must come out (None: any)."""
    done = subprocess.run(["setpriv", "--pdeathsig", "KILL", BINARY, *map(str, arguments)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, env=dict(os.environ, **(env or {})))
    text = done.stdout.decode()
    if code is not None and done.returncode != code:
        raise Failed(f"sanad {' '.join(map(str, arguments))}: exit code {done.returncode}, expected "
                     f"{code}\n{text[-2000:]}\n{done.stderr.decode()[-2000:]}")
    return text


def eventually(check, what, seconds=60):
    """Waits for a state; never for a time. The bound only ends a test that would hang."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"never came true: {what}")
        time.sleep(0.05)


class Network:
    def __init__(self, validators):
        self.root = tempfile.mkdtemp(prefix="sanad e2e ")  # with a space, on purpose
        self.folder = os.path.join(self.root, "network")
        sanad("network", "init", self.folder, "--validators", validators, "--insecure-dev-keys")
        # `network up` leaves its nodes to themselves. This process ends them when its input ends,
        # which it does however this one ends, also by SIGKILL.
        self.guard = subprocess.Popen(
            ["sh", "-c", 'read -r _; exec "$@"', "sh", BINARY, "network", "down", self.folder,
             "--kill"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.guard.stdin.close()
            self.guard.wait(timeout=120)
        finally:
            if kind is None:
                shutil.rmtree(self.root)
            else:
                print(f"left to look at: {self.root}")
                self.print_logs()

    def print_logs(self):
        for member in sorted(os.listdir(os.path.join(self.folder, "members"))):
            log = os.path.join(self.folder, "members", member, "node.log")
            if os.path.exists(log):
                with open(log, errors="replace") as file:
                    print(f"--- {member}\n" + "".join(file.readlines()[-15:]))

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def up(self, *members, env=None, wait=True, quarantine=None):
        words = [word for member in members for word in ("--only", member)]
        words += [] if wait else ["--no-wait"]
        words += ["--quarantine", quarantine] if quarantine else []
        sanad("network", "up", self.folder, *words, env=env)

    def data(self, member, *parts):
        return os.path.join(self.folder, "members", member, "data", *parts)

    def kill(self, *members):
        only = [word for member in members for word in ("--only", member)]
        sanad("network", "down", self.folder, *only, "--kill")

    def down(self, *members):
        only = [word for member in members for word in ("--only", member)]
        sanad("network", "down", self.folder, *only)

    def status(self):
        return json.loads(sanad("status", "--network", self.folder, "--json", code=None))

    def running(self, member):
        return any(one["member"] == member and one["pid"] for one in self.status()["members"])

    def settled(self):
        """Waits until all nodes are ready at one height with one ledger; their common answer."""
        def same():
            status = self.status()
            require(status["agree"], f"the nodes disagree: {status}")
            answers = [one["network"] for one in status["members"] if one["ready"]]
            if len(answers) < len(status["members"]):
                return None
            keys = ("executed_height", "tree_size", "root", "index_root", "state_digest")
            first = {key: answers[0][key] for key in keys}
            equal = all({key: one[key] for key in keys} == first for one in answers)
            return first if equal else None
        return eventually(same, "all nodes ready at one height with one ledger")

    def generate(self, count, seed=1):
        file = self.path(f"declarations-{seed}.jsonl")
        sanad("generate", file, "--labels", self.path(f"labels-{seed}.jsonl"), "--count", count,
              "--seed", seed, "--network", self.folder)
        return file

    def exported(self, member):
        text = sanad("export", "--network", self.folder, "--as", member, timeout=600)
        return [json.loads(line) for line in text.splitlines()]

    def members(self):
        return [one["member"] for one in self.status()["members"]]
