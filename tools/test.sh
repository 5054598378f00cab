#!/usr/bin/env bash
# Installs what is missing, builds, runs all tests, lists and counts what was skipped.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/prepare.sh"

usage() {
  cat <<'USAGE'
Usage: tools/test.sh [--filter REGEX] [--help]

Builds Sanad with assertions on and runs every test.
  --filter REGEX  only the test programs whose name matches (as ctest -R)

Exit codes: 0 all passed, 1 a test or the build failed, 2 cannot start, 3 network.
Example:  tools/test.sh --filter crypto
USAGE
}

filter=()
while [ $# -gt 0 ]; do
  case "$1" in
    --filter) [ $# -ge 2 ] || fail "--filter needs a regular expression" 2
              filter=(-R "$2"); shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" 2 ;;
  esac
done

need_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
need_npm
build release

cd "$ROOT/build/release"
# One run of a tree at a time: ctest keeps its log there. Nothing that it starts holds the lock.
exec 8>.tests.lock
if ! flock -n 8; then
  say "Other tests of this tree are running: waiting for them."
  flock 8
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
ctest -j "$(nproc)" --output-on-failure --no-tests=error --timeout 900 --output-log "$log" \
  ${filter[@]+"${filter[@]}"} 8>&- || status=$?
skipped=$(grep -c '^SKIPPED ' Testing/Temporary/LastTest.log || true)
if [ "$skipped" -gt 0 ]; then
  say "Skipped:"
  grep '^SKIPPED ' Testing/Temporary/LastTest.log | sort | uniq -c | sed 's/^ */  /'
fi
say "$skipped skipped"
[ "$status" -eq 0 ] || exit 1
