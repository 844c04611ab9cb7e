#!/bin/sh
# Tests the app: its types and units, then the whole product in Chromium.
# Says what is left out where Node or Chromium is missing.
set -eu
cd "$(dirname "$0")/.."

skip() {
	echo "NOT TESTED: $*"
	exit 0
}

web/build.sh install || skip "the app (its types, its units, the product in a browser)"

echo "app: types"
(cd web/app && npm run --silent check)
echo "app: units"
(cd web/app && npm run --silent unit)

chromium=${SXP_CHROMIUM:-}
for c in chromium chromium-browser google-chrome; do
	[ -n "$chromium" ] || chromium=$(command -v $c || true)
done
[ -n "$chromium" ] || skip "the product in a browser: Chromium is not here (install it, or name it in SXP_CHROMIUM)"
make --no-print-directory build
echo "app: the product in $("$chromium" --version)"
(cd web/app && SXP_CHROMIUM=$chromium npm run --silent e2e)
