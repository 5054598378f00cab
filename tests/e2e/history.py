"""What clients were told, against what the nodes' logs hold.

A history is what `sanad bench load --rate … --log FILE` writes: a line for each submission that a
client was told is final. A log is what `sanad export` prints of one node.

  present   an acknowledged statement has one record, at the place that the client was told
  once      no statement has two, acknowledged or not
  order     what was acknowledged before another was sent stands before it
  same      all nodes' logs are equal, leaf by leaf

`test()` gives the checker logs that break each of these, and fails where it does not notice.
"""
import hashlib
import json

from network_fixture import Failed, require


def read_history(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


class Log:
    """What a check needs of one node's log: its first `size` records. An idle network adds blocks
    of its own, so that logs read one after the other have other ends."""

    def __init__(self, lines, size):
        self.places = {}  # (submission, number of the statement) → index
        self.doubled = []
        self.size = 0
        leaves = hashlib.sha256()
        for line in lines:
            if self.size == size:
                break
            record = line["record"]
            require(line["index"] == self.size, f"index {line['index']} after {self.size} records")
            self.size += 1
            leaves.update(line["leaf"].encode() + b"\n")
            # A declaration leaves one record; what contracts add to it has that record as origin.
            caused_by = (record["origin"] or {}).get("statement")
            if caused_by is None:
                continue
            statement = (caused_by["submission"], caused_by["index"])
            if statement in self.places:
                self.doubled.append(statement)
            self.places[statement] = line["index"]
        self.leaves = leaves.hexdigest()


def check(history, logs):
    """`logs`: a Log by node. The number of statements that were acknowledged."""
    require(history, "nothing was acknowledged: there is nothing to check")
    for node, log in logs.items():
        require(not log.doubled, f"{node}: recorded twice: {log.doubled[:3]}")
        check_present(node, history, log)
    sizes = {node: (log.size, log.leaves) for node, log in logs.items()}
    require(len(set(sizes.values())) == 1, f"the logs are not the same: {sizes}")
    check_order(history)
    return sum(len(one["statements"]) for one in history)


def check_present(node, history, log):
    for one in history:
        for number, (code, place) in enumerate(one["statements"]):
            found = log.places.get((one["submission"], number))
            require(found is not None and found == place,
                    f"{node}: statement {number} of {one['submission']} of {one['member']} was "
                    f"acknowledged as {code} with record {place}, the log has it at {found}")


def check_order(history):
    """Between any two clients: what is final is before whatever is sent from then on."""
    answered = sorted(history, key=lambda one: one["final_us"])
    last, next_answer = -1, 0
    for one in sorted(history, key=lambda one: one["sent_us"]):
        while answered[next_answer]["final_us"] < one["sent_us"]:
            last = max(last, *(place for _, place in answered[next_answer]["statements"]))
            next_answer += 1
        first = min(place for _, place in one["statements"])
        require(first > last, f"{one['submission']} was sent after record {last} was acknowledged "
                f"and stands before it, at {first}")


# ---- can it fail?

def an_example():
    """Three submissions of two statements, one after the other, with a verdict for each."""
    history, lines = [], []
    for k in range(3):
        places = []
        for number in range(2):
            places.append(len(lines))
            lines.append(("declared", {"statement": {"submission": f"s{k}", "index": number}}))
            lines.append(("verdict", {"record": str(len(lines) - 1)}))
        lines.append(("commit", None))
        history.append({"member": "KW", "submission": f"s{k}", "sent_us": 10 * k,
                        "final_us": 10 * k + 5, "statements": [["accepted", p] for p in places]})
    return history, lines


def as_log(lines):
    size = len(an_example()[1])
    return Log([{"index": i, "leaf": f"{kind} {origin}", "record": {"kind": kind, "origin": origin}}
                for i, (kind, origin) in enumerate(lines)], size)


def lose_a_record(history, lines):
    del lines[0]


def lose_the_last(history, lines):
    del lines[-3:]


def double_a_record(history, lines):
    lines[-1] = lines[0]


def move_a_record(history, lines):
    lines[0], lines[1] = lines[1], lines[0]


def refuse_another(history, lines):
    lines[0] = ("refused", {"statement": {"submission": "s9", "index": 0}})


def swap_two(history, lines):
    history[0]["statements"], history[2]["statements"] = (history[2]["statements"],
                                                          history[0]["statements"])
    for origin in (lines[0], lines[2]):
        origin[1]["statement"]["submission"] = "s2"
    for origin in (lines[10], lines[12]):
        origin[1]["statement"]["submission"] = "s0"


def acknowledge_nothing(history, lines):
    history.clear()


def another_verdict(history, lines):
    """At one node only: what no client was told."""
    lines[1] = ("verdict", {"record": "99"})


def test():
    history, lines = an_example()
    require(check(history, {"A": as_log(lines), "B": as_log(lines)}) == 6, "a good log is refused")
    # What was under way at once may stand in any order.
    for one in history:
        one["sent_us"] = 0
    check(history, {"A": as_log(lines)})
    harms = {lose_a_record: "the log has it at", lose_the_last: "the log has it at None",
             double_a_record: "recorded twice", move_a_record: "the log has it at",
             refuse_another: "the log has it at None", swap_two: "stands before it",
             acknowledge_nothing: "nothing to check", another_verdict: "not the same"}
    for harm, word in harms.items():
        _, good = an_example()
        history, lines = an_example()
        harm(history, lines)
        logs = {"A": as_log(lines if harm is swap_two else good), "B": as_log(lines)}
        try:
            check(history, logs)
        except Failed as failed:
            require(word in str(failed), f"{harm.__name__} taken for something else: {failed}")
            continue
        raise Failed(f"not noticed: {harm.__name__}")
    print(f"{len(harms)} broken logs, each noticed")
