"""Clients gone bad, on real processes: submissions and requests that no honest client sends
(HOSTILE F, H, M), each with the reaction that it must get. What has been signed here is signed with
real keys; what is refused leaves every root as it was.
"""
import base64
import hashlib
import http.client
import json
import os
import socket
import struct
import time

import ed25519
from api import Node
from hostile import Figures
from main_job import FACTS
from network_fixture import Network, eventually, require, sanad

ALG = -19
MARK = "ZZMARKED"


# Canonical CBOR (RFC 8949), as much of it as a submission has.
def head(major, value, shortest=True):
    if value < 24 and shortest:
        return bytes([major << 5 | value])
    for code, form, below in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32),
                              (27, ">Q", 1 << 64)):
        if value < below:
            return bytes([major << 5 | code]) + struct.pack(form, value)
    raise ValueError(value)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    return head(4, len(value)) + b"".join(cbor(one) for one in value)


def root_of(leaves):
    """RFC 6962."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


class Submitter:
    """Signs what it is told to, with a member's own key."""

    def __init__(self, network, member, name="submitter"):
        self.network, self.member, self.nonce = network, member, int(time.time_ns())
        path = os.path.join(network.folder, "members", member, "keys", f"{name}.key")
        with open(path) as file:
            self.seed = base64.b64decode(json.load(file)["secret"])
        self.key = ed25519.public_key(self.seed)
        status = network.status()["members"][0]["network"]
        self.chain = bytes.fromhex(status["network_id"])

    def document(self, number, *fields):
        """A signed declaration in its JSON form, and as the parts of its binary one."""
        text = sanad("declare", "--network", self.network.folder, "--as", self.member,
                     "--sign-only", f"declaration_id={number}", "flow=import", *fields, *FACTS)
        return json.loads(text)

    @staticmethod
    def parts(document):
        declare = document["statements"][0]["declare"]
        statement = cbor([0, [bytes.fromhex(declare[name])
                              for name in ("consignment", "commitment", "body")]])
        tags = {"integer": 0, "text": 1, "list": 2}
        opened = []
        for one in document["bodies"][0]["opened"]:
            (kind, value), = one["value"].items()
            value = int(value) if kind == "integer" else value
            opened.append([one["id"], [tags[kind], value], bytes.fromhex(one["salt"])])
        sealed = [[one["id"], bytes.fromhex(one["digest"])]
                  for one in document["bodies"][0]["sealed"]]
        return [statement], [cbor([document["bodies"][0]["schema"], opened, sealed])]

    def sign(self, statements, bodies, valid_for_ms=600_000, chain=None, count=None, seed=None):
        """The three parts of a submission: COSE, statements, bodies."""
        seed = seed or self.seed
        key = ed25519.public_key(seed)
        self.nonce += 1
        payload = cbor([chain or self.chain, int(time.time() * 1000) + valid_for_ms, self.nonce,
                        count or len(statements), root_of(statements)])
        protected = cbor({1: ALG, 4: key})
        signature = ed25519.sign(seed, cbor(["Signature1", protected, b"", payload]))
        return [cbor([protected, {}, payload, signature]), statements, bodies]


class Clients:
    def __init__(self, network):
        self.network = network
        self.node = Node(network, "KW")
        self.submitter = Submitter(network, "KW")
        self.refusals = []

    def post(self, body, kind="application/cbor", wait=True):
        path = "/v1/submissions" + ("?wait=final" if wait else "")
        status, _, data = self.node.call("POST", path, body, kind=kind)
        return status, json.loads(data)

    def refused(self, case, status, body, kind="application/cbor", says=None):
        got, problem = self.post(body, kind)
        require(got == status, f"HOSTILE {case}: {got}, expected {status}: {problem}")
        require(problem["status"] == status and problem["title"] and problem["detail"],
                f"HOSTILE {case}: {problem}")
        require(says is None or says in json.dumps(problem), f"HOSTILE {case}: no {says!r} in {problem}")
        self.refusals.append(json.dumps(problem))

    def accepted(self, case, body, kind="application/cbor"):
        got, status = self.post(body, kind)
        require(got == 200 and status["state"] == "final", f"HOSTILE {case}: {got} {status}")
        return status

    def raw(self, data, seconds=20):
        """Bytes as they are; all that comes back until the other side ends, or `seconds` pass."""
        with socket.create_connection(self.node.address, timeout=seconds) as connection:
            answer = b""
            try:
                connection.sendall(data)
                while True:
                    some = connection.recv(65536)
                    if not some:
                        return answer, True
                    answer += some
            except (TimeoutError, ConnectionResetError) as ended:
                return answer, isinstance(ended, ConnectionResetError)


def submissions(clients):
    """F: all but the first and the last leave nothing in the log."""
    mine = clients.submitter
    statements, bodies = mine.parts(mine.document("F-67", "ucr=F-67"))
    good = mine.sign(statements, bodies)
    first = clients.accepted(67, cbor(good))
    require(first["outcomes"][0]["code"] == "accepted", f"{first}")
    require(clients.accepted(67, cbor(good)) == first, "HOSTILE 67: another answer to a repeat")

    before = quiet_root(clients)
    counted = refused_count(clients)
    one = mine.parts(mine.document("F-68", "ucr=F-68"))
    clients.refused(68, 422, cbor(mine.sign(*one, chain=bytes(32))), says="another network")
    clients.refused(70, 422, cbor(mine.sign(*one, valid_for_ms=7_200_000)), says="valid_until_ms")
    status, answer = clients.post(cbor(mine.sign(*one, valid_for_ms=-60_000)))
    require(status == 200 and answer["state"] == "expired", f"HOSTILE 70: {status} {answer}")
    clients.refused(71, 413, bytes((1 << 20) + 1))
    clients.refused(71, 422, cbor(mine.sign(one[0] * 2, one[1] * 2, count=3)))
    malleable(clients, mine.sign(*one))
    cose, signed, beside = mine.sign(*one)
    clients.refused(73, 400, cbor([cose, signed, beside]) + b"\0", says="after the end")
    clients.refused(73, 400, b"\x9f" + cbor(cose) + cbor(signed) + cbor(beside) + b"\xff")
    longer = b"\x83" + cbor(cose) + head(4, 1, shortest=False) + cbor(signed[0]) + cbor(beside)
    clients.refused(73, 400, longer, says="canonical")
    unclean(clients, mine.document("F-78", "ucr=F-78"))
    require(refused_count(clients) > counted, "refused submissions are not counted")
    require(quiet_root(clients) == before, "what was refused left something in the log")


def malleable(clients, parts):
    """HOSTILE 72: the signature's second form, and keys that are none."""
    cose, statements, bodies = parts
    s = int.from_bytes(cose[-32:], "little") + ed25519.ORDER
    for name, changed in [
            ("S + L", cose[:-32] + s.to_bytes(32, "little")),
            ("another bit", cose[:-1] + bytes([cose[-1] ^ 1])),
            ("zeros", cose[:-64] + bytes(64))]:
        require(len(changed) == len(cose), name)
        clients.refused(f"72 {name}", 400, cbor([changed, statements, bodies]), says="ignature")
    small_order = cose.replace(clients.submitter.key, bytes([1] + [0] * 31))
    clients.refused("72 small order", 400, cbor([small_order, statements, bodies]))


def unclean(clients, document):
    """HOSTILE 78: JSON that says something in two ways, or nothing."""
    text = json.dumps(document)
    for name, changed in [
            ("a number that is none", text.replace(f'"nonce": "{document["nonce"]}"', '"nonce": 1e400')),
            ("NaN", text.replace(f'"nonce": "{document["nonce"]}"', '"nonce": NaN')),
            ("-0", text.replace(f'"{document["nonce"]}"', '"-0"')),
            ("a zero before", text.replace(f'"{document["nonce"]}"', f'"0{document["nonce"]}"')),
            ("NUL", text.replace("F-78", "F-\\u0000")),
            ("half a pair", text.replace("F-78", "F-\\ud800")),
            ("1 MiB of text", text.replace("F-78", "F" * (1 << 20)))]:
        require(changed != text, name)
        clients.refused(f"78 {name}", 400, changed.encode(), "application/json")
    clients.refused("78 invalid UTF-8", 400, text.replace("F-78", "F-\0\0").encode()
                    .replace(b"\0\0", b"\xc3\x28"), "application/json")


def two_at_once(clients):
    """HOSTILE 74, 80: to two nodes at once, and by a client that leaves; executed once."""
    mine = clients.submitter
    other = Node(clients.network, "AE-DU")
    body = cbor(mine.sign(*mine.parts(mine.document("F-74", "ucr=F-74"))))
    first = http.client.HTTPConnection(*clients.node.address, timeout=60)
    second = http.client.HTTPConnection(*other.address, timeout=60)
    for node, connection in ((clients.node, first), (other, second)):
        connection.request("POST", "/v1/submissions?wait=final", body,
                           {"Authorization": f"Bearer {node.token}",
                            "Content-Type": "application/cbor"})
    answers = [json.loads(connection.getresponse().read()) for connection in (first, second)]
    require(answers[0]["outcomes"] == answers[1]["outcomes"], f"HOSTILE 74: {answers}")
    body = cbor(mine.sign(*mine.parts(mine.document("F-80", "ucr=F-80"))))
    with socket.create_connection(clients.node.address) as gone:
        gone.sendall(request("POST", "/v1/submissions?wait=final", clients.node.token, body))
    status = clients.accepted(80, body)
    require(status["outcomes"][0]["code"] == "accepted", f"HOSTILE 80: {status}")


def roles(clients):
    """HOSTILE 75: whose key it is decides, not what it says."""
    mine = clients.submitter
    parts = mine.parts(mine.document("F-75", "ucr=F-75"))
    stranger = clients.accepted(75, cbor(mine.sign(*parts, seed=hashlib.sha256(b"nobody").digest())))
    require([one["code"] for one in stranger["outcomes"]] == ["unknown-key"], f"{stranger}")
    officer = Submitter(clients.network, "KW", "officer-1")
    refused = clients.accepted(75, cbor(officer.sign(*parts)))
    require([one["code"] for one in refused["outcomes"]] == ["role-missing"], f"{refused}")


def request(method, path, token, body=b"", *fields):
    lines = [f"{method} {path} HTTP/1.1", "Host: sanad", f"Authorization: Bearer {token}",
             "Content-Type: application/cbor", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closing(get, path):
    return get.replace("/v1/network", path) + "Connection: close\r\n\r\n"


def requests(clients):
    """H: what two readers could take in two ways is refused, and ends the connection."""
    token = clients.node.token
    start = f"POST /v1/submissions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
    get = f"GET /v1/network HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
    for case, data in [
            (93, get + "X: " + "a" * 8192 + "\r\n\r\n"),
            (93, get + "".join(f"X{i}: 1\r\n" for i in range(10_000)) + "\r\n"),
            (93, "GET /" + "a" * (1 << 16) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
            (94, start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            (94, start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            (94, start + "Content-Length: +5\r\n\r\nhello"),
            (94, start + "Content-Length: 0x5\r\n\r\nhello"),
            (94, start + "Transfer-Encoding: chunked\r\n\r\n5;" + "a" * 5000 + "\r\nhello\r\n0\r\n\r\n"),
            (94, get.replace("\r\n", "\n") + "\n"),
            (94, get + "X: a\0b\r\n\r\n"),
            (94, get + "X: a\r\n b\r\n\r\n"),
            (99, closing(get, "/v1/..%2f..%2fnetwork")),
            (99, closing(get, "/v1/bodies/%00")),
            (99, closing(get, "//etc/passwd")),
            (100, closing(get, "/v1/network%0d%0aX:%20a"))]:
        answer, ended = clients.raw(data.encode("latin-1"))
        require(answer.startswith(b"HTTP/1.1 4") and answer.count(b"HTTP/1.1") == 1 and ended,
                f"HOSTILE {case}: {data[:100]!r} got {answer[:300]!r}, ended {ended}")
        clients.refusals.append(answer.decode(errors="replace"))
    for path in ("/v1/records?from=18446744073709551616", "/v1/records?from=-1",
                 "/v1/records?count=99999999999", "/v1/records/01x", "/v1/records?from=1'--"):
        problem = clients.node.refused(400, "GET", path)
        clients.refusals.append(json.dumps(problem))
    beyond = clients.node.json("/v1/records?from=18446744073709551615")
    require(beyond["records"] == [], f"HOSTILE 104: {beyond}")


def slow_clients(clients):
    """HOSTILE 92: those that never finish a head hold nothing up, and are cut off."""
    timed_out = Figures(clients.node).sum("sanad_http_timed_out_total")
    slow = [socket.create_connection(clients.node.address, timeout=60) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"GET /v1/network HTTP/1.1\r\nHost: a\r\nX: ")
    clients.submitter.nonce += 1
    mine = clients.submitter
    clients.accepted(92, cbor(mine.sign(*mine.parts(mine.document("H-92", "ucr=H-92")))))
    for connection in slow:
        try:
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass
        connection.close()
    eventually(lambda: Figures(clients.node).sum("sanad_http_timed_out_total") >= timed_out + 200,
               "HOSTILE 92: 200 slow clients are timed out and counted")


def nothing_personal(clients):
    """HOSTILE 103, 141, 142, 144, 146: facts are in bodies and nowhere else."""
    network, mine = clients.network, clients.submitter
    fields = [f"transport_document={MARK}", "containers=MSKU1234565", f"use={MARK}"]
    for number in ("M-1", "M-2"):  # the same facts twice
        document = mine.document(number, "ucr=M-142", *fields)
        clients.accepted(146, json.dumps(document).encode(), "application/json")
    lines = network.exported("KW")
    leaves = [base64.b64decode(line["leaf"]) for line in lines]
    require(not any(MARK.encode() in leaf for leaf in leaves), "HOSTILE 141: a fact is in the log")
    declared = [line["record"]["content"]["declaration"] for line in lines
                if line["record"]["kind"] == "declared"]
    require(len(set(declared)) == len(declared), "HOSTILE 142: equal facts, equal commitments")
    proof, trust = network.path("sealed.json"), os.path.join(network.folder, "trust.json")
    sanad("trace", "M-142", "--network", network.folder, "--as", "KW", "--proof", proof,
          "--seal", "transport_document", "use")
    sanad("verify", proof, "--trust", trust)
    with open(proof) as file:
        text = file.read()
    require(MARK not in text and "851712" in text,
            "HOSTILE 144: a sealed field shows, or an opened one does not")
    _, _, metrics = clients.node.call("GET", "/metrics")
    seen = [metrics.decode(), *clients.refusals]
    for member in network.members():
        with open(os.path.join(network.folder, "members", member, "node.log")) as file:
            seen.append(file.read())
    for text in seen:
        for secret in (MARK, "M-142", "MSKU1234565", network.folder, clients.node.token):
            require(secret not in text, f"HOSTILE 103, 146: {secret!r} is in {text[:500]}")


def quiet_root(clients):
    return clients.network.settled()["root"]


def refused_count(clients):
    return Figures(clients.node).sum("sanad_submissions_refused_total")


def test():
    with Network(4) as network:
        network.up()
        clients = Clients(network)
        for check in (submissions, two_at_once, roles, requests, slow_clients, nothing_personal):
            check(clients)
        network.settled()
