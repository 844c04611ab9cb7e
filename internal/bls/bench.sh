#!/bin/sh
# Measures the algebra of signing and prints one table in Markdown, in
# milliseconds: internal/bls/bench.sh [times]
#
# Each figure is the median of so many runs (3), on one core; jurors' claims
# also on two, in two processes. Columns: native; WebAssembly under Node as Go
# builds it; WebAssembly as cmd/sxp-wasm/build.sh builds the app; and the secret
# sharing of drand/kyber (internal/bls/compare), native. Wants an idle machine.
set -eu
cd "$(dirname "$0")/../.."
times=${1:-3}
go=${GO:-go}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node_exec=$("$go" env GOROOT)/lib/wasm/go_js_wasm_exec
what='^Benchmark(Promise|Verify|VerifyNaive|CheckCommitment|Open|VerifyShares|Recover)$'

"$go" test -c -o "$work/native" ./internal/bls
"$go" test -c -o "$work/jury" ./contract/jury
(cd internal/bls/compare && "$go" test -c -o "$work/kyber" .)
GOOS=js GOARCH=wasm "$go" test -c -o "$work/wasm" ./internal/bls
inlined=$(sed -n 's/^inlined="\(.*\)"$/\1/p' cmd/sxp-wasm/build.sh)
set -- -gcflags=all=-l
set -f
for packages in $inlined; do set -- "$@" "-gcflags=$packages="; done
set +f
GOOS=js GOARCH=wasm "$go" test -c -trimpath "$@" -o "$work/app" ./internal/bls

cd "$work"
export GOMAXPROCS=1
i=0
while [ "$i" -lt "$times" ]; do
	./native -test.run='^$' -test.bench="$what" -test.benchtime=0.3s | sed -n 's/^Benchmark/native /p'
	./kyber -test.run='^$' -test.bench=. -test.benchtime=0.2s | sed -n 's/^Benchmark/kyber /p'
	for build in wasm app; do
		"$node_exec" "./$build" -test.run='^$' -test.bench="$what" -test.benchtime=5x | sed -n "s/^Benchmark/$build /p"
	done
	./jury -test.run='^$' -test.bench=JurorClaims -test.benchtime=1s | sed -n 's/^Benchmark/native /p'
	for core in 1 2; do
		./jury -test.run='^$' -test.bench='JurorClaims/N=3/n=15/known' -test.benchtime=2s | sed -n 's/^Benchmark/both /p' &
	done
	wait
	i=$((i + 1))
done > figures

awk '
function median(key,    n, i, j, v, x) {
	n = split(all[key], v, " ")
	for (i = 2; i <= n; i++) { x = v[i] + 0; for (j = i - 1; j > 0 && v[j] + 0 > x; j--) v[j + 1] = v[j]; v[j + 1] = x }
	return v[int((n + 1) / 2)]
}
{
	name = $2
	if (!((name) in seen)) { seen[name] = 1; order[++count] = name }
	all[$1 " " name] = all[$1 " " name] " " $4
}
function cell(build, name,    key) {
	key = build " " name
	if (build == "kyber" && !(key in all)) { sub(/N=3\//, "", name); key = build " " name }
	return (key in all) ? sprintf("%.2f", median(key) / 1e6) : "–"
}
END {
	print "| operation | native | wasm | wasm, as the app | kyber PVSS |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (!(("native " name) in all)) continue
		printf "| %s | %s | %s | %s | %s |\n", name, cell("native", name), cell("wasm", name), cell("app", name), cell("kyber", name)
	}
	print ""
	print "A juror decides, in claims a second:"
	print ""
	print "| claims | one core | two cores |"
	print "|---|---|---|"
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (name !~ /^JurorClaims/ || !(("native " name) in all)) continue
		printf "| %s | %.0f | %s |\n", substr(name, 13), 1e9 / median("native " name), (("both " name) in all) ? sprintf("%.0f", 2e9 / median("both " name)) : "–"
	}
}' figures
