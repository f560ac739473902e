#!/usr/bin/env bash
# Builds the packages under pkg/: web, bundler and node, optimised; prints their sizes and fails over the budget.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
install_build_tools

for target in web bundler; do
  say "package $target"
  wasm-pack --log-level warn build --release --target "$target" --out-dir "$(recipe "packages.$target")" --out-name agent_datastore
done
say "package node, and sizes"
node scripts/package.mjs
