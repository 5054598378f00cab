#!/usr/bin/env python3
"""Runs one end-to-end test: run.py BINARY main_job | api | crashes [--kills N] [--seed N]"""
import argparse
import importlib
import os
import signal
import sys

import network_fixture


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("test", choices=["main_job", "api", "crashes"])
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    network_fixture.BINARY = os.path.abspath(options.binary)
    # A test that is ended still ends its network.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    named = {name: value for name, value in vars(options).items()
             if name in ("kills", "seed") and value is not None}
    try:
        importlib.import_module(options.test).test(**named)
    except network_fixture.Failed as failed:
        print(f"FAILED {options.test}: {failed}")
        return 1
    print(f"passed {options.test}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
