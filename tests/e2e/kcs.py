"""Real declarations end to end: rows of the Korean customs set, outcomes revealed to the inspector.

By default a piece for four validators; `--rows 0 --validators 7` takes all of both files.
"""
import collections
import csv
import json
import os
import subprocess
import sys

from network_fixture import ROOT, Network, require, sanad, shared

MEMBER_OF_OFFICE = {"40": "AE-DU", "20": "SA", "30": "AE-AZ", "16": "KW", "13": "QA", "10": "BH"}
FILES = ("kcs_train.csv", "kcs_valid.csv")


def rows_of(path, members, limit):
    """The rows of the members that there are, at most `limit` (0: all), as the file has them."""
    with open(path, newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        rows = [dict(zip(header, line)) for line in lines]
    rows = [row for row in rows if MEMBER_OF_OFFICE.get(row["Office ID"], "OM") in members]
    return header, rows[:limit] if limit else rows


def write_rows(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def declare_all(network, path, rows, batch):
    """Imports a file; every one of its rows is final, with a lane or a named refusal."""
    rejects = network.path("rejects.csv")
    text = sanad("import", "kcs", path, "--network", network.folder, "--reveal-outcomes", "--rejects",
                 rejects, "--batch", str(batch), "--patience-s", "300", "--json", timeout=3600)
    report = json.loads(text)
    total = report["total"]
    require(report["rows"] == len(rows) and report["rejected"] == 0, f"{report}")
    require(total["declared"] == len(rows), f"{len(rows)} rows, {total}")
    judged = sum(total["lanes"].values()) + sum(total["refused"].values())
    require(judged == len(rows), f"a lane or a refusal each: {total}")
    print(f"{os.path.basename(path)}: {len(rows)} rows in {report['elapsed_ms']} ms, latency "
          f"{report['latency_ms']}, lanes {total['lanes']}, refused {total['refused']}, inspected "
          f"{total['inspected']}")


class Log:
    """What the exported records say of every row, by the trader's number."""

    def __init__(self, path):
        self.filed = collections.Counter()     # declared, or refused to
        self.verdicts = collections.Counter()  # declaration name → verdicts
        self.lanes = {}
        self.inspections = collections.defaultdict(list)
        self.number = {}                       # declaration name → number
        self.refused = collections.Counter()
        with open(path) as file:
            for line in file:
                self.take(json.loads(line))

    def take(self, line):
        record = line["record"]
        kind, content = record["kind"], record["content"]
        if kind == "declared":
            number = line["facts"]["declaration_id"]
            self.number[content["declaration"]] = number
            self.filed[number] += 1
        elif kind == "refused":
            self.refused[content["code"]] += 1
            if content["statement"] == "declare":
                self.filed[line["facts"]["declaration_id"]] += 1
        elif kind == "verdict":
            self.verdicts[content["declaration"]] += 1
            self.lanes[self.number[content["declaration"]]] = content["lane"]
        elif kind == "inspected":
            self.inspections[self.number[content["declaration"]]].append(content["result"])


def check_rows(log, rows):
    numbers = collections.Counter(row["Declaration ID"] for row in rows)
    require(log.filed == numbers, f"not every row once: {list((numbers - log.filed).items())[:5]} "
                                  f"missing, {list((log.filed - numbers).items())[:5]} too many")
    require(set(log.verdicts.values()) == {1}, "every declaration has one verdict")
    require(len(log.verdicts) == len(log.number), f"{len(log.number)} declared, "
                                                  f"{len(log.verdicts)} verdicts")
    for row in rows:
        selected = log.lanes.get(row["Declaration ID"]) in ("yellow", "red")
        result = ["offence" if row["Fraud"] == "1" else "conform"] if selected else []
        seen = log.inspections.get(row["Declaration ID"], [])
        require(seen == result, f"row {row['Declaration ID']}: inspected {seen}, expected {result}")


def test(rows=6000, validators=4):
    paths = [shared("declarations", name) for name in FILES]
    if None in paths:
        return
    with Network(validators) as network:
        network.up()
        members = network.members()
        taken = []
        for path in paths if rows == 0 else paths[:1]:
            header, some = rows_of(path, members, rows)
            piece = network.path(os.path.basename(path))
            write_rows(piece, header, some)
            # Small submissions make many blocks: what an inspection said counts from the next one on.
            declare_all(network, piece, some, batch=25 if rows else 500)
            taken += some
        common = network.settled()
        print(f"{validators} nodes agree: {common}")
        records = network.path("records.jsonl")
        with open(records, "wb") as file:
            file.write(sanad("export", "--network", network.folder, "--as", members[-1],
                             timeout=1800).encode())
        log = Log(records)
        check_rows(log, taken)
        print(f"{len(taken)} rows, each in the log once; refused: {dict(log.refused)}")
        with open(records) as file:
            recount = subprocess.run(
                [sys.executable, "-B", os.path.join(ROOT, "tests", "interop", "recount_rule15.py")],
                stdin=file, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(recount.stdout, end="")
        require(recount.returncode == 0, "rule 15 was counted otherwise, or fired in one lane only")
