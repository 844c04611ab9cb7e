package coq_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// missing is the status of run.sh where Coq is not installed.
const missing = 3

// check runs run.sh of a folder. It skips the test where Coq is missing.
func check(t *testing.T, dir string) (string, error) {
	t.Helper()
	out, err := exec.Command("sh", filepath.Join(dir, "run.sh")).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == missing {
		t.Skip("coqc is not installed: the machine-checked proofs are not checked here (Debian: apt-get install coq)")
	}
	return string(out), err
}

// TestProofs has Coq check all proofs and print what they rest on.
func TestProofs(t *testing.T) {
	t.Parallel()
	out, err := check(t, ".")
	if err != nil {
		t.Fatalf("the proofs do not go through: %v\n%s", err, out)
	}
	for _, name := range []string{
		"Agreement.agreement", "Agreement.validity", "Certificates.certificates_exclude", "Certificates.outcome",
		"Repeats.repeats_suffice", "Watcher.vigilance", "Fairness.fairness", "Fairness.void_means_never", "Fairness.non_forgery", "Fairness.timeliness",
	} {
		if !strings.Contains("\n"+out, "\n"+name+"\n") {
			t.Errorf("run.sh does not report theorem %s:\n%s", name, out)
		}
	}
	t.Log(out)
}

// TestPageNamesTheorems: what docs/signing-proof.md quotes is stated here.
func TestPageNamesTheorems(t *testing.T) {
	page, err := os.ReadFile("../../docs/signing-proof.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([A-Z][a-z]+)\\.([a-z_]+)`").FindAllStringSubmatch(string(page), -1)
	if len(quoted) < 20 {
		t.Fatalf("the page names %d theorems, want all that matter", len(quoted))
	}
	for _, q := range quoted {
		if q[2] == "v" {
			continue
		}
		text, err := os.ReadFile(q[1] + ".v")
		if err != nil || !regexp.MustCompile(`(?m)^(Theorem|Corollary|Lemma|Inductive) `+q[2]+`\b`).Match(text) {
			t.Errorf("the page names %s.%s, which is not stated (error %v)", q[1], q[2], err)
		}
	}
}

// TestChecksBite: with a proof left open, or a rule of the juror or the party
// off, the check fails. Each change is made to the text of one file.
func TestChecksBite(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Coq several times")
	}
	for _, tt := range []struct{ name, file, old, new string }{
		{"a proof is left open", "Seats.v", "Proof. intros. apply NoDup_filter, seq_NoDup. Qed.", "Admitted."},
		{"an axiom", "Seats.v", "Definition seat := nat.", "Definition seat := nat.\nAxiom free : False."},
		{"an axiom of the library", "Tight.v", "Definition to (j", "Require Classical.\nTheorem excluded : forall P : Prop, P \\/ ~ P. Proof. exact Classical_Prop.classic. Qed.\n\nDefinition to (j"},
		{"voids before the close", "Juror.v", "if (close J <? now) && (covers", "if (covers"},
		{"a late claim is good", "Juror.v", "if valid J c && good J j now es", "if valid J c"},
		{"the own endorsement counts as another's", "Juror.v", "(i <? seats J) && negb (i =? j)) (nodup Nat.eq_dec es)).\n\n(** \"Good\"", "(i <? seats J)) (nodup Nat.eq_dec es)).\n\n(** \"Good\""},
		{"release after a clock was set back", "Party.v", "if ga && re && negb l then Some now", "if ga && re && (now <? limit + 1) then Some now"},
		{"a watcher that files after T_c only", "Watcher.v", "negb s && (tc <=? now)", "negb s && (tc <? now)"},
		{"release before lodging", "Party.v", "if ga && re && negb l then Some now", "if ga && negb l then Some now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			files, err := filepath.Glob("*.v")
			if err != nil || len(files) == 0 {
				t.Fatalf("no proofs here: %v", err)
			}
			changed := false
			for _, name := range append(files, "run.sh") {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				mutant := string(text)
				if name == tt.file {
					mutant = strings.Replace(mutant, tt.old, tt.new, 1)
					changed = mutant != string(text)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(mutant), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if !changed {
				t.Fatalf("%s has no %q", tt.file, tt.old)
			}
			if out, err := check(t, dir); err == nil {
				t.Errorf("the proofs go through all the same:\n%s", out)
			}
		})
	}
}
