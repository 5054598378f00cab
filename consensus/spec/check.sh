#!/usr/bin/env bash
# Has spin look for a counterexample to simplex.pml, and to it with each rule broken.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: consensus/spec/check.sh [--help]

Holds if spin finds no counterexample to the model in consensus/spec/simplex.pml, finds one for
every broken rule, and reaches what the model must be able to reach. One core, 2 GB; two minutes of
processor time.

Exit codes: 0 all held, 1 something did not, 2 cannot start.
Example:  consensus/spec/check.sh
USAGE
}

fail() {
  printf 'check.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

case "$#:${1:-}" in
  0:) ;;
  1:--help | 1:-h) usage; exit ;;
  *) fail "unknown: $* (--help tells more)" 2 ;;
esac
for program in spin gcc; do
  command -v "$program" >/dev/null || fail "$program is missing. Run once as root:
  apt-get update && apt-get install -y --no-install-recommends spin gcc libc6-dev" 2
done

MODEL="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/simplex.pml"
SCRATCH=$(mktemp -d)
trap 'rm -rf -- "$SCRATCH"' EXIT
# spin hands the name to a shell, and writes beside it: a copy, in a folder of its own.
cp -- "$MODEL" "$SCRATCH/simplex.pml"
cd -- "$SCRATCH"

WRONG=0
MEMORY_MB=2000
DEPTH=10000

# search OPTIMISE DEFINE...: what pan says goes to `said`.
search() {
  local optimise=$1
  shift
  rm -f pan pan.* ./*.trail
  spin -a "$@" simplex.pml >said 2>&1 || { cat said; fail "spin does not take the model: $*"; }
  # An error within d_step may leave a message and no code.
  [ ! -s said ] || { cat said; fail "spin complains of the model: $*"; }
  gcc "$optimise" -w -DSAFETY -DNOREDUCE -DMEMLIM=$MEMORY_MB -o pan pan.c ||
    fail "what spin made of the model does not compile: $*"
  ./pan -m$DEPTH >said 2>&1 || true
}

# whole: the search that ended looked at everything.
whole() {
  grep -q '^Full statespace search' said && grep -q 'errors: 0$' said &&
    ! grep -Eq 'max search depth too small|Search not completed|MEMLIM|out of memory|aborted' said
}
# reached_all: no step of the model was impossible; spin counts the end of a process too.
reached_all() { ! grep '\.pml:[0-9]*, state' said | grep -qv '"-end-"'; }
found() { grep -q 'assertion violated' said && grep -q 'errors: 1$' said; }

# row WORD NAME BEGIN: of the table.
row() {
  awk -v word="$1" -v name="$2" -v begin="$3" -v end="$EPOCHREALTIME" '
    /states, stored/ { states = $1 }
    /depth reached/ { depth = $6; sub(",", "", depth) }
    /total actual memory usage/ { memory = $1 }
    END { printf "  %-36s %-9s %9d %6d %7.0f %7.1f\n",
                 name, word, states, depth, memory, end - begin }
  ' said
}
wrong() {
  row WRONG "$1" "$2"
  grep -v '^$' said | head -n 40
  WRONG=$((WRONG + 1))
}

# holds NAME DEFINE...: nothing is found, everything was looked at, every step was taken.
holds() {
  local name=$1 begin=$EPOCHREALTIME
  shift
  search -O2 "$@"
  if whole && reached_all; then row holds "$name" "$begin"; else wrong "$name" "$begin"; fi
}

# finds NAME DEFINE...: an assertion fails.
finds() {
  local name=$1 begin=$EPOCHREALTIME
  shift
  search -O0 "$@"
  if found; then row found "$name" "$begin"; else wrong "$name" "$begin"; fi
}

spin -V
printf '  %-36s %-9s %9s %6s %7s %7s\n' run result states depth MB s
holds "any order, 2 views" -DVIEWS=2
holds "any order, 3 views" -DVIEWS=3
holds "view after view, 5 views" -DVIEWS=5 -DIN_ORDER
# That nothing is found proves nothing if nothing happens.
finds "any order: eventful state" -DVIEWS=3 -DONLY=WITNESS
finds "view after view: eventful state" -DVIEWS=5 -DIN_ORDER -DONLY=WITNESS
for rule in N1 N3_GAPS N3_PARENT F1 F2 F4 T1 C1 QUORUM R1; do
  finds "$rule broken: disagreement" -DVIEWS=2 -DONLY=AGREEMENT "-DBREAK_$rule"
done
# Each of the other properties can fail, too.
finds "N1 broken: two notarizations" -DVIEWS=2 -DONLY=ONE_NOTARIZATION -DBREAK_N1
finds "F1 broken: nullified and final" -DVIEWS=2 -DONLY=EXCLUSION -DBREAK_F1
finds "T1 broken: nullified and final" -DVIEWS=2 -DONLY=EXCLUSION -DBREAK_T1
finds "F2 broken: final, not notarized" -DVIEWS=2 -DONLY=FINAL_IS_NOTARIZED -DBREAK_F2
# Rules that this safety does not need.
holds "N2 broken: harmless" -DVIEWS=3 -DIN_ORDER -DBREAK_N2
holds "T5 broken: harmless" -DVIEWS=3 -DIN_ORDER -DBREAK_T5

[ $WRONG -eq 0 ] || fail "$WRONG of the runs did not give what they must"
printf 'All runs gave what they must.\n'
