#!/usr/bin/env bash
# Builds the demo and serves it on 127.0.0.1, printing its address. PORT chooses the port, default 4173.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
scripts/build.sh
install_packages
say "demo page"
vite build www --logLevel warn
say "Open the address below; Ctrl-C ends it"
exec vite preview www --host 127.0.0.1 --port "${PORT:-4173}"
