package identity

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/identity/keyfile"
)

func TestSmoke(t *testing.T) {
	r, err := NewRoot(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r2, err := RootFromWords(r.Words())
	if err != nil || r2.Signing().ID() != r.Signing().ID() {
		t.Fatal(err)
	}
	zero, _ := ParseRoot(make([]byte, 32))
	if got := strings.Join(zero.Words(), " "); got != strings.Repeat("abandon ", 23)+"art" {
		t.Fatal(got)
	}
	c := NewCard(r, "Alice", 1000, 1000+sxp.Time(KEMPeriod))
	c.Relays = []string{"https://relay.example/"}
	raw, err := SignCard(r.Signing(), c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := MarshalFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %d", f, len(raw))
	g, err := ParseFile(f)
	if err != nil {
		t.Fatal(err)
	}
	l, err := g.Link()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseLink(l); err != nil {
		t.Fatal(err)
	}
	p := filepath.Join(t.TempDir(), "k")
	if err := keyfile.Save(p, r.Bytes(), []byte("pw")); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Load(p, []byte("pw")); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Load(p, []byte("px")); sxp.KindOf(err) != sxp.Denied {
		t.Fatal(err)
	}
}
