#!/usr/bin/env python3
"""Which share of each parser's lines the seeds of its fuzz target reach.

Usage: coverage.py BUILD [--lowest PERCENT] [--missed] [TARGET...]      (BUILD: of preset `asan`)

Replays tests/fuzz/corpus/TARGET, prints a line for every target and for each of its files, with
--missed also every line that was not reached, and ends with exit code 1 if a target reaches less
than the lowest share (80 %) of its parser's lines.
"""
import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What counts as the parser of a target: every line of these files, not only what the target calls.
PARSERS = {
    "codec": ["crypto/codec.h", "crypto/codec.cpp", "crypto/receipt.cpp",
              "consensus/messages.h", "consensus/types.h",
              "consensus/journal_record.h", "chaincode/record.h"],
    "note": ["crypto/note.cpp", "crypto/tlog_proof.cpp", "crypto/log_tile.cpp", "crypto/key_file.cpp",
             "crypto/codec_json.h", "crypto/codec_json.cpp"],
    "submission": ["chaincode/statement.h", "chaincode/statement.cpp", "crypto/cose.cpp",
                   "crypto/commitment.cpp"],
    "rules": ["chaincode/rules/" + name for name in (
        "lexer.cpp", "cursor.cpp", "literals.cpp", "parser.cpp", "expression_parser.cpp",
        "vocabulary.cpp", "checker.cpp", "checker_expressions.cpp", "test_checker.cpp",
        "diagnostic.cpp", "compiler.cpp", "compiler_expressions.cpp")],
    "proof": ["chaincode/bundle.cpp", "crypto/codec_json.h", "crypto/codec_json.cpp"],
    "frame": ["network/frame.cpp", "network/hello.cpp"],
    "http_head": ["network/http_head.cpp"],
    "peer": ["node/replica/open_frame.cpp", "node/replica/wire.h", "node/replica/batch.cpp",
             "consensus/verify.cpp", "consensus/messages.h", "consensus/types.h"],
    "journal": ["node/replica/journal_format.h", "node/replica/journal_format.cpp"],
    "segments": ["node/ledger/segment_reader.cpp", "node/ledger/segments.cpp"],
    "csv": ["tools/importers/" + name for name in ("csv.cpp", "decimal.cpp", "kcs.cpp",
                                                   "lines.cpp")],
}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        sys.exit(f"coverage.py: {' '.join(command)} failed:\n{done.stdout.decode()[-2000:]}")
    return done.stdout.decode()


def measured(build, target, scratch):
    """Triples: a file, the numbers of its lines that were reached, of those that were not."""
    program = os.path.join(build, "tests", "fuzz", f"replay_{target}")
    raw, merged = (os.path.join(scratch, target + end) for end in (".profraw", ".profdata"))
    run(program, os.path.join(ROOT, "tests", "fuzz", "corpus", target),
        env=dict(os.environ, LLVM_PROFILE_FILE=raw))
    run("llvm-profdata", "merge", "-sparse", raw, "-o", merged)
    files = [os.path.join(ROOT, name) for name in PARSERS[target]]
    lines = {path: ([], []) for path in files}
    path = None
    exported = run("llvm-cov", "export", "-format=lcov", "-instr-profile", merged, program, *files)
    for kind, _, value in (line.partition(":") for line in exported.splitlines()):
        if kind == "SF":
            path = value
        elif kind == "DA":
            number, times = value.split(",")
            lines[path][times == "0"].append(int(number))
    # A header of declarations alone has no lines that run.
    return [(name, *lines[path]) for name, path in zip(PARSERS[target], files) if any(lines[path])]


def print_missed(name, numbers):
    with open(os.path.join(ROOT, name)) as file:
        text = file.readlines()
    for number in numbers:
        print(f"{name}:{number}: {text[number - 1].rstrip()}")


def report(name, reached, missed):
    count = reached + missed
    share = 100.0 * reached / count if count else 0.0
    print(f"{name:<42} {reached:5} of {count:5} lines {share:6.1f} %")
    return share


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*", choices=[*PARSERS, []])
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--lowest", type=float, default=80.0)
    options = parser.parse_args()
    below = []
    with tempfile.TemporaryDirectory() as scratch:
        for target in options.targets or PARSERS:
            files = measured(os.path.abspath(options.build), target, scratch)
            share = report(target, *(sum(len(one[i]) for one in files) for i in (1, 2)))
            for name, reached, missed in files:
                report("  " + name, len(reached), len(missed))
                if options.missed:
                    print_missed(name, missed)
            if share < options.lowest:
                below.append(target)
    if below:
        print(f"below {options.lowest:g} %: {', '.join(below)}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
