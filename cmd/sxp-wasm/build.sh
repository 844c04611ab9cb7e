#!/bin/sh
# Builds the agent for browsers: cmd/sxp-wasm/build.sh OUT [names]
# With "names" the functions keep their names, for internal/size.
#
# Functions are put into their callers only where speed is arithmetic: it makes
# all else larger by a tenth of what is transferred, and no faster to notice.
set -eu
cd "$(dirname "$0")/../.."
inlined="crypto/... math/... golang.org/x/crypto/... github.com/cloudflare/... github.com/consensys/... github.com/oasisprotocol/... sxp/internal/bls"

out=$1
strip="-s -w"
[ "${2:-}" = names ] && strip=-w
set -- -gcflags=all=-l
for packages in $inlined; do
	set -- "$@" "-gcflags=$packages="
done
GOOS=js GOARCH=wasm CGO_ENABLED=0 exec "${GO:-go}" build -trimpath -buildvcs=false -ldflags "$strip" "$@" -o "$out" ./cmd/sxp-wasm
