# Sourced by demo.sh, test.sh and check.sh: finds what is missing, installs it, builds.
#
# Sets ROOT. Installs only what dpkg-query misses, removes nothing, never prompts off a terminal.
# shellcheck shell=bash

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"

BUILD_PACKAGES=(g++ cmake ninja-build ccache pkg-config util-linux
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsodium-dev
  libleveldb-dev libcereal-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev
  libsnappy-dev prometheus-cpp-dev zlib1g-dev libqrencode-dev)
TEST_PACKAGES=(catch2 python3 python3-cbor2 spin faketime zbar-tools)
CLANG_PACKAGES=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" clang libclang-rt-14-dev)

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
  exit "${2:-1}"
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages NAME...: exit 2 with the one command to run where they cannot be installed from here.
need_packages() {
  local missing=() package run=()
  command -v dpkg-query >/dev/null || fail "this script knows Debian 12 (dpkg-query is missing)" 2
  for package in "$@"; do installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  for package in libboost1.74-dev libboost-dev; do
    if installed "$package" && printf '%s\n' "${missing[@]}" | grep -q '^libboost'; then
      fail "$package is installed and stands in the way of libboost1.81-dev (they share files).
Nothing was removed. To go on:  apt-get remove $package  and start again" 2
    fi
  done
  local install=(apt-get install -y --no-install-recommends --no-remove "${missing[@]}")
  if [ "$(id -u)" -eq 0 ]; then
    run=(env DEBIAN_FRONTEND=noninteractive)
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    run=(sudo env DEBIAN_FRONTEND=noninteractive)
  else
    fail "packages are missing and this user may not install them. Run once as root:
  apt-get update && ${install[*]}" 2
  fi
  say "Installing ${#missing[@]} missing packages: ${missing[*]}"
  if ! "${run[@]}" "${install[@]}" >/dev/null 2>&1; then
    "${run[@]}" apt-get update >/dev/null || fail "apt-get update failed: is the network up?" 3
    "${run[@]}" "${install[@]}" || fail "apt-get could not install: ${missing[*]}" 3
  fi
}

# npm builds the browser verifier. Debian's comes in 360 packages: only where there is none, and only
# for the tests; elsewhere the page is left out.
need_npm() { command -v npm >/dev/null || need_packages nodejs npm; }

# One compile takes up to 1.5 GB: no more jobs than memory and cores allow.
build_jobs() {
  local memory_kib cores jobs
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  cores=$(nproc)
  jobs=$((memory_kib / 1572864))
  [ "$jobs" -lt 1 ] && jobs=1
  [ "$jobs" -gt "$cores" ] && jobs=$cores
  echo "$jobs"
}

# need_disk MIB FOLDER
need_disk() {
  local free_mib
  free_mib=$(df -Pm "$2" | awk 'NR==2 {print $4}')
  [ "$free_mib" -ge "$1" ] || fail "$2 has $free_mib MiB free, $1 MiB are needed" 2
}

# build PRESET [TARGET...]: configures and builds in build/PRESET, one build at a time per tree.
build() {
  local preset=$1 folder log
  shift
  folder="$ROOT/build/$preset"
  mkdir -p "$folder"
  need_disk 3000 "$folder"
  exec 8>"$folder/.lock"
  if ! flock -n 8; then
    say "Another build of this tree is running: waiting for it."
    flock 8
  fi
  # A tree that was copied or moved carries a cache of its old place.
  if [ -f "$folder/CMakeCache.txt" ] &&
     ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$folder/CMakeCache.txt"; then
    rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  fi
  log="$folder/configure.log"
  (cd "$ROOT" && cmake --preset "$preset" >"$log" 2>&1) || { cat "$log"; fail "configuring failed"; }
  cmake --build "$folder" -j "$(build_jobs)" ${1:+--target "$@"} || fail "the build failed"
  exec 8>&-
}
