#!/usr/bin/env python3
"""Counts rule 15 again from exported records, sharing no code with what is checked.

Usage: recount_rule15.py < records.jsonl        (from `sanad export`)

Reads the records in log order, block by block. A verdict sees the inspections of earlier blocks only:
of declarations with the same HS6, origin, departure and duty rate in the last 365 ledger days, with at
least 5 inspections; a half or more offences fires HIT_RATIO_HIGH (red), a fifth or more HIT_RATIO
(yellow). Exit code 0 when every verdict fired exactly what this count says and both fired, else 1.
"""
import collections
import json
import sys

DAY_MS = 86_400_000
WINDOW_DAYS = 365
INSPECTIONS_MIN = 5
FIELDS = ("hs", "origin", "departure", "duty_rate")


def key_of(facts):
    if any(name not in facts for name in FIELDS):
        return None
    return (facts["hs"][:6], facts["origin"], facts["departure"], facts["duty_rate"])


class Recount:
    def __init__(self):
        self.facts = {}          # (authority, declaration) → facts
        self.day = {}            # (authority, declaration) → ledger day
        self.results = collections.defaultdict(dict)  # key → {declaration: (day, is offence)}
        self.pending = []        # what this block adds, seen from the next one on
        self.height = None
        self.fired = collections.Counter()
        self.wrong = []
        self.verdicts = 0

    def begin_block(self, height):
        if height == self.height:
            return
        self.height = height
        for key, declaration, day, offence in self.pending:
            self.results[key][declaration] = (day, offence)
        self.pending = []

    def expected(self, key, today):
        if key is None:
            return None
        seen = [offence for day, offence in self.results[key].values()
                if today - WINDOW_DAYS < day <= today]
        if len(seen) < INSPECTIONS_MIN:
            return None
        hits = sum(seen)
        if 2 * hits >= len(seen):
            return "HIT_RATIO_HIGH"
        return "HIT_RATIO" if 5 * hits >= len(seen) else None

    def line(self, line):
        record = line["record"]
        self.begin_block(int(record["height"]))
        kind, content = record["kind"], record["content"]
        today = int(record["time_ms"]) // DAY_MS
        if kind in ("commit", "refused", "accused"):
            return
        name = (record["authority"], content["declaration"])
        if kind in ("declared", "amended"):
            self.facts[name] = line["facts"]
            self.day[name] = today
        elif kind == "inspected":
            key = key_of(self.facts[name])
            if key is not None:
                self.pending.append((key, name, self.day[name], content["result"] != "conform"))
        elif kind == "verdict":
            self.verdicts += 1
            expected = self.expected(key_of(self.facts[name]), today)
            fired = [one["rule"] for one in line["verdict"]["fired"]
                     if one["rule"].startswith("HIT_RATIO")]
            self.fired.update(fired)
            if fired != ([expected] if expected else []):
                self.wrong.append(f"record {line['index']}: fired {fired}, counted {expected}")


def main():
    recount = Recount()
    for text in sys.stdin:
        recount.line(json.loads(text))
    for wrong in recount.wrong[:20]:
        print(wrong)
    print(f"{recount.verdicts} verdicts, HIT_RATIO_HIGH (red) {recount.fired['HIT_RATIO_HIGH']}, "
          f"HIT_RATIO (yellow) {recount.fired['HIT_RATIO']}, {len(recount.wrong)} differ")
    both = recount.fired["HIT_RATIO_HIGH"] > 0 and recount.fired["HIT_RATIO"] > 0
    return 0 if both and not recount.wrong else 1


if __name__ == "__main__":
    sys.exit(main())
