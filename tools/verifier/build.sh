#!/bin/sh
# build.sh FOLDER: builds the page in FOLDER (page.html, page.cpp), with this folder's sources.
#
# Where npm cannot get its packages the page is left out: page.cpp then says so. CI wants it.
set -eu
from=$(cd -- "$(dirname -- "$0")" && pwd)
into=$1
mkdir -p "$into"
cd -- "$into"

rm -rf src
cp -R "$from/src" "$from/build.mjs" "$from/package.json" "$from/package-lock.json" "$from/.npmrc" \
  "$from/tsconfig.json" .
# No package may run scripts of its own here.
if ! cmp -s package-lock.json node_modules/.built-from; then
  if npm ci --ignore-scripts >npm.log 2>&1; then
    cp package-lock.json node_modules/.built-from
  else
    cat npm.log >&2
    [ -z "${CI:-}" ] || exit 1
    echo "The browser verifier is left out: npm could not get its packages. To try again remove" \
      "$into/page.cpp" >&2
    rm -f page.html
    cp "$from/no_page.cpp" page.cpp
    exit 0
  fi
fi
node build.mjs page.html page.cpp
