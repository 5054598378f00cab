#!/bin/sh
# run.sh PAGE-FOLDER SHARED: the browser verifier in Debian's Chromium, on the cases that
# tests/verifier/run.sh left in PAGE-FOLDER. Screenshots go to PAGE-FOLDER/browser.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
page=$1
export SANAD_SHARED="${SANAD_SHARED:-$2}"
mkdir -p "$page/browser"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$here/run.mjs" "$page/browser"
cd -- "$page/browser"
cmp -s package-lock.json node_modules/.built-from ||
  { npm ci --ignore-scripts && cp package-lock.json node_modules/.built-from; }
node run.mjs "$page/page.html" "$page/cases" .
