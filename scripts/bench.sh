#!/usr/bin/env bash
# Measures this package and others like it in Chromium: scripts/bench.sh --help. --no-build takes the package that is there.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
build=1
arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=; else arguments+=("$argument"); fi
done
install_packages
install_chromium
if [ -n "$build" ]; then scripts/build.sh; fi
[ -e pkg/web/agent_datastore.js ] || fail "there is no package in pkg/web; run without --no-build"
if [ ! -e benches/node_modules/.installed ] || [ benches/package-lock.json -nt benches/node_modules/.installed ]; then
  say "packages to compare with"
  npm ci --prefix benches --no-audit --no-fund --loglevel=error
  touch benches/node_modules/.installed
fi
say "page"
vite build --config benches/vite.config.js --logLevel error
say "measuring"
exec node benches/run.mjs ${arguments[@]+"${arguments[@]}"}
