#!/usr/bin/env bash
# Kills browsers, cuts the power, fills the disk: runs the drivers of tests/reliability at full depth and writes what they
# measured into docs/reliability.md. Takes two hours. --no-build takes the package that is there; names of drivers, such as
# kills or power-cut, run only those.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
build=1
drivers=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=; else drivers+=("$argument"); fi
done
[ "${#drivers[@]}" -gt 0 ] || drivers=(kills power-cut full-disk network-process)
use_own_tmp
install_packages
install_chromium
# A driver says itself what it leaves out where one of these is missing.
install_firefox || say "left out: $MISSING"
install_webkit || say "left out: $MISSING"
install_powerfs || say "left out: $MISSING"
if [ -n "$build" ]; then scripts/build.sh; fi
[ -e pkg/web/agent_datastore.js ] || fail "there is no package in pkg/web; run without --no-build"

export KILL_ROUNDS=${KILL_ROUNDS:-20} POWER_ROUNDS=${POWER_ROUNDS:-4} REPORT=${REPORT:-1}
failed=()
say "what judges, and the disk"
node --test --test-reporter=spec tests/reliability/judge.test.mjs tests/reliability/powerfs.test.mjs
for driver in "${drivers[@]}"; do
  say "$driver"
  node --test --test-reporter=spec "tests/reliability/$driver.test.mjs" || failed+=("$driver")
done
[ "${#failed[@]}" = 0 ] || fail "failed: ${failed[*]}"
