package contract_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
)

// leaves calls visit for every value in v that has no parts, with functions
// that change it where it is, and back.
func leaves(v reflect.Value, path string, visit func(path string, change, undo func())) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range v.Len() {
				leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
			}
			return
		}
		for _, i := range []int{0, v.Len() / 2, v.Len() - 1} {
			flip := func() { v.Index(i).SetUint(v.Index(i).Uint() ^ 1) }
			visit(fmt.Sprintf("%s[%d]", path, i), flip, flip)
		}
	case reflect.String:
		old := v.String()
		visit(path, func() { v.SetString(old + "x") }, func() { v.SetString(old) })
	case reflect.Int, reflect.Int64:
		flip := func() { v.SetInt(v.Int() ^ 1) }
		visit(path, flip, flip)
	default:
		panic("a preimage has a field of a kind that this test does not know: " + path)
	}
}

// claimOfRun returns a claim of a session, as a party signed it.
func claimOfRun(tb testing.TB, w *world) []byte {
	for stop := 1; stop < 40; stop++ { // once it has promised, and not released
		s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(stop)}})
		if s.run(s.end()); len(s.claim) > 0 {
			return s.claim
		}
	}
	tb.Fatal("no run has a claim")
	return nil
}

// sameForm: a Reader's CheckForm gives what CheckForm gives.
func sameForm(t *testing.T, r *contract.Reader, p *contract.Preimage, path string) {
	t.Helper()
	want, wantErr := p.CheckForm()
	got, err := r.CheckForm(p)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the form is %v, want %v", path, err, wantErr)
	}
}

// TestReaderKnowsEveryField: m is never that of a preimage which differs in
// anything, also where the change is made in what the reader was shown before.
func TestReaderKnowsEveryField(t *testing.T) {
	t.Parallel()
	c, _, _, err := contract.OpenClaim(claimOfRun(t, worldOf(t, 3, 3)))
	if err != nil {
		t.Fatal(err)
	}
	p := &c.Preimage
	m, fields := p.M(), 0
	r := new(contract.Reader)
	leaves(reflect.ValueOf(p).Elem(), "", func(path string, change, undo func()) {
		fields++
		if r.M(p) != m {
			t.Fatalf("%s: another m for the same", path)
		}
		change()
		if got := r.M(p); got != p.M() || got == m {
			t.Errorf("%s was changed: m is %v, want %v", path, got, p.M())
		}
		sameForm(t, r, p, path)
		undo()
		sameForm(t, r, p, path)
	})
	if fields < 60 {
		t.Errorf("only %d fields were changed", fields)
	}
	for name, cut := range map[string]func(){
		"a party less": func() { p.Parties = p.Parties[:2] },
		"a seat less":  func() { p.Jury = p.Jury[:2] },
		"no jury":      func() { p.Jury = nil },
	} {
		whole := *p
		if r.M(p) != m {
			t.Fatal("another m for the same")
		}
		if cut(); r.M(p) != p.M() || r.M(p) == m {
			t.Errorf("%s: m is %v, want %v", name, r.M(p), p.M())
		}
		*p = whole
	}
}

// TestReaderOpensAsOpenClaim: whatever was read before, a Reader gives what
// OpenClaim gives, for who else signs the same claim and for bytes that were
// changed where they are.
func TestReaderOpensAsOpenClaim(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	raw := claimOfRun(t, w)
	m := must(envelope.Parse(raw))
	var c contract.Claim
	if err := envelope.Unmarshal(m.Payload, &c); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{
		"by the first party": must(envelope.Sign(w.people[0].id, contract.TypeClaim, &c)), "by the second": must(envelope.Sign(w.people[1].id, contract.TypeClaim, &c)),
		"by a stranger": must(envelope.Sign(w.issuer, contract.TypeClaim, &c)), "countersigned": must(envelope.Countersign(w.issuer, raw, envelope.OverMessage, nil)),
		"of another type": must(envelope.Sign(w.people[0].id, contract.TypeLodged, &c)), "nothing": nil,
	}
	less := c
	less.Promises = c.Promises[:1]
	all["a promise less"] = must(envelope.Sign(w.people[0].id, contract.TypeClaim, &less))
	r := new(contract.Reader)
	check := func(name string, raw []byte) {
		t.Helper()
		want, wantParty, wantAccepts, wantErr := contract.OpenClaim(raw)
		got, party, accepts, err := r.OpenClaim(raw)
		switch {
		case fmt.Sprint(err) != fmt.Sprint(wantErr):
			t.Errorf("%s: error %v, want %v", name, err, wantErr)
		case err == nil && !(reflect.DeepEqual(got, want) && party == wantParty && reflect.DeepEqual(accepts, wantAccepts)):
			t.Errorf("%s: another claim, or by another party", name)
		}
	}
	for range 2 {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			check(name, all[name])
		}
	}
	for i := 0; i < len(raw); i += 37 {
		check("whole", raw)
		raw[i] ^= 4
		check(fmt.Sprintf("byte %d changed", i), raw)
		raw[i] ^= 4
	}
}

// TestReaderForgets: more sessions and claims than a Reader holds change nothing
// but the time.
func TestReaderForgets(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	c, _, _, err := contract.OpenClaim(claimOfRun(t, w))
	if err != nil {
		t.Fatal(err)
	}
	r := new(contract.Reader)
	for i := range 100 {
		c.Preimage.Seed = sxp.Hash{byte(i % 40)}
		raw := must(envelope.Sign(w.people[0].id, contract.TypeClaim, c))
		got, _, _, err := r.OpenClaim(raw)
		if err != nil || got.Preimage.M() != c.Preimage.M() || r.M(&c.Preimage) != c.Preimage.M() {
			t.Fatalf("claim %d: %v", i, err)
		}
	}
}

// TestReaderKnowsShares: a Reader says of shares what they say, for what it has
// seen before as for what differs in a byte.
func TestReaderKnowsShares(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	r := new(contract.Reader)
	for i := range 1200 {
		m := sxp.Hash{byte(i % 600 >> 8), byte(i % 600)}
		raw := must(contract.SignShares(w.issuer, m, 1, nil))
		for range 2 {
			if got, err := r.SharesOf(raw); err != nil || got != m {
				t.Fatalf("shares of %v are of %v: %v", m, got, err)
			}
		}
		raw[len(raw)-1-i%len(raw)] ^= 1
		var v contract.Shares
		_, want := envelope.Open(raw, contract.TypeShares, &v)
		if _, err := r.SharesOf(raw); want == nil || fmt.Sprint(err) != fmt.Sprint(want) {
			t.Fatalf("a byte was changed: error %v, want %v", err, want)
		}
	}
}
