#!/usr/bin/env python3
"""Which share of consensus/ its tests reach: lines, and branches.

Usage: coverage.py BUILD [--lines PERCENT] [--branches PERCENT] [--seeds N] [--missed]
       (BUILD: of preset `coverage`)

Runs tests_consensus, all scenarios and N seeds of the simulator (100), and adds up what they
reached. A branch is one outcome, true or false, of one condition in the source, each operand of &&
and || being a condition of its own, as clang counts them. Left out are conditions on lines that say
assert( or SANAD_FIELD (an assertion never fails, and a field's conditions are the codec's), and what
the compiler knows: broken(...), which is false in this build, and what stands after it and &&.
Ends with exit code 1 below 95 %
of the lines or 85 % of the branches. --missed prints what was not reached.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEFT_OUT = re.compile(r"\bassert\(|SANAD_FIELD|broken\(Mutant::\w+\) &&")


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        sys.exit(f"coverage.py: {' '.join(command)} failed:\n{done.stdout.decode()[-2000:]}")
    return done.stdout.decode()


def measured(build, seeds, scratch):
    """What llvm-cov says of consensus/, in lcov's format."""
    simulation = os.path.join(build, "tests", "simulation")
    programs = [
        [os.path.join(build, "tests", "tests_consensus")],
        [os.path.join(simulation, "scenario"), os.path.join(ROOT, "tests", "scenarios")],
        [os.path.join(simulation, "simulate"), "--seeds", str(seeds)],
    ]
    raws = []
    for command in programs:
        raws.append(os.path.join(scratch, os.path.basename(command[0]) + ".profraw"))
        run(*command, env=dict(os.environ, LLVM_PROFILE_FILE=raws[-1]))
    merged = os.path.join(scratch, "merged.profdata")
    run("llvm-profdata", "merge", "-sparse", *raws, "-o", merged)
    objects = [word for command in programs[1:] for word in ("-object", command[0])]
    folder = os.path.join(ROOT, "consensus")
    sources = sorted(os.path.join(folder, name) for name in os.listdir(folder)
                     if name.endswith((".h", ".cpp")))
    return run("llvm-cov", "export", "-format=lcov", "-instr-profile", merged, programs[0][0],
               *objects, *sources)


def parse(exported):
    """By file: line → times, and (line, condition, outcome) → times."""
    lines, branches = (collections.defaultdict(dict) for _ in range(2))
    texts = {}
    path = ""
    for kind, _, value in (line.partition(":") for line in exported.splitlines()):
        if kind == "SF":
            path = os.path.normpath(value)
        if not path.startswith(os.path.join(ROOT, "consensus", "")):
            continue
        if kind == "SF":
            with open(path) as file:
                texts[path] = file.readlines()
        elif kind == "DA":
            number, times = value.split(",")[:2]
            lines[path][int(number)] = int(times)
        elif kind == "BRDA":
            number, block, outcome, times = value.split(",")
            if LEFT_OUT.search(texts[path][int(number) - 1]):
                continue
            key = int(number), block, outcome
            taken = 0 if times == "-" else int(times)
            branches[path][key] = max(taken, branches[path].get(key, 0))
    for path in lines:
        count_after_assertions(texts[path], lines[path])
    return lines, branches, texts


def count_after_assertions(text, lines):
    """What follows an assertion runs as often as the assertion; clang 14 says never of its line."""
    for number in sorted(lines):
        if re.match(r"\s*assert\(", text[number - 1]):
            after = number + 1
            while after not in lines and after <= len(text):
                after += 1
            if after in lines:
                lines[after] = max(lines[after], lines[number])


def share(counts):
    reached = sum(1 for times in counts if times > 0)
    return reached, len(counts), 100.0 * reached / len(counts) if counts else 100.0


def report(name, lines, branches):
    of_lines, of_branches = share(lines), share(branches)
    print(f"{name:<34} {of_lines[0]:5} of {of_lines[1]:5} lines {of_lines[2]:6.1f} %"
          f" {of_branches[0]:5} of {of_branches[1]:5} branches {of_branches[2]:6.1f} %")
    return of_lines[2], of_branches[2]


def print_missed(name, text, lines, branches):
    for number, times in sorted(lines.items()):
        if times == 0:
            print(f"{name}:{number}: {text[number - 1].rstrip()}")
    for (number, _, outcome), times in sorted(branches.items()):
        if times == 0 and lines.get(number, 1) > 0:
            print(f"{name}:{number}: outcome {outcome} never: {text[number - 1].strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--lines", type=float, default=95.0)
    parser.add_argument("--branches", type=float, default=85.0)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--missed", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        exported = measured(os.path.abspath(options.build), options.seeds, scratch)
    lines, branches, texts = parse(exported)
    for path in sorted(lines):
        name = os.path.relpath(path, ROOT)
        report(name, lines[path].values(), branches[path].values())
        if options.missed:
            print_missed(name, texts[path], lines[path], branches[path])
    of_lines, of_branches = report(
        "consensus/", [times for each in lines.values() for times in each.values()],
        [times for each in branches.values() for times in each.values()])
    if of_lines < options.lines or of_branches < options.branches:
        print(f"below {options.lines:g} % of lines or {options.branches:g} % of branches")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
