"""tools/demo.sh as a newcomer runs it: away from its clone, twice at once, interrupted, killed; and
what the scripts do where packages are missing."""
import os
import re
import shutil
import signal
import subprocess
import tempfile

import network_fixture
from network_fixture import ROOT, eventually, require, sanad


class Tree:
    """The scripts alone, in a folder that is no clone and has an awkward name."""

    def __init__(self):
        self.root = os.path.join(tempfile.mkdtemp(prefix="sanad scripts "), "a [b] & $c")
        os.makedirs(self.root)
        shutil.copytree(os.path.join(ROOT, "tools"), os.path.join(self.root, "tools"),
                        ignore=lambda folder, names: [n for n in names if not n.endswith(".sh")])
        # A name of its own, so that only this test's processes are looked at.
        self.binary = os.path.join(self.root, "sanad")
        shutil.copy2(network_fixture.BINARY, self.binary)

    def start(self, *arguments):
        """A demonstration in a process group of its own; its output goes to a file."""
        log = tempfile.NamedTemporaryFile(dir=self.root, suffix=".log", delete=False)
        with log:
            process = subprocess.Popen(
                ["tools/demo.sh", "--binary", self.binary, *arguments], cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        process.log = log.name
        return process

    def processes(self):
        """Process ids and command lines of what runs this tree's program."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/exe") == self.binary:
                    with open(f"/proc/{pid}/cmdline") as file:
                        found[int(pid)] = file.read().replace("\0", " ")
            except OSError:
                continue  # it has ended, or is not ours to look at
        return found

    def runs(self):
        """Folders of demonstrations that are there."""
        folder = os.path.join(self.root, "run")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return sorted(os.path.join(folder, name) for name in names if name.startswith("demo-"))

    def remove(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(os.path.dirname(self.root))


def text_of(process):
    with open(process.log, errors="replace") as file:
        return file.read()


def ends_with(process, code):
    got = process.wait(timeout=600)
    require(got == code, f"exit code {got}, expected {code}:\n{text_of(process)[-3000:]}")
    return text_of(process)


SMALL = ["--validators", "4", "--count", "60"]


def landmarks(text):
    """Titles and commands of a transcript, without what differs from run to run."""
    text = text.replace(" \\\n      ", " ")  # a long command goes on in the next line
    text = re.sub(r"6AE-DEMO-[0-9]+", "6AE-DEMO-1", text)
    text = re.sub(r"--count [0-9]+", "--count 1", text)
    return [line for line in text.splitlines() if re.match(r"[A-Z0-9]|  \$ sanad ", line)]


def readme_transcript():
    with open(os.path.join(ROOT, "README.md")) as file:
        return re.search(r"## What you will see\n.*?\n```\n(.*?)```", file.read(), re.S).group(1)


def shows_everything(tree):
    """Two at once, one as in the README: each shows all, and leaves neither process nor folder."""
    processes = [tree.start("--count", "140"), tree.start(*SMALL)]
    texts = [ends_with(process, 0) for process in processes]
    for text in texts:
        require(text.count("NOT PROVED") == 3, f"three proofs are refused:\n{text}")
        require(tree.root not in text, f"the folder's name is not cut to RUN and NET:\n{text}")
    require("one validator is killed with kill -9" in texts[1], texts[1])
    shown = iter(landmarks(texts[0]))
    for line in landmarks(readme_transcript()):
        begin = line.removesuffix("…")  # where the README cuts a line short
        require(any(one == line or begin != line and one.startswith(begin) for one in shown),
                f"the README shows this, the demonstration not, or elsewhere: {line}\n{texts[0]}")
    require(tree.processes() == {} and tree.runs() == [], f"left: {tree.processes()} {tree.runs()}")


def takes_real_input(tree):
    """--declarations, in the form of the Korean set; rows of absent members are named, not lost."""
    path = os.path.join(tree.root, "made rows.csv")
    with open(path, "w") as file:
        file.write("Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,"
                   "Mode of Transport,Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,"
                   "Country of Departure,Country of Origin,Tax Rate,Tax Type,"
                   "Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud\n")
        for number, office in enumerate(["40", "30", "16", "13", "20"] * 4):
            file.write(f"{1000 + number},2020-03-01,{office},B,11,21,11,10,D,I{number},S,,851712,CN,"
                       "CN,8.0,A,Y,1.5,90000.0,0,0\n")
    text = ends_with(tree.start("--validators", "4", "--declarations", "made rows.csv"), 0)
    require("4 rows were not taken" in text and re.search(r"all +16 ", text), f"{text[:3000]}")
    with open(re.search(r"with the reasons: (.*)", text).group(1)) as file:
        rejects = file.read()
    require(rejects.count('no member ""SA"" in this network') == 4, rejects)


def ends_with_the_interrupt(tree):
    process = tree.start("--validators", "4", "--count", "20000")
    eventually(lambda: "sanad import" in text_of(process), "the import begins")
    os.killpg(process.pid, signal.SIGINT)
    ends_with(process, 130)
    require(tree.processes() == {} and tree.runs() == [], f"left: {tree.processes()} {tree.runs()}")


def cleans_up_after_a_kill(tree):
    """What a killed run left goes with the next one; what was kept, and others' work, stays."""
    ends_with(tree.start(*SMALL, "--keep"), 0)
    kept = tree.runs()
    require(len(kept) == 1, f"{kept}")
    nodes = set(tree.processes())
    require(len(nodes) == 4, f"the network runs on: {tree.processes()}")
    killed = tree.start("--validators", "4", "--count", "20000")
    eventually(lambda: "sanad import" in text_of(killed), "the import begins")
    killed.kill()
    killed.wait()
    left = [folder for folder in tree.runs() if folder not in kept]
    require(len(left) == 1 and len(tree.processes()) >= 8, f"{left} {tree.processes()}")
    # A run that goes on while the next one cleans up is not touched.
    other = tree.start(*SMALL)
    eventually(lambda: "Removed what an interrupted run had left" in text_of(other), "it cleans up")
    require(left[0] in text_of(other) and left[0] not in tree.runs(), text_of(other)[:500])
    require(not [line for line in tree.processes().values() if left[0] in line], "its processes")
    ends_with(tree.start(*SMALL), 0)
    ends_with(other, 0)
    require(tree.runs() == kept and set(tree.processes()) == nodes, f"{tree.runs()}")
    network = os.path.join(kept[0], "network")
    require('"agree":true' in sanad("status", "--network", network, "--json"), "the kept one works")
    sanad("network", "down", network)
    shutil.rmtree(kept[0])


class Packages:
    """A machine made of programs in front of PATH: what is installed, and who may install."""

    def __init__(self, tree, root=False):
        self.folder = tempfile.mkdtemp(dir=os.path.dirname(tree.root))
        self.tree = tree
        self.calls = os.path.join(self.folder, "calls")
        self.program("id", f'[ "$1" = -u ] && echo {0 if root else 1000} || exec /usr/bin/id "$@"')
        self.program("sudo", "exit 1")
        self.program("apt-get", f'echo "apt-get $*" >>"{self.calls}"; exit 100')
        self.installed({})

    def program(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)

    def installed(self, odd):
        """Everything is, but for what `odd` says: package → dpkg's word for its state."""
        cases = "".join(f'  {name}) state={state} ;;\n' for name, state in odd.items())
        self.program("dpkg-query", 'for package; do :; done\nstate=installed\ncase "$package" in\n'
                     f'{cases}  libboost1.74-dev|libboost-dev) state=not-installed ;;\n'
                     'esac\nprintf %s "$state"')

    def run(self, script, code, *arguments):
        done = subprocess.run([f"tools/{script}", *arguments], cwd=self.tree.root, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60,
                              env=dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}"))
        require(done.returncode == code, f"{script}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def called(self):
        if not os.path.exists(self.calls):
            return ""
        with open(self.calls) as file:
            return file.read()


def missing_packages_are_named(tree):
    user = Packages(tree)
    user.installed({"libleveldb-dev": "not-installed", "catch2": "config-files"})
    text = user.run("demo.sh", 2)
    command = [line for line in text.splitlines() if "apt-get" in line]
    require(len(command) == 1 and command[0].endswith(
        "install -y --no-install-recommends --no-remove libleveldb-dev"), f"{text}")
    text = user.run("test.sh", 2)
    require("--no-remove libleveldb-dev catch2\n" in text, f"{text}")
    require(user.called() == "", "a user without rights calls no apt-get")
    # Boost 1.74 shares files with what is needed: nothing is removed to make room.
    user.installed({"libboost1.74-dev": "installed", "libboost1.81-dev": "not-installed"})
    root = Packages(tree, root=True)
    for machine in (user, root):
        machine.installed({"libboost1.74-dev": "installed", "libboost1.81-dev": "not-installed"})
        text = machine.run("demo.sh", 2)
        require("libboost1.74-dev is installed and stands in the way" in text, f"{text}")
        require(machine.called() == "", f"apt-get was called: {machine.called()}")
    # Root installs what is missing and nothing else; where that fails, it says so.
    root.installed({"libleveldb-dev": "not-installed"})
    root.run("demo.sh", 3)
    calls = root.called().splitlines()
    require(calls[0] == "apt-get install -y --no-install-recommends --no-remove libleveldb-dev",
            f"{calls}")
    require(not [call for call in calls if "remove" in call.split() or "autoremove" in call],
            f"{calls}")


def options_are_checked(tree):
    for arguments in (["--validators", "0"], ["--validators", "14"], ["--validators"],
                      ["--validators", "x"], ["--count", "-1"], ["--declarations", "absent.csv"],
                      ["--binary", "absent"], ["--nothing"]):
        done = subprocess.run(["tools/demo.sh", *arguments], cwd=tree.root, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        require(done.returncode == 2 and "demo.sh: " in done.stderr, f"{arguments}: {done}")
    for script in ("demo.sh", "test.sh", "check.sh"):
        done = subprocess.run([f"tools/{script}", "--help"], cwd=tree.root, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        require(done.returncode == 0 and "Exit codes: 0 " in done.stdout, f"{script}: {done}")
    with open(os.path.join(ROOT, "tools", "check.sh")) as file:
        steps = re.search(r"STEPS=\(([^)]*)\)", file.read()).group(1).split()
    listed = re.findall(r"(?m)^  ([a-z][a-z-]*) +\S", done.stdout.split("Steps, in order:")[1])
    require(listed == steps, f"check.sh --help lists {listed}, its steps are {steps}")


def test():
    tree = Tree()
    try:
        options_are_checked(tree)
        missing_packages_are_named(tree)
        shows_everything(tree)
        takes_real_input(tree)
        ends_with_the_interrupt(tree)
        cleans_up_after_a_kill(tree)
    finally:
        tree.remove()
