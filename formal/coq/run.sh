#!/bin/sh
# Has Coq check every proof of this folder, then prints what each theorem rests
# on. Fails if a proof does not go through, is left open, or uses an axiom.
# With --recheck, Coq's independent checker reads the compiled proofs as well.
set -eu
cd "$(dirname "$0")"

files="Seats Juror Execution Agreement Certificates Repeats Party Fairness Checker Tight Example"

if ! command -v coqc >/dev/null; then
	echo "formal/coq: coqc is missing (Debian: apt-get install coq)" >&2
	exit 3
fi
for f in *.v; do
	case " $files " in
	*" ${f%.v} "*) ;;
	*) echo "formal/coq: $f is not in the list of this script" >&2; exit 1 ;;
	esac
done
if grep -nE '\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjecture|Abort|Unset Guard|bypass_check|type_in_type)\b' ./*.v; then
	echo "formal/coq: a proof is open, or something is assumed without a proof" >&2
	exit 1
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cp ./*.v "$out"
cd "$out"
for f in $files; do
	coqc -q "$f.v"
done

# Every theorem and corollary, none left out.
{
	for f in $files; do echo "Require $f."; done
	for f in $files; do
		sed -nE 's/^(Theorem|Corollary) ([A-Za-z0-9_]+).*/\2/p' "$f.v" | while read -r name; do
			printf 'Goal True. idtac "%s.%s". Abort.\nPrint Assumptions %s.%s.\n' "$f" "$name" "$f" "$name"
		done
	done
} >Report.v
coqc -q Report.v >report
awk 'NR % 2 { name = $0; next } { printf "%-45s %s\n", name, $0 }' report
total=$(grep -c '^Print' Report.v)
closed=$(grep -c '^Closed under the global context$' report || true)
echo "$total theorems, $closed of them closed: no axiom, nothing admitted ($(coqc --version | head -n 1))"
[ "$total" -gt 0 ] && [ "$total" = "$closed" ] && [ "$(wc -l <report)" = $((2 * total)) ]

if [ "${1:-}" = --recheck ]; then
	coqchk -silent -o Report
fi
