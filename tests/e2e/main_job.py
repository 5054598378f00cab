"""The main job over four real processes: declare, release, prove, tamper, explain, fail, come back."""
import base64
import collections
import hashlib
import json
import os
import re
import urllib.error
import urllib.request

from network_fixture import Network, require, sanad

FACTS = ["date=2026-03-01", "hs=851712", "origin=CN", "departure=AE", "destination=KW",
         "net_mass=120000", "packages=12"]


def declare(network, member, number, *fields, code=0):
    return json.loads(sanad("declare", "--network", network.folder, "--as", member, "--json",
                            f"declaration_id={number}", *fields, code=code))


def pair(network, ucr):
    declare(network, "AE-DU", f"{ucr}-E", "flow=export", f"ucr={ucr}", "value=1250000",
            "currency=AED", *FACTS)
    return declare(network, "KW", f"{ucr}-I", "flow=import", f"ucr={ucr}", "value=104500",
                   "currency=KWD", *FACTS)


def every_declaration_is_final_once(network, count):
    """None lost, none twice, and every verdict of a green one followed by its release."""
    lines = network.exported("AE-DU")
    kinds = collections.Counter(line["record"]["kind"] for line in lines)
    require(kinds["declared"] + kinds["refused"] == count, f"{count} declared, log holds {kinds}")
    require(kinds["verdict"] == kinds["declared"], f"a verdict each: {kinds}")
    names = [line["record"]["content"]["declaration"] for line in lines
             if line["record"]["kind"] == "declared"]
    require(len(set(names)) == len(names), "a declaration is in the log twice")
    green = sum(1 for line in lines if line["record"]["kind"] == "verdict" and
                line["record"]["content"]["lane"] == "green")
    released = sum(1 for line in lines if line["record"]["kind"] == "released" and
                   line["record"]["content"]["basis"] == "green")
    require(green == released and green > 0, f"{green} green, {released} released with it")


def proofs_hold_and_refuse(network, ucr):
    proof, trust = network.path("proof.json"), os.path.join(network.folder, "trust.json")
    story = sanad("trace", ucr, "--network", network.folder, "--as", "KW", "--proof", proof)
    require("released" in story, f"no release in:\n{story}")
    found = json.loads(sanad("verify", proof, "--trust", trust, "--json"))
    require(found, "verify printed nothing")
    with open(proof, "rb") as file:
        good = file.read()
    bundle = json.loads(good)

    def refused(name, content):
        path = network.path(name)
        with open(path, "wb") as file:
            file.write(content)
        sanad("verify", path, "--trust", trust, code=4)

    # A sample of positions; the unit tests try all of a small one.
    for position in range(0, len(good), max(1, len(good) // 24)):
        changed = bytearray(good)
        changed[position] ^= 1
        refused("flipped.json", bytes(changed))
    records = bundle["records"]
    require(len(records) >= 6, f"{len(records)} records of an export and an import")
    for drop in range(len(records)):
        less = dict(bundle, records=records[:drop] + records[drop + 1:])
        refused("dropped.json", (json.dumps(less, separators=(",", ":")) + "\n").encode())
    swapped = dict(bundle, records=[records[1], records[0], *records[2:]])
    refused("swapped.json", (json.dumps(swapped, separators=(",", ":")) + "\n").encode())


def tampering_is_named(network, ucr):
    own = ["--network", network.folder, "--as", "AE-DU"]
    sanad("reconcile", *own)
    sanad("vault", "alter", f"{ucr}-E", "value=625000", *own)
    text = sanad("reconcile", *own, code=1)
    require(f"{ucr}-E" in text and "value" in text, f"not named:\n{text}")
    sanad("vault", "alter", f"{ucr}-E", "value=1250000", *own)
    sanad("reconcile", *own)
    sanad("vault", "delete", f"{ucr}-E", *own)
    found = json.loads(sanad("reconcile", *own, "--json", code=1))
    require(len(found["findings"]) == 1, f"a deleted row gives {found}")


def verdicts_are_recomputed(network, ucr):
    own = ["--network", network.folder, "--as", "KW"]
    same = sanad("explain", f"{ucr}-I", *own)
    require("same" in same or "bit for bit" in same, f"explain says:\n{same}")
    changed = sanad("explain", f"{ucr}-I", *own, "--change", "origin=KP")
    require("EMBARGO" in changed and "red" in changed, f"a changed fact changes nothing:\n{changed}")


def the_rest_goes_on(network, ucr):
    network.kill("QA")
    answer = declare(network, "KW", f"{ucr}-X", "flow=import", f"ucr={ucr}-X", "value=1",
                     "currency=KWD", *FACTS)
    require(answer["submission"]["outcomes"][0]["code"] == "accepted", f"{answer}")
    network.up("QA")
    network.settled()


def only_health_is_open(network):
    """Everything but health takes the node's token; what is asked wrongly is answered as such."""
    member = os.path.join(network.folder, "members", "KW")
    with open(os.path.join(member, "node.toml")) as file:
        address = re.search(r'\[api\][^\[]*?listen = "([^"]+)"', file.read()).group(1)
    with open(os.path.join(member, "api.token")) as file:
        token = {"Authorization": "Bearer " + file.read().strip()}

    def status(path, headers, body=None):
        request = urllib.request.Request(f"http://{address}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status
        except urllib.error.HTTPError as refused:
            return refused.code

    json_type = {"Content-Type": "application/json"}
    for path, headers, body, expected in [
            ("/healthz", {}, None, 200), ("/readyz", {}, None, 200),
            ("/metrics", {}, None, 401), ("/metrics", token, None, 200),
            ("/v1/network", {}, None, 401), ("/v1/network", token, None, 200),
            ("/v1/submissions", json_type, b"{}", 401),
            ("/v1/submissions", {**json_type, **token}, b"{}", 400),
            (f"/v1/submissions/{'0' * 64}?wait=final", token, None, 404),
            (f"/v1/consignments/{'0' * 64}", token, None, 404)]:
        code = status(path, headers, body)
        require(code == expected, f"{path} with {sorted(headers)}: {code}, expected {expected}")


def independent_readers_agree(network):
    """The log's root, by RFC 6962 in twenty lines of Python, is what the nodes say."""
    def root(leaves):
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()

    common = network.settled()
    lines = network.exported("QA")
    leaves = [hashlib.sha256(b"\0" + base64.b64decode(line["leaf"])).digest() for line in lines]
    require(str(len(leaves)) == common["tree_size"], f"{len(leaves)} leaves, {common}")
    require(root(leaves).hex() == common["root"], "the root is not RFC 6962's")


def test():
    with Network(4) as network:
        network.up()
        file = network.generate(300)
        sanad("import", "lines", file, "--network", network.folder, "--batch", "50")
        ucr = "6AE-E2E-1"
        answer = pair(network, ucr)
        require(answer["submission"]["outcomes"][0]["lane"] == "green", f"{answer}")
        network.settled()
        every_declaration_is_final_once(network, 302)
        proofs_hold_and_refuse(network, ucr)
        tampering_is_named(network, ucr)
        verdicts_are_recomputed(network, ucr)
        the_rest_goes_on(network, ucr)
        only_health_is_open(network)
        independent_readers_agree(network)
        network.down()
        # A network that was shut down orderly starts again where it was.
        network.up()
        network.settled()
        again = sanad("import", "lines", file, "--network", network.folder, "--resume", "--json")
        require(json.loads(again)["skipped"] == 300, f"declared twice: {again}")
