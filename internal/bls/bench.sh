#!/bin/sh
# Measures the algebra of signing and prints the tables of spec/bls.md in
# Markdown, in milliseconds: internal/bls/bench.sh [passes]
#
# Each figure is the median of so many passes (3). What takes longer than
# benchtime is done once in a pass. Columns: native, on one core and on two
# (-test.cpu); WebAssembly under Node as Go builds it; WebAssembly as
# cmd/sxp-wasm/build.sh builds the app; and the secret sharing of drand/kyber
# (internal/bls/compare), native. Jurors' claims are also decided by two jurors
# in two processes. Wants an idle machine with two cores.
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
GOOS=js GOARCH=wasm "$go" test -c -o "$work/jurywasm" ./contract/jury
inlined=$(sed -n 's/^inlined="\(.*\)"$/\1/p' cmd/sxp-wasm/build.sh)
set -- -gcflags=all=-l
set -f
for packages in $inlined; do set -- "$@" "-gcflags=$packages="; done
set +f
GOOS=js GOARCH=wasm "$go" test -c -trimpath "$@" -o "$work/app" ./internal/bls

# bench <label> <command> <which> <benchtime> <cores> prints one line for each
# figure: label, name, iterations, nanoseconds.
bench() {
	"$node" "./$2" -test.run='^$' -test.bench="$3" -test.benchtime="$4" -test.cpu="$5" | sed -n "s/^Benchmark/$1 /p"
}

cd "$work"
i=0
while [ "$i" -lt "$times" ]; do
	node=env
	bench native native "$what" 0.2s 1
	bench two native "$what" 0.2s 2 | sed 's/-2\([[:space:]]\)/\1/'
	bench kyber kyber . 0.1s 1
	bench native jury '^BenchmarkJurorClaims$' 0.3s 1
	bench two jury '^BenchmarkJurorClaims$' 0.3s 2 | sed 's/-2\([[:space:]]\)/\1/'
	bench pair jury '^BenchmarkJurorClaims$/^N=3$/^n=15$/^known$' 1s 1 > first &
	bench pair jury '^BenchmarkJurorClaims$/^N=3$/^n=15$/^known$' 1s 1
	wait
	cat first
	node=$node_exec
	bench wasm wasm "$what" 0.1s 1
	bench wasm jurywasm '^BenchmarkJurorClaims$' 0.1s 1
	bench app app "$what" 0.1s 1
	i=$((i + 1))
	echo "pass $i of $times" >&2
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
function rate(build, name,    key) {
	key = build " " name
	return (key in all) ? sprintf("%.3g", (build == "pair" ? 2e9 : 1e9) / median(key)) : "–"
}
END {
	print "| operation | native | native, two cores | wasm | wasm, as the app | kyber PVSS |"
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (name ~ /^Juror/ || !(("native " name) in all)) continue
		printf "| %s | %s | %s | %s | %s | %s |\n", name, cell("native", name), cell("two", name), cell("wasm", name), cell("app", name), cell("kyber", name)
	}
	print ""
	print "A juror decides, in claims a second:"
	print ""
	print "| claims | one core | two cores | two jurors on two cores | wasm |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (name !~ /^JurorClaims/ || !(("native " name) in all)) continue
		printf "| %s | %s | %s | %s | %s |\n", substr(name, 13), rate("native", name), rate("two", name), rate("pair", name), rate("wasm", name)
	}
}' figures
