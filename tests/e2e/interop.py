"""Clients that are not ours read the log of a running network, and refuse changed copies of it."""
import glob
import json
import os
import shutil
import subprocess

from api import Node
from main_job import FACTS, declare, pair
from network_fixture import ROOT, Network, eventually, require, sanad

GO_PATH = "/usr/share/gocode"
PYTHON = "/usr/bin/python3"  # Debian's: the one that Debian's packages are for


def skipped(tool):
    """Counted by tools/test.sh."""
    print(f"SKIPPED end to end: interop without {tool}")


def run(*command, env=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240,
                          env=dict(os.environ, **(env or {})))
    require(done.returncode == 0, f"{command[0]}: {done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def go_client(folder):
    """tests/interop/check_log, built with Debian's golang.org/x/mod; nothing where that is not."""
    if shutil.which("go") is None:
        return skipped("golang-go")
    if not os.path.isdir(os.path.join(GO_PATH, "src", "golang.org", "x", "mod")):
        return skipped("golang-golang-x-mod-dev")
    binary = os.path.join(folder, "check_log")
    run("go", "build", "-o", binary,
        *glob.glob(os.path.join(ROOT, "tests", "interop", "check_log", "*.go")),
        env={"GO111MODULE": "off", "GOPATH": GO_PATH, "GOPROXY": "off", "GOFLAGS": "",
             "GOCACHE": os.path.join(folder, "gocache")})
    return binary


def write_history(network, declarations):
    """Declarations that are judged, most of them released, one of them held."""
    sanad("import", "lines", network.generate(declarations), "--network", network.folder,
          "--batch", min(1000, max(1, declarations // 6)), timeout=1200)
    pair(network, "6AE-LOG-1")
    own = ["--network", network.folder, "--as", "KW"]
    sanad("act", "hold", "6AE-LOG-1-I", *own, "--reason", "x")


def checkpoint(node):
    """The newest and its size; nothing before the first one."""
    got, _, note = node.call("GET", "/log/checkpoint", token=False)
    require(got in (200, 503), f"/log/checkpoint: {got}")
    return (note, int(note.split(b"\n")[1])) if got == 200 else None


def test(declarations=300):
    with Network(4) as network:
        client = go_client(network.root)
        network.up()
        node = Node(network, "KW")
        declare(network, "KW", "LOG-0", "flow=import", "ucr=LOG-0", *FACTS)
        first, size = eventually(lambda: checkpoint(node), "a first checkpoint")
        old = network.path("old.checkpoint")
        with open(old, "wb") as file:
            file.write(first)
        write_history(network, declarations)
        last = int(network.settled()["tree_size"])
        eventually(lambda: checkpoint(node)[1] >= last, "a checkpoint of all records")
        size = checkpoint(node)[1]
        require(size > 2 * declarations, f"{size} records of {declarations} declarations")
        url = "http://{}:{}".format(*node.address)
        token = os.path.join(network.folder, "members", "KW", "auditor.token")
        if client:
            said = json.loads(run(client, "-url", url, "-token", token, "-old", old))
            found = said["found"]
            require(found["Records"] >= size and found["OldSize"] < size, f"{found}")
            require(found["Refused"] >= 18, f"{said['refused']}")
            print(f"check_log: {found}")
        if subprocess.run([PYTHON, "-c", "import cbor2"], stderr=subprocess.DEVNULL).returncode:
            skipped("python3-cbor2")
        else:
            script = os.path.join(ROOT, "tests", "interop", "records.py")
            said = json.loads(run(PYTHON, "-B", script, url, token, str(size)))
            require(sum(said["records"].values()) == size, f"{said}")
            wanted = {"declared", "verdict", "released", "held", "commit"}
            require(wanted <= set(said["records"]), f"{said}")
            print(f"records.py: {said}")
