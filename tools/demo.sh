#!/usr/bin/env bash
# The main job, end to end: a development network of validators on this machine, declarations from
# every member, and the four things that no interface between two databases gives.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/prepare.sh"

usage() {
  cat <<'USAGE'
Usage: tools/demo.sh [--validators N] [--count N] [--declarations FILE] [--binary FILE] [--keep]
                     [--help]

Builds Sanad, makes a development network on loopback, submits declarations and shows four proofs.
  --validators N       1 to 13, 7 unless given (from 4 on the network survives a failed member)
  --count N            generated declarations, 3000 unless given
  --declarations FILE  real input instead: a .csv of the Korean customs set, or lines of JSON
  --binary FILE        use this `sanad` instead of building one
  --keep               leave the network running, and its folder where it is

It works in a folder of its own below run/, which it removes when all was shown or when it is
interrupted. What a run that was killed has left, its processes too, the next run removes.

Exit codes: 0 all shown, 1 something did not hold, 2 cannot start, 3 network.
Example:  tools/demo.sh --count 1000 --keep
USAGE
}

validators=7
count=3000
declarations=
sanad=
keep=no
while [ $# -gt 0 ]; do
  case "$1" in
    --validators | --count | --declarations | --binary)
      [ $# -ge 2 ] || fail "$1 needs a value" 2
      case "$1" in
        --validators) validators=$2 ;;
        --count) count=$2 ;;
        --declarations) declarations=$2 ;;
        --binary) sanad=$2 ;;
      esac
      shift 2 ;;
    --keep) keep=yes; shift ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" 2 ;;
  esac
done
[[ "$validators" =~ ^[0-9]{1,2}$ ]] && [ "$validators" -ge 1 ] && [ "$validators" -le 13 ] ||
  fail "--validators takes a number from 1 to 13" 2
[[ "$count" =~ ^[0-9]{1,7}$ ]] || fail "--count takes a number of at most 7 digits" 2
[ -z "$declarations" ] || { [ -f "$declarations" ] && [ -r "$declarations" ]; } ||
  fail "cannot read $declarations" 2

if [ -z "$sanad" ]; then
  need_packages "${BUILD_PACKAGES[@]}"
  build release sanad
  sanad="$ROOT/build/release/tools/sanad"
fi
[ -f "$sanad" ] && [ -x "$sanad" ] || fail "$sanad is no program" 2
sanad=$(readlink -f -- "$sanad")

# Ends what still works on a run's folder: our program with that folder in its arguments.
end_processes_of() {
  local folder=$1 process program found=yes
  while [ "$found" = yes ]; do
    found=no
    for process in /proc/[0-9]*; do
      program=$(readlink "$process/exe" 2>/dev/null) || continue
      [ "${program% (deleted)}" = "$sanad" ] || continue
      if tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qF -- "$folder/"; then
        if kill -9 "${process#/proc/}" 2>/dev/null; then found=yes; fi
      fi
    done
  done
}

# What a run left that could not clean up: its lock is free and it was not meant to stay. A folder
# without a lock is not known to be such a one.
remove_leftovers() {
  local folder
  for folder in "$ROOT"/run/demo-??????; do
    [ -e "$folder/.lock" ] && [ ! -e "$folder/kept" ] || continue
    if (flock -n 9) 2>/dev/null 9>"$folder/.lock"; then
      "$sanad" network down "$folder/network" --kill >/dev/null 2>&1 || true
      end_processes_of "$folder"
      rm -rf "$folder"
      say "Removed what an interrupted run had left: $folder"
    fi
  done
}

mkdir -p "$ROOT/run"
need_disk 1000 "$ROOT/run"
# One at a time, so that no folder is seen before its lock is held.
exec 7>"$ROOT/run/.lock"
flock 7
remove_leftovers
run=$(mktemp -d "$ROOT/run/demo-XXXXXX")
exec 9>"$run/.lock"
flock 9
exec 7>&-
net="$run/network"

finish() {
  local status=$?
  trap '' INT TERM HUP
  trap - EXIT
  if [ "$keep" = yes ] && [ "$status" -eq 0 ]; then
    touch "$run/kept"
    say ""
    say "The network runs on in $net"
    say "  look:  $sanad status --network $net"
    say "  end:   $sanad network down $net"
    exit 0
  fi
  "$sanad" network down "$net" --kill >/dev/null 2>&1 || true
  end_processes_of "$run"
  if [ "$status" -eq 0 ] && [ -s "$run/rejects.csv" ]; then
    mv "$run/rejects.csv" "$ROOT/run/rejects-${run##*-}.csv"
    say ""
    say "The rows that were not taken, with the reasons: $ROOT/run/rejects-${run##*-}.csv"
  fi
  case "$status" in
    0 | 129 | 130 | 143) rm -rf "$run" ;;
    *) touch "$run/kept"; say "What is left to look at: $run" ;;
  esac
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# show TEXT...: the command as a reader would type it. do_it COMMAND...: shows it, then runs it.
pattern=$(printf '%s' "$run" | sed 's/[][\.*^$|]/\\&/g')
show() {
  printf '\n  $ '
  printf 'sanad %s\n' "${*//"$net"/NET}" | sed "s|$pattern|RUN|g" | fold -s -w 94 |
    sed '2,$s/^/      /; $!s/ *$/ \\/'
}
do_it() { show "$@"; "$sanad" "$@" | sed "s|$pattern|RUN|g; s/^/    /"; }
# must_fail CODE COMMAND...: the refusal is the point.
must_fail() {
  local expected=$1 status=0
  shift
  show "$@"
  "$sanad" "$@" 2>&1 | sed "s|$pattern|RUN|g; s/^/    /" || status=${PIPESTATUS[0]}
  [ "$status" -eq "$expected" ] || fail "expected exit code $expected, got $status" 1
  say "    (exit code $status)"
}
title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || title() { printf '\n%s\n' "$*"; }

start_network() {
  title "A network of $validators validators"
  do_it network init "$net" --validators "$validators" --insecure-dev-keys
  do_it network up "$net"
}

declare_all() {
  local format status=0
  title "Declarations from every member"
  case "$declarations" in
    "") do_it generate "$run/declarations.jsonl" --labels "$run/labels.jsonl" --count "$count" \
          --network "$net"
        format=(lines "$run/declarations.jsonl") ;;
    *.csv) format=(kcs "$declarations" --reveal-outcomes) ;;
    *) format=(lines "$declarations") ;;
  esac
  show import "${format[@]}" --network "$net" --rejects "$run/rejects.csv"
  "$sanad" import "${format[@]}" --network "$net" --rejects "$run/rejects.csv" >"$report" || status=$?
  [ "$status" -le 1 ] || fail "the import ended with exit code $status" "$status"
  sed -i "s|$pattern|RUN|g" "$report"
  sed 's/^/    /' "$report"
}

declare_consignment() {
  local facts=(date=2026-03-01 "ucr=$ucr" hs=851712 origin=CN departure=AE destination=KW
    duty_rate=500 net_mass=120000 gross_mass=150000 packages=12 mode=1 incoterm=CIF
    duty_regime=FULL importer=KW-200417 exporter=AE-100233 containers=CSQU3054383
    transport_document=BL-778-204 port_of_loading=AEJEA port_of_discharge=KWSWK)
  title "A consignment: exported at $exporter, imported at $importer"
  do_it declare --network "$net" --as "$exporter" "declaration_id=$ucr-E" flow=export "${facts[@]}" \
    value=1250000 currency=AED
  do_it declare --network "$net" --as "$importer" "declaration_id=$ucr-I" flow=import "${facts[@]}" \
    value=104500 currency=KWD
}

show_tampering() {
  title "1. A declaration cannot be changed after it was filed"
  say "Somebody with access to $exporter's database halves the declared value and deletes nothing."
  do_it reconcile --network "$net" --as "$exporter"
  show vault alter "$ucr-E" value=625000 --network "$net" --as "$exporter"
  "$sanad" vault alter "$ucr-E" value=625000 --network "$net" --as "$exporter" >/dev/null
  must_fail 1 reconcile --network "$net" --as "$exporter"
  say ""
  say "A row deleted from $importer's database is missed just the same."
  "$sanad" vault delete "$ucr-I" --network "$net" --as "$importer" >/dev/null
  must_fail 1 reconcile --network "$net" --as "$importer"
}

show_verdict() {
  title "2. A verdict can be recomputed by anyone who may see the facts, bit for bit"
  say "All blocks are executed again in a fresh store; then once more with one fact changed."
  do_it explain "$ucr-I" --network "$net" --as "$importer" --change origin=KP
}

show_history() {
  local proof="$run/proof.sanad.json" trust="$run/trust.json" middle byte other=A
  title "3. A consignment's history comes with proof that nothing was left out"
  do_it trace "$ucr" --network "$net" --as "$importer" --proof "$proof"
  cp "$net/trust.json" "$trust"
  do_it verify "$proof" --trust "$trust"
  say ""
  say "One flipped byte:"
  cp "$proof" "$run/flipped.json"
  middle=$(($(stat -c %s "$proof") / 2))
  byte=$(dd if="$proof" bs=1 skip="$middle" count=1 2>/dev/null)
  [ "$byte" != A ] || other=B
  printf '%s' "$other" | dd of="$run/flipped.json" bs=1 seek="$middle" conv=notrunc 2>/dev/null
  must_fail 4 verify "$run/flipped.json" --trust "$trust"
  say ""
  say "The last event dropped:"
  sed -E 's/("records":\[[^]]*),"[^"]*"\]/\1]/' "$proof" >"$run/dropped.json"
  must_fail 4 verify "$run/dropped.json" --trust "$trust"
  say ""
  say "The first event dropped:"
  sed -E 's/"records":\["[^"]*",/"records":[/' "$proof" >"$run/first.json"
  must_fail 4 verify "$run/first.json" --trust "$trust"
}

# show_failure THOSE WORDS: THOSE are options that name the members, WORDS say what they do then.
show_failure() {
  do_it network down "$net" $1 --kill
  do_it declare --network "$net" --as "$importer" "declaration_id=$ucr-D" flow=import \
    date=2026-03-02 "ucr=$ucr-D" hs=851712 origin=CN departure=CN net_mass=5000 value=104500 \
    currency=KWD
  say ""
  say "$2"
  do_it network up "$net" $1
}

show_failures() {
  local heights
  if [ "$validators" -ge 7 ]; then
    title "4. No member can stop the others: two validators are killed with kill -9"
    show_failure "--only QA --only SA" "They come back, fetch what they missed and agree:"
  elif [ "$validators" -ge 4 ]; then
    title "4. No member can stop the others: one validator is killed with kill -9"
    show_failure "--only QA" "It comes back, fetches what it missed and agrees:"
  else
    title "4. A network of fewer than four members survives no failure: not shown"
  fi
  # The last blocks may still be on their way to a node that just came back.
  for _ in $(seq 100); do
    # Its exit code is not 0 while a node catches up.
    if "$sanad" status --network "$net" --json >"$run/status.json"; then
      heights=$(grep -o '"executed_height":"[0-9]*"' "$run/status.json" | sort -u | wc -l)
      [ "$heights" -gt 1 ] || break
    fi
    sleep 0.1
  done
  do_it status --network "$net"
}

sum_up() {
  local bytes total
  title "What was done"
  sed 's/^/  /' "$report"
  bytes=$(du -sb "$net/members/$importer/data" | cut -f1)
  total=$(grep -E '^all ' "$report" | awk '{gsub(",", "", $2); print $2}')
  say "  on disk: $((bytes / (total > 0 ? total : 1))) bytes a declaration and node, journal included"
}

report="$run/report.txt"
ucr="6AE-DEMO-$$"
exporter=AE-DU
importer=AE-DU
[ "$validators" -lt 3 ] || importer=KW

demonstrate() {
  start_network
  declare_all
  declare_consignment
  show_tampering
  show_verdict
  show_history
  show_failures
  sum_up
}
# Nothing that it starts inherits the lock, so a script that was killed holds it no longer.
demonstrate 9>&-
