#!/usr/bin/env python3
"""Runs one end-to-end test: run.py BINARY TEST [options of the test]"""
import argparse
import importlib
import inspect
import os
import signal
import sys

import network_fixture

TESTS = ["main_job", "api", "cli", "crashes", "quarantine", "resume", "kcs", "scripts",
         "history", "between", "chaos", "figures", "hostile", "hostile_clients", "interop"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("test", choices=TESTS)
    parser.add_argument("--kills", type=int, help="crashes, resume: how many")
    parser.add_argument("--seed", type=int, help="crashes, resume, chaos: where and when")
    parser.add_argument("--rows", type=int, help="kcs: rows to take, 0 for all")
    parser.add_argument("--validators", type=int, help="kcs, chaos: 4 or 7")
    parser.add_argument("--minutes", type=float,
                        help="chaos: rounds for so long; 0: each fault once")
    parser.add_argument("--faults", help="chaos: only these, with commas between")
    parser.add_argument("--seconds", type=int, help="figures: of load, where a scene waits")
    parser.add_argument("--batch", type=int, help="figures: declarations in a submission")
    parser.add_argument("--scenes", help="figures: some of clean,loss,leader,voting,hostile,"
                                         "catch_up")
    parser.add_argument("--output", help="figures: a file for the table as JSON")
    parser.add_argument("--declarations", type=int, help="interop: how many to write")
    parser.add_argument("--case", type=int, help="hostile: only this number of the catalogue")
    parser.add_argument("--full", action="store_true", default=None,
                        help="hostile: floods and delays at their full size")
    parser.add_argument("--shared", help="folder of public input data; SANAD_SHARED goes before it")
    options = parser.parse_args()
    network_fixture.BINARY = os.path.abspath(options.binary)
    network_fixture.SHARED = os.environ.get("SANAD_SHARED") or options.shared
    # A test that is ended still ends its network.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    test = importlib.import_module(options.test).test
    taken = inspect.signature(test).parameters
    ours = ("binary", "test", "shared")
    named = {name: value for name, value in vars(options).items()
             if name not in ours and value is not None}
    unknown = [name for name in named if name not in taken]
    if unknown:
        parser.error(f"{options.test} takes no --{unknown[0]}")
    try:
        test(**named)
    except network_fixture.Failed as failed:
        print(f"FAILED {options.test}: {failed}")
        return 1
    print(f"passed {options.test}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
