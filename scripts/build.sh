#!/usr/bin/env bash
# Builds the packages under pkg/: web, bundler and node, optimised; prints their sizes and fails over the budget.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
install_build_tools

# Panic messages name source files; not by where they lie on this machine.
remaps="\"--remap-path-prefix=$ROOT=agent-datastore\""
for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
  remaps+=", \"--remap-path-prefix=${folder%/}=crates\""
done
for target in web bundler; do
  say "package $target"
  wasm-pack --log-level warn build --release --target "$target" --out-dir "$(recipe "packages.$target")" \
    --out-name agent_datastore -- --locked --config "target.$(recipe tools.target).rustflags = [$remaps]"
done
say "package node, and sizes"
node scripts/package.mjs
