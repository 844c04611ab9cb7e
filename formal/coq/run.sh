#!/bin/sh
# Has Coq check every proof of this folder, then prints what each theorem rests
# on. Fails if a proof does not go through, is left open, or uses an axiom.
# With --recheck, Coq's independent checker reads the compiled proofs as well.
set -eu
cd "$(dirname "$0")"

files="Seats Juror Party Watcher Execution Agreement Certificates Repeats Fairness Checker Tight Example"

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

# Every theorem and corollary, none left out, in one term: what it rests on, all rest on.
for f in $files; do
	sed -nE "s/^(Theorem|Corollary) ([A-Za-z0-9_]+).*/$f.\2/p" "$f.v"
done >names
total=$(wc -l <names)
{
	for f in $files; do echo "Require $f."; done
	echo "Definition everything := ("
	sed 's/^/@/; $!s/$/,/' names
	echo ")."
	echo "Print Assumptions everything."
} >Report.v
coqc -q Report.v >report
cat names report
if [ "$(cat report)" != "Closed under the global context" ]; then
	echo "formal/coq: a theorem rests on what is not proven" >&2
	exit 1
fi
echo "$total theorems, all closed: no axiom, nothing admitted ($(coqc --version | head -n 1))"

if [ "${1:-}" = --recheck ]; then
	coqchk -silent -o Report
fi
