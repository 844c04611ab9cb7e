package vectors_test

import (
	"io/fs"
	"slices"
	"testing"

	"sxp"
	"sxp/vectors"
)

// TestEveryFileIsAVector: it has a name, a reason, and a kind that exists.
func TestEveryFileIsAVector(t *testing.T) {
	t.Parallel()
	kinds := []string{"", string(sxp.Invalid), string(sxp.TooLarge), string(sxp.NotFound), string(sxp.Denied), string(sxp.Replay), string(sxp.Clock),
		string(sxp.Late), string(sxp.Early), string(sxp.Conflict), string(sxp.Full), string(sxp.Busy), string(sxp.Unavailable), string(sxp.Unsupported)}
	folders, err := fs.ReadDir(vectors.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) < 7 {
		t.Errorf("only %d folders", len(folders))
	}
	for _, f := range folders {
		if f.Name() == "js" || f.Name() == "blst" { // programs that read them
			continue
		}
		accepted := 0
		for name, v := range vectors.All(f.Name()) {
			if v.Why == "" {
				t.Errorf("%s/%s does not say why", f.Name(), name)
			}
			if !slices.Contains(kinds, v.Expect) {
				t.Errorf("%s/%s expects %q, which is no kind", f.Name(), name, v.Expect)
			}
			if v.Expect == "" {
				accepted++
			}
		}
		if accepted == 0 {
			t.Errorf("nothing in %s is accepted", f.Name())
		}
	}
}
