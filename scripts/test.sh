#!/usr/bin/env bash
# Installs what is missing and runs the tests: the rules of the code, native tests, the suites in Node, in Chromium's page
# and worker and in a page of the other engines, the JavaScript contract, the types, the demo. --full also runs what takes
# longer, and has docs/reliability.md say what ran; --engines runs only the suites in every engine's page and worker, and
# does so too. Each suite has to have run at least as many tests as wasm-pack.toml says, because a suite that is skipped is
# silent.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source scripts/engines.sh
full=1 only_engines=
case "$*" in
  "") full= ;;
  --full) ;;
  --engines) only_engines=1 ;;
  *) fail "usage: scripts/test.sh [--full | --engines]" ;;
esac
if [ -d target/debug ]; then need_room 2 "$ROOT"; else need_room 5 "$ROOT"; fi
need_room 2 "${TMPDIR:-/tmp}"
use_own_tmp
install_build_tools
install_rust_checks
install_chromium
need python3 "install Python 3.11 or later: an export is loaded there"
LOGS="$ROOT/target/test-logs"
mkdir -p "$LOGS"
: >"$LOGS/counts"
summary=()
total=0

# check NAME COMMAND…: runs a command that tests nothing by number
check() {
  local name=$1
  shift
  say "$name"
  "$@" >"$LOGS/$name.log" 2>&1 || { cat "$LOGS/$name.log"; fail "$name failed"; }
}

# suite NAME COMMAND…: runs a command and counts the tests that it says have passed
suite() {
  local name=$1 passed least
  check "$@"
  # Cargo and wasm-bindgen say "test result: ok. 3 passed", Node's runner "pass 3".
  passed=$(sed -nE 's/^test result: ok\. ([0-9]+) passed.*/\1/p; s/^(ℹ|#) pass ([0-9]+)$/\2/p' "$LOGS/$name.log" |
    awk '{ sum += $1 } END { print sum + 0 }')
  least=$(recipe "tests.at-least.$name")
  [ "$passed" -ge "$least" ] || { tail -n 50 "$LOGS/$name.log"; fail "$name ran $passed tests; at least $least have to run"; }
  printf '%s passed\n' "$passed"
  summary+=("$(printf '%-20s %5s passed' "$name" "$passed")")
  total=$((total + passed))
  printf '%s %s\n' "$name" "$passed" >>"$LOGS/counts"
}

# skip NAME REASON
skip() {
  say "$1"
  printf 'skipped: %s\n' "$2"
  summary+=("$(printf '%-20s skipped: %s' "$1" "$2")")
}

end() {
  say "what ran"
  printf '%s\n' "${summary[@]}"
  printf '\n%s passed, 0 failed\n' "$total"
  exit
}

if [ -n "$only_engines" ]; then
  suites_in_engines
  end
fi
check format cargo fmt --check
# A newer compiler may warn of more than the rules in Cargo.toml; only for CI that is an error.
lints=(${CI:+-D warnings})
check lints-host cargo clippy --locked --all-targets --quiet -- "${lints[@]}"
check lints-wasm cargo clippy --locked --all-targets --quiet --target "$(recipe tools.target)" -- "${lints[@]}"
check docs env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet --features conformance
suite native cargo test --locked
# The same with pages of a few bytes: high trees, checkpoints of many steps, and indexes that are built in many.
suite native-tiny cargo test --locked --features tiny --test simulation --test find_model --test interleaved
suite node wasm-pack --log-level warn test --node -- --locked --no-default-features --test node
suites_in_engines
say "packages"
scripts/build.sh
scripts/build-test-pages.sh
suite contract-node node --test --test-reporter=spec tests/js/node.test.mjs tests/js/huge.test.mjs tests/js/readme.test.mjs \
  tests/js/bench.test.mjs tests/js/portable.test.mjs
suite contract-chromium node --test --test-reporter=spec tests/js/chromium.test.mjs tests/js/faults.test.mjs \
  tests/js/bundler.test.mjs tests/js/frameworks.test.mjs
suite types node --test --test-reporter=spec tests/js/types.test.mjs
suite tabs node --test --test-reporter=spec tests/tabs/tabs.test.mjs
# Some faults of each kind; SWEEP=full makes all of them.
suite sweep node --test --test-reporter=spec tests/sweep/sweep.test.mjs tests/sweep/quota.test.mjs
# The drivers of tests/reliability, a round of each where it takes little; they need both browsers.
if [ -n "${FIREFOX:-}" ] && [ -n "${WEBKIT:-}" ]; then
  suite drivers env ENGINES="firefox webkit" KILL_ROUNDS=1 KILLS=1 FIREFOX="$FIREFOX" WEBKIT="$WEBKIT" node --test \
    --test-reporter=spec tests/reliability/judge.test.mjs tests/reliability/network-process.test.mjs tests/reliability/kills.test.mjs
else
  skip drivers "Firefox or WebKitGTK is missing"
fi
if [ -n "$full" ]; then
  check sweep-full env SWEEP=full REPORT=1 node --test --test-reporter=spec tests/sweep/sweep.test.mjs
  check reliability scripts/reliability.sh --no-build
fi
check demo-types tsc --noEmit -p www
check demo-build vite build www --logLevel warn
suite demo bash -c 'node --test --test-reporter=spec tests/e2e/*.test.mjs'

end
