"""What the nodes of a network have on disk: checked, compared, executed again, made anew."""
import json
import os
import shutil
import subprocess

import network_fixture
from network_fixture import require, sanad


def document(*arguments, code=0):
    return json.loads(sanad(*arguments, "--json", code=code))


def words_of(network, member):
    return ["--genesis", os.path.join(network.folder, "genesis.cbor"), "--secret",
            os.path.join(network.folder, "members", member, "network.secret")]


def beside_running_nodes(network):
    genesis = words_of(network, "KW")[:2]
    verified = document("ledger", "verify", network.data("KW"), *genesis)
    require(verified["valid"] and verified["fault"] is None, f"{verified}")
    require(verified["records"] > 600 and verified["certificates"] > 0, f"{verified}")
    for other in ("QA", "AE-DU"):
        compared = document("ledger", "compare", network.data("KW"), network.data(other))
        require(compared["same"] and compared["last"][0] > 0, f"{compared}")
    page = network.path("audit.html")
    audit = ["audit", "--network", network.folder, "--as", "KW", "--resume", network.path("state")]
    audited = document(*audit, "--html", page)
    require(audited["valid"] and audited["records"] >= verified["records"], f"{audited}")
    require(audited["statements"] > 200 and audited["statistics"]["lanes"]["red"] > 0, f"{audited}")
    with open(page) as file:
        require("Holds." in file.read(), "the page says so")
    again = document(*audit)
    require(again["valid"] and again["records"] >= audited["records"], f"{again}")
    sanad("ledger", "rebuild", network.data("KW"), *words_of(network, "KW"), code=2)  # it runs


def damage_is_named(network):
    copy = network.path("tampered")
    shutil.copytree(network.data("KW", "ledger", "segments"), os.path.join(copy, "segments"))
    file = os.path.join(copy, "segments", "bodies-00000000.seg")
    with open(file, "r+b") as bodies:
        bodies.seek(5_000)
        byte = bodies.read(1)[0]
        bodies.seek(5_000)
        bodies.write(bytes([byte ^ 1]))
    verified = document("ledger", "verify", copy, *words_of(network, "KW")[:2], code=5)
    require(not verified["valid"] and "bodies-00000000.seg" in verified["fault"]["reason"],
            f"{verified}")
    audited = document("audit", "--network", network.folder, "--as", "KW", "--data", copy, code=5)
    require("bodies-00000000.seg" in audited["fault"]["reason"], f"{audited}")


def a_store_is_lost(network):
    """The node refuses to start, says what to do, and goes on once that was done; a rebuild that
    was killed on the way is begun again."""
    member = "QA"
    network.down(member)
    shutil.rmtree(network.data(member, "ledger", "store"))
    config = os.path.join(network.folder, "members", member, "node.toml")
    refused = subprocess.run([network_fixture.BINARY, "node", "run", "--config", config],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    require(refused.returncode == 5 and "sanad ledger rebuild" in refused.stderr + refused.stdout,
            f"{refused}")
    rebuild = ["ledger", "rebuild", network.data(member), *words_of(network, member)]
    killed = subprocess.run([network_fixture.BINARY, *rebuild], stdin=subprocess.DEVNULL,
                            capture_output=True, timeout=60,
                            env={**os.environ, "SANAD_CRASH_AT": "ledger.segments_synced:2"})
    require(killed.returncode == -9, f"{killed}")
    made = document(*rebuild)
    require(made["executed"] == made["blocks"] - 1 > 2, f"all but block 0 anew: {made}")
    network.up(member)
    network.settled()


def check(network):
    beside_running_nodes(network)
    damage_is_named(network)
    a_store_is_lost(network)
