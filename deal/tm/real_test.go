package tm_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sxp/deal/tm"
)

// dataFolder is where real want lists are kept; they are not part of the
// project. It skips the test where there are none.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SXP_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "norm")); err != nil {
		t.Skip("no real want lists here (set SXP_DATA to their folder); package deal/gen makes lists like them for the other tests")
	}
	return dir
}

func read(t testing.TB, path string, set tm.Settings) *tm.List {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := tm.Read(f, set)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return l
}

// arcsOf writes every want as text. Pseudonyms differ between the two forms of
// some lists, so a person is called after their first item.
func arcsOf(l *tm.List) map[string]bool {
	arcs := make(map[string]bool)
	plain := func(name string) string { // the other program kept to ASCII
		return strings.Map(func(r rune) rune {
			if r > '~' {
				return '_'
			}
			return r
		}, name)
	}
	item := func(i int32) string { return l.Items[i].Name }
	owner := make(map[int]string)
	for _, it := range l.Items {
		if name, ok := owner[it.Person]; !ok || it.Name < name {
			owner[it.Person] = it.Name
		}
	}
	add := func(from string, wants []tm.Want) {
		for _, w := range wants {
			if w.Dummy >= 0 {
				d := l.Dummies[w.Dummy]
				arcs[from+" > "+plain(d.Name)+" of "+owner[d.Person]] = true
			} else {
				arcs[from+" > "+item(w.Item)] = true
			}
		}
	}
	for i, it := range l.Items {
		add(item(int32(i)), it.Wants)
	}
	for _, d := range l.Dummies {
		add(plain(d.Name)+" of "+owner[d.Person], d.Wants)
	}
	return arcs
}

// The raw lists and the same lists as rewritten for other solvers by a
// different program must mean the same.
func TestRawListsMeanTheSameAsNormalisedOnes(t *testing.T) {
	dir := dataFolder(t)
	files, err := filepath.Glob(filepath.Join(dir, "wants", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no lists: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			raw := read(t, f, tm.Settings{})
			norm := read(t, filepath.Join(dir, "norm", filepath.Base(f)), tm.Settings{})
			same(t, raw, norm)
			money := filepath.Join(dir, "norm", strings.TrimSuffix(filepath.Base(f), ".txt")+"-money.txt")
			if _, err := os.Stat(money); err == nil {
				raw := read(t, f, tm.Settings{Money: tm.MoneyAsItems})
				norm := read(t, money, tm.Settings{})
				// The other program drops cents, so that its "$30.50" also takes $30.
				if a, b := count(raw), count(norm); a[0] != b[0] || a[1] > b[1] || a[1] < b[1]-50 {
					t.Errorf("with money: %d items and %d wants, want %d", a[0], a[1], b)
				}
			}
		})
	}
}

func same(t *testing.T, raw, norm *tm.List) {
	t.Helper()
	if len(raw.Items) != len(norm.Items) || len(raw.Dummies) != len(norm.Dummies) || len(raw.People) != len(norm.People) {
		t.Errorf("%d items, %d dummies, %d people; want %d, %d, %d", len(raw.Items), len(raw.Dummies), len(raw.People), len(norm.Items), len(norm.Dummies), len(norm.People))
	}
	a, b := arcsOf(raw), arcsOf(norm)
	for _, x := range slices.Sorted(maps.Keys(a)) {
		if !b[x] {
			t.Errorf("extra want %s", x)
		}
	}
	for _, x := range slices.Sorted(maps.Keys(b)) {
		if !a[x] {
			t.Errorf("missing want %s", x)
		}
	}
}

// count returns the number of items and of wants.
func count(l *tm.List) [2]int {
	wants := 0
	for _, it := range l.Items {
		wants += len(it.Wants)
	}
	for _, d := range l.Dummies {
		wants += len(d.Wants)
	}
	return [2]int{len(l.Items), wants}
}
