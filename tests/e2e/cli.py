"""Every command: one JSON document on standard output with --json, and its exit codes."""
import json
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

import ledger_folders
import network_fixture
from main_job import FACTS
from network_fixture import Network, eventually, require, sanad

GOOD_RULES = 'rule set "t" version 1 for import\n\nrule R "Red" owner "t" legal basis "t" ' \
             'review by 2027-06-30\n  when origin is KP\n  then lane at least red\n\n' \
             'test "kp"\n  given origin KP\n  expect red because R\n'


def run(*arguments, code=0):
    """What the command wrote: standard output and standard error."""
    done = subprocess.run([network_fixture.BINARY, *map(str, arguments)], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300)
    require(done.returncode == code, f"sanad {' '.join(map(str, arguments))}: exit code "
                                     f"{done.returncode}, expected {code}\n{done.stdout[-1000:]}\n"
                                     f"{done.stderr[-1000:]}")
    return done.stdout, done.stderr


def document(*arguments, code=0):
    """The one JSON document that the command wrote."""
    out, _ = run(*arguments, "--json", code=code)
    try:
        return json.loads(out)
    except json.JSONDecodeError as fault:
        raise network_fixture.Failed(f"{arguments}: not one JSON document: {fault}\n{out[:500]}")


def fails(code, *arguments):
    """Says why on standard error, nothing on standard output."""
    out, error = run(*arguments, code=code)
    reasons = [line for line in error.splitlines() if line.startswith("sanad")]
    require(out == "" and reasons, f"{arguments}: {out[:300]} / {error[:300]}")
    return error


def help_says_how():
    out, _ = run("--help")
    for name in ("network", "node", "status", "declare", "import", "trace", "verify", "proof",
                 "explain"):
        require(f"\n  {name} " in out, f"{name} is not in --help:\n{out}")
    for command in (["trace"], ["network", "init"], ["rules", "test"]):
        out, _ = run(*command, "--help")
        require("Example:" in out and "Exit code 0" in out, f"{command}:\n{out}")
    run(code=2)
    run("nothing", code=2)
    run("trace", code=2)


def rules(network):
    path = network.path("rules.txt")
    with open(path, "w") as file:
        file.write(GOOD_RULES)
    checked = document("rules", "check", path)
    require(checked["accepted"] and checked["rules"][0]["rule"] == "R", f"{checked}")
    tested = document("rules", "test", path)
    require((tested["passed"], tested["failed"]) == (1, 0), f"{tested}")
    with open(path, "w") as file:
        file.write(GOOD_RULES.replace("expect red", "expect green"))
    require(document("rules", "test", path, code=1)["failed"] == 1, "a test that fails")
    with open(path, "w") as file:
        file.write(GOOD_RULES.replace("origin is KP", "origin >= 10 kg"))
    for command in ("check", "test"):
        refused = document("rules", command, path, code=1)
        require(not refused["accepted"] and refused["diagnostics"][0]["line"] > 1, f"{refused}")
    fails(2, "rules", "check", network.path("no such file"))


def a_network_of_its_own(network):
    folder = network.path("one")
    made = document("network", "init", folder, "--validators", 1, "--insecure-dev-keys")
    require(made["validators"] == ["AE-DU"] and os.path.exists(made["trust"]), f"{made}")
    fails(2, "network", "init", folder, "--insecure-dev-keys")  # not empty
    fails(2, "network", "init", network.path("two"), "--validators", 14, "--insecure-dev-keys")
    fails(3, "trace", "C-1", "--network", folder, "--as", "AE-DU")
    status = document("status", "--network", folder, code=3)
    require(not status["members"][0]["ready"], f"{status}")
    up = document("network", "up", folder)
    require(up[0]["started"], f"{up}")
    require(not document("network", "up", folder)[0]["started"], "it ran already")
    require(document("network", "down", folder)["ended"] == ["AE-DU"], "it ended")
    require(document("network", "down", folder)["ended"] == [], "nothing ran")
    fails(2, "network", "up", folder, "--only", "XX")
    node_run(os.path.join(folder, "members", "AE-DU", "node.toml"))


def the_page_is_served(port, path):
    """What a node serves to anybody is what `sanad verifier` writes; without the page both say so."""
    def get(headers):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/verify/", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()

    status, headers, body = get({})
    if status == 404:
        require("CI" not in os.environ, "built without the page, and CI wants it")
        require(b"built without the page" in body, f"{body}")
        require("built without the page" in fails(2, "verifier", "--out", path), "no page")
        return
    written = document("verifier", "--out", path)
    with open(path, "rb") as file:
        page = file.read()
    require((status, body) == (200, page) and written["bytes"] == len(page), f"{status}, {written}")
    require(headers["content-security-policy"].startswith("default-src 'none'; "), f"{headers}")
    require(get({"If-None-Match": headers["etag"]})[0] == 304, "a client that has it")
    fails(2, "verifier", "--out", os.path.join(path, "below", "a", "file"))


def node_run(config):
    """`node run --json` says once where it listens, and keeps its log out of the way."""
    node = subprocess.Popen([network_fixture.BINARY, "node", "run", "--config", config, "--json"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    try:
        about = json.loads(node.stdout.readline())
        require(about["member"] == "AE-DU" and about["api_port"] > 0, f"{about}")
        the_page_is_served(about["api_port"], config + ".html")
        node.send_signal(signal.SIGTERM)
        rest, log = node.communicate(timeout=60)
        require(rest == "" and "stopped" in log, f"{rest} / {log[-500:]}")
        require(node.returncode == 0, f"ended by SIGTERM with {node.returncode}")
    finally:
        node.kill()
    with open(config) as file:
        text = file.read()
    with open(config + ".wrong", "w") as file:
        file.write(text.replace("log_level", "log_lvel"))
    require("log_level" in fails(2, "node", "run", "--config", config + ".wrong"), "the nearest key")


def declare_and_act(network, own):
    facts = [*FACTS, "value=1", "currency=AED"]
    red = [fact.replace("origin=CN", "origin=KP") for fact in facts]
    first = document("declare", *own, "declaration_id=C-1", "flow=import", "ucr=C-1", *red)
    require(first["submission"]["outcomes"][0]["lane"] == "red", f"{first}")
    fails(2, "declare", *own, "declaration_id=C-2", "flow=sideways")
    fails(1, "declare", *own, "declaration_id=C-9", "flow=import", *facts, "--amend")
    released = document("act", "release", "C-1", *own, code=1)
    require(released["submission"]["outcomes"][0]["code"] == "not-inspected", f"{released}")
    inspected = document("act", "inspect", "C-1", "conform", *own, "--reason", "papers in order")
    require(inspected["statement"] == "inspect", f"{inspected}")
    require(inspected["declaration"] == first["declaration"], f"{inspected}")
    for key, code in (("officer-1", "approved"), ("officer-2", "accepted")):
        done = document("act", "release", "C-1", *own, "--key", key)
        require(done["submission"]["outcomes"][0]["code"] == code, f"{done}")
    document("act", "move", "C-1", "departed", *own)
    document("act", "hold", "C-1", *own, "--reason", "second look")
    document("act", "cancel", "C-1", *own, "--reason", "mistake", "--key", "officer-1")
    fails(1, "act", "release", "C-9", *own)
    fails(2, "act", "inspect", "C-1", "perhaps", *own, "--reason", "x")


def trace_and_prove(network, own):
    proof, trust = network.path("proof.json"), os.path.join(network.folder, "trust.json")
    traced = document("trace", "C-1", *own, "--proof", proof)
    require(traced["proof"] == proof and os.path.exists(proof), f"{traced}")
    state = traced["declarations"][0]
    require((state["phase"], state["lane"], state["held"]) == ("cancelled", "red", True), f"{state}")
    inspected = next(one for one in traced["records"] if one["record"]["kind"] == "inspected")
    require(inspected["facts"] == {"reason": "papers in order"}, f"{inspected}")
    out, _ = run("trace", "C-1", *own)
    require("AE-DU, import" in out and "cancelled, lane red" in out, f"{out}")
    fails(1, "trace", "C-9", *own)
    require(document("verify", proof, "--trust", trust)["valid"], "proved")
    with open(proof) as file:
        text = file.read()
    with open(proof, "w") as file:
        file.write(text.replace('"C-1"', '"C-2"'))
    require(not document("verify", proof, "--trust", trust, code=4)["valid"], "not proved")
    fails(2, "verify", network.path("no such file"), "--trust", trust)


def redact_and_open(network, own):
    """A fact is sealed, opened again to one party, and never opened wrongly."""
    whole, less, opened = (network.path(name) for name in ("whole.json", "less.json", "open.json"))
    trust = os.path.join(network.folder, "trust.json")
    run("trace", "C-1", *own, "--proof", whole)
    run("proof", "redact", whole, "--seal", "value", "--out", less)
    shown = [run("verify", path, "--trust", trust)[0] for path in (whole, less)]
    require("value=" in shown[0] and "value=" not in shown[1], f"sealed:\n{shown[1]}")
    run("proof", "open", less, "--fields", "value", *own, "--out", opened)
    require("value=" in run("verify", opened, "--trust", trust)[0], "opened")
    fails(1, "proof", "open", opened, "--fields", "value", *own, "--out", less)  # nothing is sealed
    fails(2, "proof", "redact", whole, "--seal", "no_such_field", "--out", less)


def prove_by_picture(network, own):
    """One record's proof as text and as a picture that another program reads."""
    trust = os.path.join(network.folder, "trust.json")
    text = run("proof", "qr", "--record", "1", *own, "--out", "-")[0].strip()
    found = document("verify", "--qr", text, "--trust", trust)
    require(found["kind"] == "record" and int(found["record"]["index"]) == 1, f"{found}")
    refused = document("verify", "--qr", text[:-1] + "!", "--trust", trust, code=4)
    require(refused["reason"] == "unreadable", f"{refused}")
    picture = network.path("record.png")
    run("proof", "qr", "--record", "1", *own, "--out", picture)
    if shutil.which("zbarimg") is None:
        print("SKIPPED reading a QR code back: no zbarimg (apt-get install zbar-tools)")
        return
    read = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout.strip()
    require(read == text, f"read back:\n{read}\ninstead of\n{text}")


def growth(network, own):
    """A later proof continues an earlier one."""
    earlier, later = network.path("whole.json"), network.path("later.json")
    trust = os.path.join(network.folder, "trust.json")
    run("trace", "C-1", *own, "--proof", later, "--since", earlier)
    found = document("verify", later, "--trust", trust, "--since", earlier)
    require(found["records"] == [] and int(found["since"]) > 0, f"{found}")
    fails(2, "verify", later, "--trust", trust, "--since", network.path("no such file"))
    refused = document("verify", earlier, "--trust", trust, "--since", earlier, code=4)
    require(refused["reason"] == "since-mismatch", f"{refused}")


def expired_trust_is_refused(network, own):
    trust, old = os.path.join(network.folder, "trust.json"), network.path("old trust.json")
    with open(trust) as file:
        document_of_trust = json.load(file)
    with open(old, "w") as file:
        json.dump(dict(document_of_trust, issued_ms="0"), file)
    refused = document("verify", network.path("whole.json"), "--trust", old, code=4)
    require(refused["reason"] == "trust-expired" and "--ignore-age" in refused["message"],
            f"{refused}")
    told = document("verify", network.path("whole.json"), "--trust", old, "--ignore-age")
    require(any("past its age" in line for line in told["not_proved"]), f"{told}")
    text = run("proof", "qr", "--record", "1", *own, "--out", "-")[0].strip()
    told = document("verify", "--qr", text, "--trust", old, "--ignore-age")
    require(any("past its age" in line for line in told["not_proved"]), f"{told}")


def a_policy_names_its_log(network):
    """Without one, the witnesses' word on any log would do."""
    policy = network.path("policy.txt")
    with open(policy, "w") as file:
        file.write("quorum none\n")
    fails(2, "verify", network.path("whole.json"), "--policy", policy)


def a_consignment_without_ucr(own):
    """Its reference is made of authority and number; the vault knows it by the number alone."""
    document("declare", *own, "declaration_id=C-3", "flow=import", *FACTS)
    traced = document("trace", "C-3", *own)
    require(traced["reference"] == "AE-DU:C-3", f"{traced['reference']}")


def explain_and_reconcile(network, own):
    explained = document("explain", "C-1", *own, "--change", "origin=CN")
    require(len(explained["verdicts"]) == 1 and explained["verdicts"][0]["same"], f"{explained}")
    require(not explained["verdicts"][0]["changed"]["same"], f"{explained}")
    fails(1, "explain", "C-9", *own)
    records = document("export", *own)
    lines, _ = run("export", *own)
    require([json.loads(line) for line in lines.splitlines()] == records, "lines or one array")
    entries = document("vault", "show", "C-1", *own)["entries"]
    fields = {field["name"]: field["value"] for field in entries[0]["fields"]}
    require(fields["value"] == "1" and fields["date"] == "2026-03-01", f"{fields}")
    fails(1, "vault", "show", "C-9", *own)
    fails(2, "vault", "alter", "C-1", "colour=red", *own)
    require(document("reconcile", *own)["findings"] == [], "nothing altered")
    document("vault", "alter", "C-1", "value=2", *own)
    require(document("reconcile", *own, code=1)["findings"][0]["field"] == "value", "altered")
    document("vault", "delete", "C-1", *own)
    require(document("reconcile", *own, code=1)["findings"][0]["fault"] == "deleted", "deleted")


def many(network):
    file = network.path("some.jsonl")
    made = document("generate", file, "--count", 40, "--network", network.folder)
    require(made["declarations"] == 40 and os.path.exists(made["labels"]), f"{made}")
    fails(2, "generate", network.path("no such folder", "x"), "--count", 1)
    imported = document("import", "lines", file, "--network", network.folder)
    require(imported["total"]["declared"] == 40, f"{imported}")
    again = document("import", "lines", file, "--network", network.folder, code=1)
    require(again["rejected"] == 40, "declared before, and --resume not said")
    fails(2, "import", "kcs", file, "--network", network.folder)
    load = document("bench", "load", "--network", network.folder, "--declarations", 200, "--batch",
                    50)
    require(load["declarations"] == 200 and load["validators"] == 4, f"{load}")
    require(document("bench", "floor", "--network", network.folder, "--declarations",
                     100)["declarations"] == 100, "the floor")
    stages = document("bench", "stages", "--network", network.folder, "--declarations", 100)
    require(stages["declarations"] == 100 and stages["execute_ns"] > 0, f"{stages}")
    require(not [name for name in os.listdir(network.folder) if name.startswith("stages-")],
            "the bench leaves nothing behind")
    require(document("status", "--network", network.folder)["agree"], "one ledger")


def damage_is_said(network):
    """Exit code 5, for a segment file and for a vault that cannot be trusted."""
    data = os.path.join(network.folder, "members", "QA", "data")
    copy = network.path("damaged")
    shutil.copytree(data, copy)
    files = [os.path.join(folder, name) for folder, _, names in os.walk(copy) for name in names
             if folder.endswith("segments") and name.startswith("records")]
    with open(sorted(files)[0], "r+b") as file:
        file.seek(200)
        byte = file.read(1)[0]
        file.seek(200)
        file.write(bytes([byte ^ 1]))
    own = ["--network", network.folder, "--as", "QA"]
    out, error = run("export", *own, "--data", copy, code=5)
    require("records" in error, f"the file is named: {error}")
    vault = os.path.join(network.folder, "members", "QA", "vault")
    for name in os.listdir(vault):
        if name.startswith("MANIFEST"):
            with open(os.path.join(vault, name), "r+b") as file:
                file.write(b"\0" * 40)
    fails(5, "reconcile", *own)


def test():
    help_says_how()
    with Network(4) as network:
        rules(network)
        a_network_of_its_own(network)
        network.up()
        own = ["--network", network.folder, "--as", "AE-DU"]
        declare_and_act(network, own)
        trace_and_prove(network, own)
        redact_and_open(network, own)
        prove_by_picture(network, own)
        growth(network, own)
        expired_trust_is_refused(network, own)
        a_policy_names_its_log(network)
        a_consignment_without_ucr(own)
        explain_and_reconcile(network, own)
        many(network)
        eventually(lambda: network.settled(), "one height")
        ledger_folders.check(network)
        damage_is_said(network)
        fails(2, "trace", "C-1", "--network", network.path("nowhere"), "--as", "AE-DU")
        fails(2, "trace", "C-1", "--network", network.folder, "--as", "XX")
        network.down()
        fails(3, "trace", "C-1", *own)
        fails(3, "reconcile", *own)
