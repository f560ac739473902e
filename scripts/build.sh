#!/usr/bin/env bash
# Builds the packages under pkg/: web, bundler and node, optimised; prints their sizes and fails over the budget.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
install_build_tools

# Panic messages name source files; not by where they lie on this machine.
remaps="\"--remap-path-prefix=$ROOT=agent-datastore\""
for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
  remaps+=", \"--remap-path-prefix=${folder%/}=crates\""
done
say "module"
rm -rf "$(recipe packages.made)"
wasm-pack --log-level warn build --release --target web --out-dir "$(recipe packages.made)" --out-name agent_datastore -- \
  --locked --config "target.$(recipe tools.target).rustflags = [$remaps]"
say "packages, and their sizes"
node scripts/package.mjs
