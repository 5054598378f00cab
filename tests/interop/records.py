#!/usr/bin/env python3
"""Decodes every record of a node's log with python3-cbor2 and holds it against docs/formats.md.

records.py URL TOKEN_FILE SIZE: reads the entry bundles of the first SIZE records, checks each record
by the CDDL of its kind, and what the kinds together must be: numbers of a history without a gap, a
commit record at the end of every block. Then it changes one record of each kind in several ways,
each of which must be refused. Prints how many records of each kind it saw, as JSON.
"""
import collections
import json
import sys
import urllib.request

import cbor2

FULL = 256
UINT64 = 1 << 64


class Refused(Exception):
    """What a record says is not what docs/formats.md allows."""


def need(condition, what):
    if not condition:
        raise Refused(what)


# ------------------------------------------------------------------ the CDDL, kind by kind

def uint(below=UINT64):
    def check(value):
        need(type(value) is int and 0 <= value < below, f"{value!r} is no number below {below}")
    return check


def digest(value):
    need(type(value) is bytes and len(value) == 32, f"{value!r} is no hash")


def text(most):
    def check(value):
        need(type(value) is str and len(value.encode()) <= most, f"{value!r} is no text")
    return check


def or_null(inner):
    return lambda value: None if value is None else inner(value)


def array(*fields):
    def check(value):
        need(type(value) is list and len(value) == len(fields), f"{value!r}: {len(fields)} fields")
        for field, one in zip(fields, value):
            field(one)
    return check


def list_of(item, most):
    def check(value):
        need(type(value) is list and len(value) <= most, f"{value!r}: at most {most} items")
        for one in value:
            item(one)
    return check


def ascending(item, most):
    def check(value):
        list_of(item, most)(value)
        need(all(a < b for a, b in zip(value, value[1:])), f"{value!r} does not ascend")
    return check


def variant(*alternatives):
    def check(value):
        need(type(value) is list and len(value) == 2, f"{value!r} is no [tag, value]")
        uint(len(alternatives))(value[0])
        alternatives[value[0]](value[1])
    return check


LANE = uint(4)
REASON = or_null(digest)
KINDS = [
    ("declared", array(digest, ascending(digest, 64))),
    ("amended", array(digest, digest, ascending(digest, 64))),
    ("cancelled", array(digest, digest)),
    ("verdict", array(digest, LANE, digest, digest)),
    ("inspected", array(digest, uint(3), digest)),
    ("held", array(digest, digest)),
    ("approved", array(digest, REASON)),
    ("released", array(digest, uint(4), REASON)),
    ("moved", array(digest, uint(3), REASON)),
    ("refused", array(uint(8), uint(23), digest)),
    ("commit", array(uint(), digest, uint(), uint(), digest, digest, digest, digest)),
    ("accused", array(text(16), uint(3), uint(), uint(), digest)),
]
COMMIT = 10
ORIGIN = variant(array(digest, uint(1 << 32)), uint())
HEAD = [lambda version: need(version == 2, f"version {version!r}"), uint(len(KINDS)), uint(), uint(),
        list_of(digest, 16), uint(), text(16), or_null(ORIGIN)]


def decode(leaf):
    """A record by its own CDDL; kind by kind what it may say of itself."""
    try:
        record = cbor2.loads(leaf)
    except Exception as fault:
        raise Refused(f"no CBOR: {fault}") from fault
    need(cbor2.dumps(record, canonical=True) == leaf, "another encoding of the same record")
    need(type(record) is list and len(record) == len(HEAD) + 1, "a record has nine fields")
    for check, value in zip(HEAD, record):
        check(value)
    kind, content = record[1], record[-1]
    KINDS[kind][1](content)
    need((len(record[4]) > 0) == (record[5] > 0), "a number in a history, without one")
    commit = kind == COMMIT
    need(commit == (record[7] is None), "an origin where there is none, or none where there is")
    need(commit == (record[6] == ""), "an actor where there is none, or none where there is")
    if commit:
        need(content[0] == record[2] and content[2] == record[3], "a commit of another block")
    return record


# ------------------------------------------------------------------ the log

def bundles(url, token, size):
    """The records' bytes, bundle by bundle (c2sp.org/tlog-tiles)."""
    for first in range(0, size, FULL):
        width = min(FULL, size - first)
        number = first // FULL
        groups = f"{number % 1000:03d}"
        while number >= 1000:
            number //= 1000
            groups = f"x{number % 1000:03d}/{groups}"
        partial = "" if width == FULL else f".p/{width}"
        request = urllib.request.Request(f"{url}/log/tile/entries/{groups}{partial}",
                                         headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            data = answer.read()
        leaves = []
        while data:
            length = int.from_bytes(data[:2], "big")
            need(len(data) >= 2 + length, f"the bundle of record {first} is cut")
            leaves.append(data[2:2 + length])
            data = data[2 + length:]
        need(len(leaves) == width, f"the bundle of record {first} has {len(leaves)} records")
        yield from leaves


def check_log(leaves):
    """All records in order; one of each kind."""
    seen, samples, histories = collections.Counter(), {}, collections.Counter()
    height, at_ms, last = 0, 0, None
    for index, leaf in enumerate(leaves):
        record = last = decode(leaf)
        kind = record[1]
        need(record[2] == height, f"record {index} is of height {record[2]}, expected {height}")
        need(record[3] >= at_ms, f"record {index} is older than the one before")
        at_ms = record[3]
        for handle in record[4]:
            histories[handle] += 1
            need(record[5] == histories[handle], f"record {index} is number {record[5]} of a history "
                                                 f"that has {histories[handle]}")
        if record[7] is not None and record[7][0] == 1:
            need(record[7][1] < index, f"record {index} is caused by a later one")
        if kind == COMMIT:
            height += 1
        seen[KINDS[kind][0]] += 1
        samples.setdefault(kind, leaf)
    need(last is not None and last[1] == COMMIT, "the log does not end with a commit record")
    return seen, samples


# ------------------------------------------------------------------ what must be refused

def changes(leaf):
    """Copies that are no records. Well-formed ones differ in their leaf hash: check_log."""
    record = cbor2.loads(leaf)
    yield "a byte less", leaf[:-1]
    yield "a byte more", leaf + b"\0"
    yield "a long head", b"\x98\x09" + leaf[1:]
    yield "another version", cbor2.dumps([99] + record[1:], canonical=True)
    yield "an unknown kind", cbor2.dumps(record[:1] + [len(KINDS)] + record[2:], canonical=True)
    yield "a field less", cbor2.dumps(record[:-1], canonical=True)
    yield "a field more", cbor2.dumps(record + [0], canonical=True)
    yield "a content with a field more", cbor2.dumps(record[:-1] + [record[-1] + [0]],
                                                     canonical=True)
    yield "a negative time", cbor2.dumps(record[:3] + [-1] + record[4:], canonical=True)
    yield "a number as text", cbor2.dumps(record[:5] + [str(record[5])] + record[6:],
                                          canonical=True)


def main():
    url, token_file, size = sys.argv[1:]
    with open(token_file) as file:
        token = file.read().strip()
    seen, samples = check_log(bundles(url, token, int(size)))
    refused = 0
    for kind, leaf in sorted(samples.items()):
        for name, changed in changes(leaf):
            try:
                decode(changed)
            except Refused:
                refused += 1
                continue
            print(f"accepted, but changed: {KINDS[kind][0]}: {name}", file=sys.stderr)
            return 1
    print(json.dumps({"records": dict(seen), "refused": refused}))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as refused_by:
        print(f"records.py: {refused_by}", file=sys.stderr)
        sys.exit(1)
