#!/usr/bin/env python3
"""Which share of each parser's lines the seeds of its fuzz target reach.

Usage: coverage.py BUILD [--lowest PERCENT] [TARGET...]      (BUILD: of the preset `asan`)

Replays tests/fuzz/corpus/TARGET, prints a line for every target and for each of its files, and ends
with exit code 1 if a target reaches less than the lowest share (80 %) of its parser's lines.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What counts as the parser of a target: every line of these files, not only what the target calls.
PARSERS = {
    "codec": ["crypto/codec.h", "crypto/codec.cpp", "crypto/codec_json.h", "crypto/codec_json.cpp",
              "crypto/cose.cpp", "chaincode/record.cpp", "consensus/messages.h",
              "consensus/types.h", "consensus/journal_record.h"],
    "note": ["crypto/note.cpp", "crypto/tlog_proof.cpp", "crypto/key_file.cpp",
             "crypto/codec_json.h", "crypto/codec_json.cpp"],
    "submission": ["chaincode/statement.h", "chaincode/statement.cpp", "crypto/cose.cpp",
                   "crypto/commitment.cpp", "crypto/codec.h", "crypto/codec.cpp"],
    "rules": ["chaincode/rules/" + name for name in (
        "lexer.cpp", "cursor.cpp", "literals.cpp", "parser.cpp", "expression_parser.cpp",
        "vocabulary.cpp", "checker.cpp", "checker_expressions.cpp", "test_checker.cpp",
        "diagnostic.cpp", "compiler.cpp", "compiler_expressions.cpp")],
    "proof": ["chaincode/bundle.cpp", "crypto/tlog_proof.cpp", "crypto/note.cpp",
              "crypto/codec_json.h", "crypto/codec_json.cpp"],
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
    """Pairs of file and (lines reached, lines)."""
    program = os.path.join(build, "tests", "fuzz", f"replay_{target}")
    raw, merged = (os.path.join(scratch, target + end) for end in (".profraw", ".profdata"))
    run(program, os.path.join(ROOT, "tests", "fuzz", "corpus", target),
        env=dict(os.environ, LLVM_PROFILE_FILE=raw))
    run("llvm-profdata", "merge", "-sparse", raw, "-o", merged)
    files = [os.path.join(ROOT, name) for name in PARSERS[target]]
    exported = run("llvm-cov", "export", "-summary-only", "-instr-profile", merged, program, *files)
    found = {one["filename"]: one["summary"]["lines"]
             for one in json.loads(exported)["data"][0]["files"]}
    lines = [(name, found.get(path)) for name, path in zip(PARSERS[target], files)]
    # A header of declarations alone has no lines that run.
    return [(name, one["covered"], one["count"]) for name, one in lines if one and one["count"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*", choices=[*PARSERS, []])
    parser.add_argument("--lowest", type=float, default=80.0)
    options = parser.parse_args()
    below = []
    with tempfile.TemporaryDirectory() as scratch:
        for target in options.targets or PARSERS:
            files = measured(os.path.abspath(options.build), target, scratch)
            reached, count = (sum(one[i] for one in files) for i in (1, 2))
            share = 100.0 * reached / count if count else 0.0
            print(f"{target:<40} {reached:5} of {count:5} lines {share:6.1f} %")
            for name, part, whole in files:
                print(f"  {name:<38} {part:5} of {whole:5} lines {100.0 * part / whole:6.1f} %")
            if share < options.lowest:
                below.append(target)
    if below:
        print(f"below {options.lowest:g} %: {', '.join(below)}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
