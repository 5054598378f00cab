#!/usr/bin/env bash
# Everything beyond the tests: format, sanitizers, fuzzing, long campaigns.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/prepare.sh"

usage() {
  cat <<'USAGE'
Usage: tools/check.sh [--quick | --long | --step NAME... | --format | -f] [OPTION...]

  --quick      format, pure (what CI runs after the tests; the default)
  --long       every step, whatever the ones before gave
  --step NAME  that step only; may be given several times
  --from NAME  with --long: that step and those after it, to go on where a run was ended
  --format     the step format only;  -f  formats the sources in place

Steps, in order:
  format        clang-format of all sources
  pure          crypto, consensus, chaincode and the fuzz corpus under ASan + UBSan
  asan          all tests and the fuzz corpus under ASan + UBSan
  coverage      lines of each parser that the fuzz corpus reaches; 80 % at least
  consensus-coverage  lines and branches of consensus/ that its tests, the scenarios and 100 seeds
                reach; 95 % and 85 % at least
  fuzz          every fuzz target, 60 s each, from its corpus
  network-asan  the main job on four processes under ASan + UBSan, one killed and started again
  tsan          all tests and the fuzz corpus under TSan
  network-tsan  the main job on four processes under TSan
  simulator     seeds of the consensus simulator until 25 busy cluster-hours are over
  node-simulator  500 seeds of whole nodes over simulated disks and links
  twins         25,000 scenarios of one member of four that runs twice, 2,500 of two of seven
  hostile       the hostile peer's cases at full size, on four processes
  crashes       kill -9 on four processes under load, in runs of 20 kills, a seed each
  chaos         three seeds of 10 minutes with seven validators and one with four: kills, pauses,
                partitions, damaged files, full disks, clocks, a member away for 50,000 records
  verifier      the browser verifier in Chromium: from a file and over HTTP, in both languages
  interop       the log of four processes with 35,000 declarations, read by Go's x/mod and by
                python3-cbor2 (the tests do so with 300, without Go where it is not installed)
  rows          all 45,519 rows of the Korean set through seven processes, counted again by others

Options:
  --fuzz-seconds N  of each target (60)       --hours N  busy cluster-hours of the simulator (25)
  --first N         seed of the simulator (100000)
  --node-seeds N    of the node simulator (500)
  --kills N         of the step crashes (20; a long run: 200)
  --minutes N       of each seed of chaos (10)
  --first-seed N    of crashes and chaos (1): to go on where a run was ended
  --help

A table of all steps ends the run. What failed can be repeated by its name; builds are kept.
Exit codes: 0 all held, 1 a check failed, 2 cannot start.
Example:  tools/check.sh --step coverage --step fuzz --fuzz-seconds 600
USAGE
}

STEPS=(format pure asan coverage consensus-coverage fuzz network-asan tsan network-tsan simulator
  node-simulator twins hostile crashes chaos verifier interop rows)
FUZZ_SECONDS=60
HOURS=25
SIMULATOR_FIRST=100000
NODE_SEEDS=500
KILLS=20
MINUTES=10
FIRST_SEED=1

sources() { (cd "$ROOT" && find crypto consensus chaincode network node tools tests \
  \( -name '*.h' -o -name '*.cpp' \) -print0); }

# Tests of a build; those on real processes have steps of their own.
run_tests() {
  (cd "$ROOT/build/$1" && LLVM_PROFILE_FILE=/dev/null ctest -j "$(nproc)" --exclude-regex '^e2e_' \
    --output-on-failure --no-tests=error --timeout 3600)
}

step_format() {
  need_packages clang-format
  (cd "$ROOT" && sources | xargs -0 clang-format --dry-run -Werror) ||
    fail "some sources are not formatted: tools/check.sh -f formats them"
}

step_pure() {
  need_packages "${CLANG_PACKAGES[@]}"
  build pure-asan
  run_tests pure-asan
}

step_asan() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build asan
  run_tests asan
}

step_tsan() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build tsan
  run_tests tsan
}

# The seeds that a program makes are those of today's formats.
check_seeds() {
  build asan fuzz_seeds
  local made
  made=$(mktemp -d)
  cp -r "$ROOT/tests/fuzz/corpus/." "$made"
  "$ROOT/build/asan/tests/fuzz/fuzz_seeds" "$made"
  diff -qr "$made" "$ROOT/tests/fuzz/corpus" ||
    fail "these seeds are of an older format: fuzz_seeds tests/fuzz/corpus makes them anew"
  rm -rf "$made"
}

step_coverage() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build asan
  check_seeds
  python3 -B "$ROOT/tests/fuzz/coverage.py" "$ROOT/build/asan"
}

step_consensus-coverage() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build coverage tests_consensus scenario simulate
  python3 -B "$ROOT/tests/consensus/coverage.py" "$ROOT/build/coverage"
}

# fuzz_one NAME: from the corpus; new inputs are not kept, what is found is.
fuzz_one() {
  local name=$1 scratch
  scratch=$(mktemp -d)
  mkdir "$scratch/found"
  LLVM_PROFILE_FILE=/dev/null "$ROOT/build/asan/tests/fuzz/fuzz_$name" \
    -max_total_time="$FUZZ_SECONDS" -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$scratch/found/" "$scratch" "$ROOT/tests/fuzz/corpus/$name" \
    >"$scratch.log" 2>&1 ||
    { tail -n 40 "$scratch.log"; fail "fuzz_$name found something: $scratch/found"; }
  awk -v name="$name" '
    $2 == "INITED" || $2 == "DONE" { for (i = 3; i < NF; ++i) if ($i == "cov:") edges[$2] = $(i + 1) }
    /number_of_executed_units/ { runs = $2 }
    END { printf "  %-12s %9d runs, edges %5d -> %5d, no finding\n",
                 name, runs, edges["INITED"], edges["DONE"] }' "$scratch.log"
  rm -rf "$scratch" "$scratch.log"
}

step_fuzz() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build asan
  local folder
  for folder in "$ROOT"/tests/fuzz/corpus/*/; do fuzz_one "$(basename "$folder")"; done
}

# network PRESET: the main job with a binary of that build. A process that the sanitizer complains
# of may have been killed since, or its exit code unseen: every complaint leaves a file.
network() {
  need_packages "${CLANG_PACKAGES[@]}" llvm
  build "$1" sanad
  local complaints options
  complaints=$(mktemp -d)
  options="log_path='$complaints/report'"
  LLVM_PROFILE_FILE=/dev/null ASAN_OPTIONS=$options UBSAN_OPTIONS="$options:print_stacktrace=1" \
    TSAN_OPTIONS="$options:suppressions='$ROOT/tests/tsan.supp'" \
    python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/$1/tools/sanad" main_job ||
    fail "the main job failed; complaints of the sanitizer, if any: $complaints"
  if [ -n "$(ls -A "$complaints")" ]; then
    head -n 60 "$complaints"/*
    fail "the sanitizer complained: $complaints"
  fi
  rmdir "$complaints"
}
step_network-asan() { network asan; }
step_network-tsan() { network tsan; }

step_simulator() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release simulate
  "$ROOT/build/release/tests/simulation/simulate" --first "$SIMULATOR_FIRST" --hours "$HOURS"
}

step_node-simulator() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release simulate_nodes
  "$ROOT/build/release/tests/simulation/simulate_nodes" --first 100000 --seeds "$NODE_SEEDS"
}

step_hostile() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release sanad hostile_peer
  python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" hostile --full
}

step_twins() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release twins
  "$ROOT/build/release/tests/simulation/twins" --sample 25000 --seed 1000
  "$ROOT/build/release/tests/simulation/twins" --members 7 --sample 2500 --seed 1000
}

step_crashes() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release sanad
  local killed=$(((FIRST_SEED - 1) * 20)) seed=$FIRST_SEED part
  while [ "$killed" -lt "$KILLS" ]; do
    part=$((KILLS - killed < 30 ? KILLS - killed : 20))
    say "-- seed $seed: kills $((killed + 1)) to $((killed + part)) of $KILLS"
    python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" crashes \
      --kills "$part" --seed "$seed" || fail "to go on from here: --first-seed $seed"
    killed=$((killed + part))
    seed=$((seed + 1))
  done
}

step_chaos() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  build release sanad relay
  local seed validators
  for seed in 1 2 3 4; do
    [ "$seed" -ge "$FIRST_SEED" ] || continue
    validators=$((seed == 4 ? 4 : 7))
    say "-- seed $seed: $validators validators, $MINUTES minutes"
    python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" chaos \
      --seed "$seed" --minutes "$MINUTES" --validators "$validators" ||
      fail "to go on from here: --first-seed $seed"
  done
}

step_verifier() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" chromium
  need_npm
  build release sanad verifier_cases
  local shared=${SANAD_SHARED:-$ROOT/../shared/data} page="$ROOT/build/release/tools/verifier"
  "$ROOT/tests/verifier/run.sh" "$page" "$ROOT/build/release/tests/verifier_cases" "$shared"
  "$ROOT/tests/verifier/browser/run.sh" "$page" "$shared"
}

step_interop() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" golang-go golang-golang-x-mod-dev
  build release sanad
  python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" interop \
    --declarations 35000
}

step_rows() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  local shared=${SANAD_SHARED:-$ROOT/../shared/data}
  local file
  for file in kcs_train.csv kcs_valid.csv; do
    [ -r "$shared/declarations/$file" ] ||
      fail "no declarations/$file in $shared: SANAD_SHARED names another folder" 2
  done
  build release sanad
  python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" kcs --rows 0 \
    --validators 7 --shared "$shared"
}

# run_steps NAME...: all of them, then a table; 1 if one failed, 2 if one could not start.
run_steps() {
  local step status worst=0 begin table=""
  for step in "$@"; do
    say "== $step"
    begin=$SECONDS
    # Not in a condition: -e would be off in it.
    set +e
    (set -e; "step_$step")
    status=$?
    set -e
    case $status in
      0) table+=$(printf '  %-18s held          %6d s' "$step" $((SECONDS - begin))) ;;
      2 | 3) table+=$(printf '  %-18s cannot start  %6d s' "$step" $((SECONDS - begin))) ;;
      *) table+=$(printf '  %-18s FAILED        %6d s' "$step" $((SECONDS - begin))) ;;
    esac
    table+=$'\n'
    case $status in 0) ;; 2 | 3) [ $worst -eq 1 ] || worst=2 ;; *) worst=1 ;; esac
  done
  printf '\n%s' "$table"
  return $worst
}

is_step() { printf '%s\n' "${STEPS[@]}" | grep -qxF -- "$1"; }
refuse() { fail "$1 (--help tells more)" 2; }

CHOSEN=()
FROM=
while [ $# -gt 0 ]; do
  case $1 in
    --step | --from | --fuzz-seconds | --hours | --first | --node-seeds | --kills | --minutes | \
    --first-seed)
      [ $# -ge 2 ] || refuse "$1 needs a value" ;;&
    --step | --from) is_step "$2" || refuse "no step is called $2" ;;&
    --fuzz-seconds | --hours | --first | --node-seeds | --kills | --minutes | --first-seed)
      [[ $2 =~ ^[1-9][0-9]*$ ]] || refuse "$1 needs a number" ;;&
    --quick) CHOSEN+=(format pure) ;;
    --long) CHOSEN+=("${STEPS[@]}") ;;
    --step) CHOSEN+=("$2"); shift ;;
    --from) FROM=$2; shift ;;
    --format) CHOSEN+=(format) ;;
    --fuzz-seconds) FUZZ_SECONDS=$2; shift ;;
    --hours) HOURS=$2; shift ;;
    --first) SIMULATOR_FIRST=$2; shift ;;
    --node-seeds) NODE_SEEDS=$2; shift ;;
    --kills) KILLS=$2; shift ;;
    --minutes) MINUTES=$2; shift ;;
    --first-seed) FIRST_SEED=$2; shift ;;
    -f) need_packages clang-format; (cd "$ROOT" && sources | xargs -0 clang-format -i); exit ;;
    --help | -h) usage; exit ;;
    *) refuse "unknown: $1" ;;
  esac
  shift
done
[ ${#CHOSEN[@]} -gt 0 ] || CHOSEN=(format pure)
while [ -n "$FROM" ] && [ ${#CHOSEN[@]} -gt 0 ] && [ "${CHOSEN[0]}" != "$FROM" ]; do
  CHOSEN=("${CHOSEN[@]:1}")
done
[ ${#CHOSEN[@]} -gt 0 ] || refuse "--from names a step that was not asked for"
run_steps "${CHOSEN[@]}"
