#!/bin/sh
# run.sh PAGE-FOLDER CASES-PROGRAM SHARED: the browser verifier's own tests under node, on what the
# ledger's code makes. PAGE-FOLDER is where tools/verifier/build.sh built the page, SHARED has the
# published vectors.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
page=$1
cases_program=$2
if [ ! -f "$page/page.html" ]; then
  [ -z "${CI:-}" ] || { echo "the page was not built, and CI wants it"; exit 1; }
  echo "SKIPPED verifier: the page was not built (npm is missing, or its registry)"
  exit 0
fi
export SANAD_SHARED="${SANAD_SHARED:-$3}"
export SANAD_CASES="$page/cases"
rm -rf "$SANAD_CASES" "$page/test" "$page/test-out"
mkdir "$page/test"
"$cases_program" >"$page/cases.log" || { cat "$page/cases.log"; exit 1; }
cp "$here"/*.ts "$page/test"
cp "$here/test.mjs" "$page"
cd -- "$page"
node node_modules/typescript/bin/tsc --noEmit
node test.mjs
