# Sourced by the other scripts: where things are, and how to get what is missing. Everything is pinned by wasm-pack.toml
# and the lock files. Tools go to a folder of the user's cache, by version, so that every checkout shares them.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
TOOLS=${AGENT_DATASTORE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/agent-datastore/tools}
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
# Nothing is built twice in CI, so what a second build could take over from the first would only fill the disk.
if [ -n "${CI:-}" ]; then export CARGO_INCREMENTAL=0; fi

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing; $2"; }

# recipe KEY: a value of wasm-pack.toml, such as tools.wasm-pack
recipe() { node scripts/recipe.mjs "$1"; }

# Has all that follows put its temporary files into a folder that goes with this script: browsers that are killed, and their
# drivers, leave profiles of hundreds of megabytes. The name is short, for sockets are made in it.
use_own_tmp() {
  TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/ads.XXXXXX")
  export TMPDIR
  # A browser that is just ending may still write.
  trap 'rm -rf --one-file-system "$TMPDIR" 2>/dev/null || { sleep 2; rm -rf --one-file-system "$TMPDIR"; } || true' EXIT
}

# need_room GIB FOLDER: browsers refuse to open databases where the disk is nearly full, which looks like a fault of the store
need_room() {
  local room
  room=$(df -Pk "$2" | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
  [ "$room" -ge "$1" ] || fail "$room GiB of room are left on the disk of $2; $1 are needed"
}

install_packages() {
  need node "install Node 20.19 or later"
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b >= 2019 ? 0 : 1)' ||
    fail "Node $(node --version) is too old; install 20.19 or later"
  need npm "it comes with Node"
  if [ ! -e node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
    say "npm packages"
    npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.installed
  fi
  export PATH="$ROOT/node_modules/.bin:$PATH"
}

# install_crate CRATE: a pinned command, built once
install_crate() {
  local crate=$1 version folder
  version=$(recipe "tools.$crate")
  folder="$TOOLS/$crate-$version"
  if [ ! -e "$folder/.crates.toml" ]; then
    say "$crate $version (built once, takes some minutes)"
    # Not --locked: its lock file may name a version that a registry has withdrawn.
    cargo install "$crate" --version "$version" --root "$folder" --quiet || return
  fi
  export PATH="$folder/bin:$PATH"
}

install_rust_tools() {
  need rustup "get it from https://rustup.rs"
  need cc "cargo links with it; on Debian it is in the package gcc"
  local target
  target=$(recipe tools.target)
  rustup target list --installed | grep -qx "$target" || { say "target $target"; rustup target add "$target"; }
  install_crate wasm-bindgen-cli
  install_crate wasm-pack
}

install_rust_checks() {
  local component
  for component in rustfmt clippy; do
    rustup component list --installed | grep -q "^$component" || { say "component $component"; rustup component add "$component"; }
  done
}

# install_debian NAME PACKAGE…: as root on Debian; elsewhere it fails, and MISSING says what is missing. It returns instead
# of exiting, because a short test can do without some browsers: what follows has no `set -e` then, so it says `|| return`.
install_debian() {
  local name=$1
  shift
  MISSING="$name is missing; on Debian, as root: apt-get install $*"
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return
  say "$name"
  apt-get update -qq || return
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null || return
}

# Finds or installs Chromium and its driver, and exports CHROMIUM and CHROMEDRIVER.
install_chromium() {
  CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  CHROMEDRIVER=${CHROMEDRIVER:-$(command -v chromedriver || true)}
  if [ -z "$CHROMIUM" ] || [ -z "$CHROMEDRIVER" ]; then
    install_debian "Chromium or a chromedriver of its version" chromium chromium-driver ||
      fail "$MISSING; or name them in CHROMIUM and CHROMEDRIVER"
    CHROMIUM=$(command -v chromium)
    CHROMEDRIVER=$(command -v chromedriver)
  fi
  export CHROMIUM CHROMEDRIVER
}

# Finds or installs Firefox and its driver, and sets FIREFOX and GECKODRIVER; fails where that cannot be.
install_firefox() {
  FIREFOX=${FIREFOX:-$(command -v firefox-esr || command -v firefox || true)}
  if [ -z "$FIREFOX" ]; then
    install_debian Firefox firefox-esr || return
    FIREFOX=$(command -v firefox-esr)
  fi
  if [ -z "${GECKODRIVER:-}" ]; then
    install_crate geckodriver || { MISSING="geckodriver is missing, and could not be built"; return 1; }
    GECKODRIVER=$(command -v geckodriver)
  fi
}

# Finds or installs WebKitGTK, its driver and a display for it, and sets WEBKIT and WEBKIT_DRIVER; fails where that cannot be.
install_webkit() {
  find_webkit
  if [ -z "$WEBKIT" ] || [ -z "$WEBKIT_DRIVER" ] || ! command -v xvfb-run >/dev/null || ! command -v dbus-run-session >/dev/null; then
    install_debian "WebKitGTK, its driver, Xvfb or D-Bus" webkit2gtk-driver xvfb xauth dbus dbus-x11 || return
    find_webkit
  fi
}

find_webkit() {
  WEBKIT_DRIVER=${WEBKIT_DRIVER:-$(command -v WebKitWebDriver || true)}
  # No PATH leads to it.
  WEBKIT=${WEBKIT:-$(compgen -G '/usr/lib*/*/webkit2gtk-4.1/MiniBrowser' | head -n 1 || true)}
}

install_build_tools() {
  install_packages
  install_rust_tools
}

# Finds or installs what a power cut needs, and exports POWERFS_PYTHON; fails where that cannot be.
install_powerfs() {
  local version folder
  version=$(recipe tools.mfusepy)
  folder="$TOOLS/mfusepy-$version"
  command -v fusermount3 >/dev/null || install_debian FUSE fuse3 || return
  if [ ! -e "$folder/.installed" ]; then
    python3 -c 'import ensurepip' 2>/dev/null || install_debian "Python's venv" python3-venv || return
    say "mfusepy $version"
    python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --no-deps "mfusepy==$version" ||
      { MISSING="mfusepy could not be installed"; return 1; }
    touch "$folder/.installed"
  fi
  export POWERFS_PYTHON="$folder/bin/python"
}
