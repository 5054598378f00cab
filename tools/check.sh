#!/usr/bin/env bash
# Everything beyond the tests: format, sanitizers, fuzzing, long campaigns.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/prepare.sh"

usage() {
  cat <<'USAGE'
Usage: tools/check.sh [--quick | --long | --format | -f] [--help]

  --quick   format; crypto, consensus and chaincode under clang ASan + UBSan with the fuzz corpus
            replayed (what CI runs after the tests; the default)
  --long    the quick checks, then everything under ASan + UBSan and under TSan, each fuzz target for
            60 s, 5,000 seeds of the simulator, 20 kill -9 rounds on real processes
  --format  only the format;  -f  formats the sources in place

Exit codes: 0 all held, 1 a check failed, 2 cannot start.
Example:  tools/check.sh -f && tools/check.sh --quick
USAGE
}

sources() { (cd "$ROOT" && find crypto consensus chaincode network node tools tests \
  \( -name '*.h' -o -name '*.cpp' \) -print0); }

check_format() {
  need_packages clang-format
  say "Format"
  (cd "$ROOT" && sources | xargs -0 clang-format --dry-run -Werror) ||
    fail "some sources are not formatted: tools/check.sh -f formats them"
}

check_pure() {
  need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" clang libclang-rt-14-dev
  say "crypto, consensus and chaincode under ASan + UBSan"
  build pure-asan
  (cd "$ROOT/build/pure-asan" && ctest --output-on-failure --no-tests=error --timeout 900)
}

check_long() {
  say "Everything under ASan + UBSan"
  build asan
  (cd "$ROOT/build/asan" && ctest --output-on-failure --no-tests=error --timeout 3600)
  say "Everything under TSan"
  build tsan
  (cd "$ROOT/build/tsan" && ctest --output-on-failure --no-tests=error --timeout 3600)
}

check_campaigns() {
  say "Fuzzing, 60 s each"
  build fuzz
  local target name scratch
  for target in "$ROOT"/build/fuzz/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    [ -d "$ROOT/tests/fuzz/corpus/$name" ] || continue
    scratch=$(mktemp -d)
    say "  $name"
    "$target" -max_total_time=60 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$scratch/" "$scratch" "$ROOT/tests/fuzz/corpus/$name" >"$scratch.log" 2>&1 ||
      { tail -n 40 "$scratch.log"; fail "fuzz_$name found something; the input is in $scratch"; }
    grep -E 'number_of_executed_units|cov:' "$scratch.log" | tail -n 2
    rm -rf "$scratch" "$scratch.log"
  done
  say "5,000 seeds of the simulator"
  build release
  "$ROOT/build/release/tests/simulation/simulate" --first 100000 --seeds 5000
  say "20 kill -9 rounds"
  python3 -B "$ROOT/tests/e2e/run.py" "$ROOT/build/release/tools/sanad" crashes --kills 20
}

case "${1:---quick}" in
  --quick) check_format; check_pure ;;
  --long) check_format; check_pure; check_long; check_campaigns ;;
  --format) check_format ;;
  -f) need_packages clang-format; (cd "$ROOT" && sources | xargs -0 clang-format -i) ;;
  --help | -h) usage ;;
  *) usage >&2; exit 2 ;;
esac
