#!/usr/bin/env bash
# Builds tests/pages to pkg/test-pages: what the tests of tabs load beside the web package.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
install_build_tools

say "test pages"
# The versions of the crate that is tested, whatever they become.
cp Cargo.lock tests/pages/Cargo.lock
# Not where the packages are built: Cargo gives a module of other features the same name, and takes it for what it has built there.
export CARGO_TARGET_DIR=$ROOT/target/test-pages
wasm-pack --log-level warn build tests/pages --release --no-pack --no-opt --target web \
  --out-dir "$ROOT/pkg/test-pages" --out-name test_pages
