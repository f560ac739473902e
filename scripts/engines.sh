# Sourced by test.sh: the suites on IndexedDB in every engine of wasm-pack.toml. All run the same WebAssembly, so nothing is
# built twice. A short round is Chromium's page and worker and the others' pages, a full one is all of them.

# install_engine ENGINE: fails where it cannot be installed, and MISSING says why
install_engine() {
  case $1 in
    chromium | sqlite) install_chromium ;;
    firefox) install_firefox ;;
    webkit) install_webkit ;;
    *) fail "there is no way to test in $1 yet" ;;
  esac
}

binary_of() {
  case $1 in
    chromium | sqlite) printf '%s\n' "$CHROMIUM" ;;
    firefox) printf '%s\n' "$FIREFOX" ;;
    webkit) printf '%s\n' "$WEBKIT" ;;
  esac
}

# in_engine ENGINE TEST: runs tests/TEST.rs there
in_engine() {
  local driver display=()
  case $1 in
    chromium | sqlite) driver=(--chrome --chromedriver "$CHROMEDRIVER") ;;
    firefox) driver=(--firefox --geckodriver "$GECKODRIVER") ;;
    # It is Safari's engine, and has no headless mode.
    webkit)
      driver=(--safari --safaridriver "$WEBKIT_DRIVER")
      display=(xvfb-run -a dbus-run-session --)
      ;;
  esac
  # The test runner takes the first driver that it finds in the environment, whatever wasm-pack tells it.
  env -u GECKODRIVER -u SAFARIDRIVER -u CHROMEDRIVER -u GECKODRIVER_REMOTE -u SAFARIDRIVER_REMOTE -u CHROMEDRIVER_REMOTE \
    WASM_BINDGEN_TEST_WEBDRIVER_JSON="$ROOT/target/webdriver-$1.json" WASM_BINDGEN_TEST_TIMEOUT=300 \
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT=30 \
    ${display[@]+"${display[@]}"} wasm-pack --log-level warn test --headless "${driver[@]}" -- --locked --no-default-features --test "$2"
}

suites_in_engines() {
  local engine suffix
  suite engines node --test --test-reporter=spec tests/engines.test.mjs
  for engine in $(recipe tests.browsers); do
    suffix=-$engine
    if [ "$engine" = chromium ]; then suffix=; fi
    if ! install_engine "$engine"; then
      # CI and a full round leave nothing out.
      [ -z "$full${CI:-}" ] || fail "$MISSING"
      skip "page$suffix" "$MISSING"
      continue
    fi
    node scripts/webdriver.mjs "$engine" "$(binary_of "$engine")" >"target/webdriver-$engine.json"
    suite "page$suffix" in_engine "$engine" page
    if [ "$engine" = chromium ] || [ -n "$full" ]; then suite "worker$suffix" in_engine "$engine" worker; fi
  done
  if [ -n "$full" ]; then report_suites; fi
}

version_of() {
  case $1 in
    webkit) xvfb-run -a "$WEBKIT" --version ;;
    *) "$(binary_of "$1")" --version ;;
  esac
}

# Writes the counts of this run into docs/reliability.md.
report_suites() {
  local engine versions=()
  for engine in $(recipe tests.browsers); do
    versions+=("$engine=$(version_of "$engine")")
  done
  node scripts/suites.mjs "$LOGS/counts" "${versions[@]}"
}
