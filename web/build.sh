#!/bin/sh
# Builds the app into web/dist: the agent as WebAssembly, the page, both
# compressed. Each step runs only if something it reads has changed.
#
#   web/build.sh             fails where Node 20 or npm is missing
#   web/build.sh optional    says in one line that the app is left out, and succeeds
#   web/build.sh install     only the page's tools, for its tests
set -eu
cd "$(dirname "$0")/.."

node_missing() {
	command -v node >/dev/null 2>&1 || { echo "Node is not here"; return; }
	command -v npm >/dev/null 2>&1 || { echo "npm is not here"; return; }
	node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' || echo "this Node is $(node --version)"
}

why=$(node_missing)
if [ -n "$why" ]; then
	echo "The app for browsers is left out: it needs Node 20.19 and npm, and $why."
	[ "${1:-}" = optional ] && exit 0
	exit 1
fi

# One build at a time in one folder.
if [ -z "${SXP_APP_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
	mkdir -p web/app/.packed
	SXP_APP_LOCKED=1 exec flock web/app/.packed/lock "$0" "$@"
fi

app=web/app
cache=$app/.packed
mkdir -p $cache $app/public

# step TEXT: what is being done, for who waits.
step() { echo "app: $*"; }

if ! cmp -s $app/package-lock.json $app/node_modules/.installed; then
	step "install the page's tools (npm ci)"
	(cd $app && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
	cp $app/package-lock.json $app/node_modules/.installed
fi
[ "${1:-}" = install ] && exit 0

step "compile the agent to WebAssembly"
GO="${GO:-go}" cmd/sxp-wasm/build.sh $cache/sxp.wasm
cp "$("${GO:-go}" env GOROOT)/lib/wasm/wasm_exec.js" $cache/wasm_exec.js
for f in sxp.wasm wasm_exec.js; do
	cmp -s $cache/$f $app/public/$f || cp $cache/$f $app/public/$f
done

# The page is built anew if one of its files, or their number, has changed.
sources=$(find $app -type f -not -path '*/node_modules/*' -not -path "$app/build/*" -not -path "$cache/*" -not -path "$app/e2e/*" -not -path '*/test-results/*' -not -path '*/playwright-report/*' | LC_ALL=C sort)
state=$(echo "$sources" | while read -r f; do cksum "$f"; done | cksum)
if [ "$state" != "$(cat $cache/state 2>/dev/null || true)" ] || [ ! -e $app/build/index.html ]; then
	step "build the page (vite)"
	if ! (cd $app && npx --no-install vite build --logLevel warn) >$cache/vite.log 2>&1; then
		cat $cache/vite.log
		exit 1
	fi
	echo "$state" >$cache/state
fi

step "compress into web/dist"
node web/pack.mjs $app/build web/dist $cache/forms
