"""The HTTP interface of a running node: who may ask, what is answered, what is refused and how."""
import copy
import http.client
import json
import os
import re

from main_job import FACTS, declare, pair
from network_fixture import Network, eventually, require, sanad


class Node:
    def __init__(self, network, member):
        folder = os.path.join(network.folder, "members", member)
        with open(os.path.join(folder, "node.toml")) as file:
            text = file.read()
        host, port = re.search(r'\[api\]\s*listen = "([^"]+):(\d+)"', text).groups()
        self.address = (host, int(port))
        with open(os.path.join(folder, "api.token")) as file:
            self.token = file.read().strip()
        with open(os.path.join(folder, "auditor.token")) as file:
            self.auditor = file.read().strip()

    def call(self, method, path, body=None, token=True, kind=None):
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {self.token if token is True else token}"
        if kind:
            headers["Content-Type"] = kind
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), data

    def json(self, path, status=200, **options):
        got, headers, data = self.call("GET", path, **options)
        require(got == status, f"{path}: {got} {data[:300]}")
        return json.loads(data)

    def refused(self, status, method, path, **options):
        """The answer is a problem document that repeats its status."""
        got, headers, data = self.call(method, path, **options)
        require(got == status, f"{method} {path}: {got}, expected {status}: {data[:300]}")
        kind = {name.lower(): value for name, value in headers.items()}["content-type"]
        require(kind == "application/problem+json", f"{path}: {kind}")
        problem = json.loads(data)
        require(problem["status"] == status and problem["title"] and problem["detail"], f"{problem}")
        return problem


# A request for every route; what anyone, an auditor and the member get where each may ask.
HANDLE = "0" * 64
ROUTES = [
    ("POST", "/v1/submissions", 401, 403, 400),
    ("GET", f"/v1/submissions/{HANDLE}", 401, 404, 404),
    ("GET", f"/v1/consignments/{HANDLE}", 401, 404, 404),
    ("GET", f"/v1/consignments/{HANDLE}/bundle", 401, 200, 200),
    ("GET", "/v1/records?from=0&count=1", 401, 200, 200),
    ("GET", "/v1/records/0", 401, 200, 200),
    ("GET", "/v1/records/0/proof", 401, 200, 200),
    ("GET", f"/v1/bodies/{HANDLE}", 401, 404, 404),
    ("GET", "/v1/checkpoint", 401, 200, 200),
    ("GET", "/v1/network", 401, 200, 200),
    ("GET", "/metrics", 401, 403, 200),
    ("GET", "/healthz", 200, 200, 200),
    ("GET", "/readyz", 200, 200, 200),
    ("GET", "/log/checkpoint", 200, 200, 200),
    ("GET", "/log/policy", 200, 200, 200),
    ("GET", "/log/vkeys", 200, 200, 200),
    ("GET", "/log/tile/0/000.p/1", 200, 200, 200),
    ("GET", "/log/tile/entries/000.p/1", 401, 200, 200),
    ("GET", "/log/receipt/0", 401, 200, 200),
]


def every_route_has_its_readers(node):
    for method, path, anyone, auditor, member in ROUTES:
        for token, expected in ((False, anyone), ("0" * len(node.token), anyone),
                                (node.auditor, auditor), (node.token, member)):
            got, _, data = node.call(method, path, body=b"" if method == "POST" else None,
                                     token=token)
            require(got == expected, f"{method} {path} with {token}: {got}, not {expected}: "
                                     f"{data[:200]}")
    # HEAD is GET without the body, for the same callers.
    got, headers, data = node.call("HEAD", "/log/tile/entries/000.p/1", token=node.auditor)
    require(got == 200 and int(headers["Content-Length"]) > 2 and data == b"", f"{got} {headers}")
    got, _, _ = node.call("HEAD", "/log/tile/entries/000.p/1", token=False)
    require(got == 401, f"HEAD without a token: {got}")


def the_log_has_its_face(node):
    """Types, caching, paths; what the bytes prove is for tests/interop."""
    def log(path, token=False):
        got, headers, data = node.call("GET", f"/log/{path}", token=token)
        names = {name.lower(): value for name, value in headers.items()}
        return got, names.get("content-type"), names.get("cache-control", ""), data

    text, octets = "text/plain; charset=utf-8", "application/octet-stream"
    got, kind, cache, note = log("checkpoint")
    require((got, kind, cache) == (200, text, "max-age=2"), f"{got} {kind} {cache}")
    size = int(note.split(b"\n")[1])
    require(note.startswith(b"gcc-dev/") and size > 0, note)
    for name, word in (("policy", b"quorum validators\n"), ("vkeys", b"KW.gcc-dev+")):
        got, kind, _, data = log(name)
        require((got, kind) == (200, text) and word in data, f"{name}: {got} {kind} {data}")
    for path, token in ((f"tile/0/000.p/{min(size, 255)}", False),
                        (f"tile/entries/000.p/{min(size, 255)}", node.auditor)):
        got, kind, cache, data = log(path, token)
        require((got, kind) == (200, octets) and cache.endswith("immutable") and data,
                f"{path}: {got} {kind} {cache}")
    for path in ("tile/0/000.p/256", "tile/0/0", "tile/0/000.p/0", "tile/0/%30%30%30", "tile/64/000",
                 "tile/0/x000/000", "tile//000", "tile/0/000/", "tile/0/999999999999999999999",
                 "tile/entries/00", "tile/", "tile/entries/"):
        node.refused(400, "GET", f"/log/{path}")
    for path in ("tile/0/999", "tile/0/x999/999", "tile/9/000", "tile/entries/999", "", "nothing",
                 "checkpoint/", "Checkpoint", "%63heckpoint"):
        node.refused(404, "GET", f"/log/{path}")
    node.refused(404, "GET", "/log")
    got, headers, data = node.call("GET", "/log/receipt/0")
    require(got == 200 and headers["Content-Type"] == "application/cose" and
            data.startswith(b"\xd2\x84\x58\x2a\xa3\x01\x32\x04\x58\x20"), f"{got} {headers} {data}")
    node.refused(400, "GET", "/log/receipt/x")
    node.refused(404, "GET", "/log/receipt/99999999")
    node.refused(405, "POST", "/log/checkpoint")


def only_members_read(node):
    for path in ("/v1/network", "/v1/checkpoint", "/v1/records", "/v1/records/0", "/v1/nothing",
                 "/metrics"):
        node.refused(401, "GET", path, token=False)
        node.refused(401, "GET", path, token="0" * len(node.token))
    for path in ("/healthz", "/readyz"):
        status, _, _ = node.call("GET", path, token=False)
        require(status == 200, f"{path} is open: {status}")


def bad_requests_are_explained(node):
    node.refused(404, "GET", "/v1/nothing")
    node.refused(404, "GET", "/nothing", token=False)
    node.refused(405, "DELETE", "/v1/network")
    require(node.refused(400, "GET", "/v1/records?from=x")["field"] == "from", "the field is named")
    require(node.refused(400, "GET", "/v1/records?count=1001")["field"] == "count", "the field")
    node.refused(400, "GET", "/v1/records/-1")
    node.refused(404, "GET", "/v1/records/99999999")
    node.refused(400, "GET", "/v1/consignments/xyz")
    node.refused(404, "GET", "/v1/consignments/" + "0" * 64)
    node.refused(404, "GET", "/v1/submissions/" + "0" * 64)
    node.refused(404, "GET", "/v1/bodies/" + "0" * 64)


def bad_submissions_are_explained(node):
    submit = ("POST", "/v1/submissions")
    node.refused(400, *submit, body=b"", kind="application/cbor")
    node.refused(400, *submit, body=b"\xff" * 100, kind="application/cbor")
    node.refused(413, *submit, body=b"\0" * ((1 << 20) + 1), kind="application/cbor")
    as_json = "application/json"
    node.refused(400, *submit, body=b"{", kind=as_json)
    node.refused(400, *submit, body=b"[" * 100_000, kind=as_json)
    document = {"key": "0" * 64, "valid_until_ms": "1", "nonce": "1", "statements": [],
                "bodies": [], "signature": "0" * 128}
    text = json.dumps(document)
    twice = text[:-1] + ', "nonce": "2"}'
    problem = node.refused(400, *submit, body=twice.encode(), kind=as_json)
    require("same name twice" in problem["title"], f"a duplicate key is said to be one: {problem}")
    as_number = dict(document, nonce=1)
    node.refused(400, *submit, body=json.dumps(as_number).encode(), kind=as_json)
    unknown = dict(document, more=1)
    node.refused(400, *submit, body=json.dumps(unknown).encode(), kind=as_json)
    got, _, data = node.call(*submit, body=text.encode(), kind=as_json)
    require(400 <= got < 500, f"no statements: {got} {data[:200]}")


def json_submissions_are_taken(network, node):
    """The node rebuilds the canonical bytes from the JSON form; the signature made over them holds."""
    submit, as_json = ("POST", "/v1/submissions?wait=final"), "application/json"
    own = ["--network", network.folder, "--as", "KW"]
    fields = ["declaration_id=JSON-1", "flow=import", "ucr=JSON-1", "value=104500", "currency=KWD",
              *FACTS]
    document = json.loads(sanad("declare", *own, "--sign-only", *fields))
    require(len(document["statements"]) == 1 and document["bodies"][0], f"{document}")

    def changed(path, value):
        other = copy.deepcopy(document)
        place = other
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return json.dumps(other).encode()

    field = document["bodies"][0]["opened"][0]
    for path, value in [
            (("nonce",), str(int(document["nonce"]) ^ 1)),
            (("valid_until_ms",), str(int(document["valid_until_ms"]) + 1)),
            (("signature",), "0" * 128),
            (("key",), "0" * 64),
            (("statements", 0, "declare", "commitment"), "0" * 64),
            (("bodies", 0, "opened", 0, "salt"), "0" * len(field["salt"])),
            (("bodies", 0), None)]:
        got, _, data = node.call(*submit, body=changed(path, value), kind=as_json)
        require(400 <= got < 500, f"{path} changed: {got} {data[:300]}")

    got, _, data = node.call(*submit, body=json.dumps(document, indent=2).encode(), kind=as_json)
    require(got == 200, f"the JSON form is taken: {got} {data[:500]}")
    status = json.loads(data)
    require(status["state"] == "final" and status["outcomes"][0]["code"] == "accepted", f"{status}")
    # Other spaces and another order of names are the same submission: the same answer.
    turned = json.dumps(dict(reversed(list(document.items()))), separators=(",", ":"))
    got, _, data = node.call(*submit, body=turned.encode(), kind=as_json)
    require((got, json.loads(data)) == (200, status), f"another answer: {got} {data[:500]}")
    require(node.json(f"/v1/submissions/{status['id']}") == status, "one status")
    # The member's vault learns the outcome from the next import.
    own_vault = json.loads(sanad("vault", "show", "JSON-1", *own, "--json"))
    require(own_vault["entries"][0]["outcome"] is None, f"{own_vault}")
    one = network.path("one.jsonl")
    with open(one, "w") as file:
        file.write('{"member":"KW","declaration_id":"JSON-2","flow":"import","date":"2026-03-01",'
                   '"hs":"851712"}\n')
    require('"settled":1' in sanad("import", "lines", one, "--network", network.folder, "--json"),
            "the import finishes what was signed")
    own_vault = json.loads(sanad("vault", "show", "JSON-1", *own, "--json"))
    require(own_vault["entries"][0]["outcome"] == "accepted", f"{own_vault}")
    sanad("reconcile", *own)


def whoever_was_told_finds_it(network, node):
    """An outcome is told before the ledger has synced it; who reads at once waits for that."""
    own = ["--network", network.folder, "--as", "KW"]
    for i in range(20):
        fields = [f"declaration_id=TOLD-{i}", "flow=import", f"ucr=TOLD-{i}", *FACTS]
        document = sanad("declare", *own, "--sign-only", *fields)
        got, _, data = node.call("POST", "/v1/submissions?wait=final", document,
                                 kind="application/json")
        status = json.loads(data)
        require(got == 200 and status["state"] == "final", f"{status}")
        paths = [f"/v1/records/{status['outcomes'][0]['record']}", f"/v1/submissions/{status['id']}"]
        # The one that comes first comes too early, by turns.
        answers = [node.json(path) for path in (paths if i % 2 else reversed(paths))]
        require(status in answers, f"{answers} do not have {status}")


def an_answer_has_its_proof(network, node):
    """The commit's own answer proves it, offline, to whoever the member hands it to."""
    own = ["--network", network.folder, "--as", "KW"]
    fields = ["declaration_id=PROVED-1", "flow=import", "ucr=6AE-PROVED-1", *FACTS]
    document = sanad("declare", *own, "--sign-only", *fields)
    posted = ("POST", "/v1/submissions?wait=final&proof=bundle")
    as_json = "application/json"
    many = json.loads(document)
    many["statements"] *= 17
    many["bodies"] *= 17
    node.refused(422, *posted, body=json.dumps(many).encode(), kind=as_json)
    node.refused(400, "POST", "/v1/submissions?proof=receipt", body=document, kind=as_json)
    got, _, data = node.call(*posted, document, kind=as_json)
    answer = json.loads(data)
    require(got == 200 and answer["state"] == "final", f"{got} {data[:300]}")
    require(len(answer["bundles"]) == 1 and len(answer["bundles"][0]["records"]) == 3, f"{answer}")
    again = node.json(f"/v1/submissions/{answer['id']}?wait=final&proof=bundle")
    require(again["bundles"][0]["records"] == answer["bundles"][0]["records"], f"{again}")
    # The member's tool knows the UCR's salt; with it a stranger can check the answer.
    traced, proof = network.path("traced.json"), network.path("answered.json")
    sanad("trace", "6AE-PROVED-1", *own, "--proof", traced)
    with open(traced) as file:
        subject = json.load(file)["subject"]
    with open(proof, "w") as file:
        whole = dict(answer["bundles"][0], subject=subject)
        file.write(json.dumps(whole, separators=(",", ":"), ensure_ascii=False) + "\n")
    trust = os.path.join(network.folder, "trust.json")
    require(json.loads(sanad("verify", proof, "--trust", trust, "--json"))["valid"], "proved")


def consignments_have_a_state(network, node):
    """By the handle that the member's tool makes of the UCR: where each declaration stands."""
    pair(network, "6AE-API-2")
    sanad("act", "hold", "6AE-API-2-I", "--network", network.folder, "--as", "KW", "--reason", "x")
    traced = json.loads(sanad("trace", "6AE-API-2", "--network", network.folder, "--as", "KW",
                              "--json"))
    answer = node.json(f"/v1/consignments/{traced['handle']}")
    require(answer["handle"] == traced["handle"] and len(answer["records"]) == 7, f"{answer}")
    states = [(one["authority"], one["flow"], one["phase"], one["lane"], one["held"],
               one["approved"], one["inspection"]) for one in answer["declarations"]]
    require(states == [("AE-DU", "export", "released", "green", False, False, None),
                       ("KW", "import", "released", "green", True, False, None)], f"{states}")


def answers_agree_with_each_other(network, node):
    answer = pair(network, "6AE-API-1")["submission"]
    status = node.json(f"/v1/submissions/{answer['id']}?wait=final")
    require(status["state"] == "final", f"{status}")
    require([one["code"] for one in status["outcomes"]] == ["accepted"], f"{status}")
    index = int(status["outcomes"][0]["record"])
    record = node.json(f"/v1/records/{index}")
    require(int(record["index"]) == index and record["body"], f"{record}")
    page = node.json(f"/v1/records?from={index}&count=2")
    require(page["records"][0]["record"] == record["record"], "a page holds the same record")
    about = node.json("/v1/network")
    require(int(about["tree_size"]) == int(page["size"]), "sizes agree")
    require(all(member["connected"] for member in about["members"]), f"{about['members']}")
    got, _, proof = node.call("GET", f"/v1/records/{index}/proof")
    require(got == 200 and proof.startswith(b"c2sp.org/tlog-proof@v1\n"), proof[:100])
    require(f"index {index}\n".encode() in proof, "the proof is of that record")
    got, _, note = node.call("GET", "/v1/checkpoint")
    lines = note.decode().split("\n")
    require(got == 200 and lines[0] == f"gcc-dev/{about['network_id']}", f"{lines[0]}")
    cosigners = [line for line in lines if line.startswith("\u2014 ") and ".gcc-dev " in line]
    require(len(cosigners) == 3, f"a quorum of four cosigns: {lines}")
    got, _, metrics = node.call("GET", "/metrics")
    require(f"sanad_committed_height {about['executed_height']}\n".encode() in metrics,
            metrics[:500])


def test():
    with Network(4) as network:
        network.up()
        declare(network, "KW", "API-0", "flow=import", "date=2026-03-01", "ucr=API-0", "hs=851712")
        node = Node(network, "KW")
        # Nobody's connection takes the port of a node that is down.
        require(node.address[1] < 32768, f"{node.address} may be given to whoever connects")
        only_members_read(node)
        bad_requests_are_explained(node)
        bad_submissions_are_explained(node)
        json_submissions_are_taken(network, node)
        whoever_was_told_finds_it(network, node)
        an_answer_has_its_proof(network, node)
        consignments_have_a_state(network, node)
        answers_agree_with_each_other(network, node)
        every_route_has_its_readers(node)
        the_log_has_its_face(node)
        # A node that has lost its quorum says so.
        network.kill("AE-DU", "QA")
        waiting = eventually_unready(node)
        require("quorum" in waiting["reason"], f"{waiting}")


def eventually_unready(node):
    def unready():
        status, _, data = node.call("GET", "/readyz", token=False)
        return json.loads(data) if status == 503 else None
    return eventually(unready, "a node without a quorum is not ready")
