package memo_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/memo"
	"sxp/internal/bls"
)

func TestOf(t *testing.T) {
	t.Parallel()
	calls := 0
	next := func() int { calls++; return calls }
	table := memo.New(2)
	for i, x := range []struct {
		name string
		args any
		want int
	}{
		{"a", 1, 1}, {"a", 1, 1}, {"b", 1, 2}, {"a", 1, 1}, {"b", 1, 2},
		{"a", 2, 3}, {"a", 1, 4}, {"a", 2, 3}, // the third one made it forget
		{"a", make(chan int), 5}, {"a", make(chan int), 6}, // cannot be told apart
	} {
		if got := memo.Of(table, x.name, x.args, next); got != x.want {
			t.Errorf("%d: result %d, want %d", i, got, x.want)
		}
	}
	if a, b := memo.Of(nil, "a", 1, next), memo.Of(nil, "a", 1, next); a == b {
		t.Error("without a table a result was remembered")
	}
}

// TestTryRemembersFailure: a wrong fact costs no more than a right one.
func TestTryRemembersFailure(t *testing.T) {
	t.Parallel()
	table, calls, wrong := memo.New(1), 0, errors.New("wrong")
	for range 2 {
		if v, err := memo.Try(table, "a", 1, func() (int, error) { calls++; return 7, wrong }); v != 7 || err != wrong || calls != 1 {
			t.Errorf("result %d, error %v after %d calls, want 7, %v, 1", v, err, calls, wrong)
		}
	}
}

// TestAllGetOneResult: who comes at once gets what the others get.
func TestAllGetOneResult(t *testing.T) {
	t.Parallel()
	table := memo.New(10)
	var all [8]int
	var ready, done sync.WaitGroup
	ready.Add(len(all))
	for i := range all {
		done.Go(func() {
			all[i] = memo.Of(table, "a", 1, func() int {
				ready.Done()
				ready.Wait() // until all have begun
				return i + 1
			})
		})
	}
	done.Wait()
	for _, v := range all {
		if v != all[0] || v == 0 {
			t.Fatalf("results %v, want the same for all", all)
		}
	}
}

// A counter is an Algebra that accepts everything and counts.
type counter struct{ calls int }

func (c *counter) no() error                                         { c.calls++; return nil }
func (c *counter) Possession(sxp.ID, bls.G2, bls.G1) error           { return c.no() }
func (c *counter) JurorKey(sxp.ID, bls.G1, bls.G2, bls.G1) error     { return c.no() }
func (c *counter) Draw(bls.G2, sxp.Hash, bls.G1) error               { return c.no() }
func (c *counter) Draws([]bls.G2, sxp.Hash, []bls.G1) error          { return c.no() }
func (c *counter) Commitment(bls.G2, bls.Commitment, int, int) error { return c.no() }
func (c *counter) Promises(sxp.Hash, []bls.G2, []bls.PromiseCheck) error {
	return c.no()
}
func (c *counter) Shares(sxp.Hash, []bls.SharesCheck) error    { return c.no() }
func (c *counter) Session(bls.G2, sxp.Hash, bls.G1) error      { return c.no() }
func (c *counter) Aggregate(sxp.Hash, []bls.G2, bls.G1) error  { return c.no() }
func (c *counter) Recover(map[int]bls.G1, int) (bls.G1, error) { return bls.G1{}, c.no() }
func (c *counter) Combine(sxp.Hash, []bls.G1) (bls.G1, error)  { return bls.G1{}, c.no() }
func (c *counter) Seed([]bls.G1) (sxp.Hash, error)             { return sxp.Hash{}, c.no() }

// TestAlgebra: each method computes once for the same arguments, and anew if
// any one of them is another.
func TestAlgebra(t *testing.T) {
	t.Parallel()
	real := new(counter)
	a := reflect.ValueOf(memo.Algebra(memo.New(1000), real))
	for name := range reflect.TypeFor[contract.Algebra]().Methods() {
		m := a.MethodByName(name.Name)
		var args []reflect.Value
		for i := range m.Type().NumIn() {
			args = append(args, reflect.Zero(m.Type().In(i)))
		}
		called := func(args []reflect.Value, want int, what string) {
			before := real.calls
			m.Call(args)
			if got := real.calls - before; got != want {
				t.Errorf("%s, %s: %d calls, want %d", name.Name, what, got, want)
			}
		}
		called(args, 1, "first")
		called(args, 0, "again")
		for i := range args {
			other := append([]reflect.Value(nil), args...)
			other[i] = another(m.Type().In(i))
			called(other, 1, "another argument")
		}
	}
}

// another returns a value of a type that is not its zero.
func another(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Slice:
		return reflect.MakeSlice(t, 1, 1)
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.Zero(t.Key()), reflect.Zero(t.Elem()))
	case reflect.Array:
		v.Index(0).SetUint(1)
	case reflect.Struct: // bls.Commitment
		v.Field(0).Set(another(t.Field(0).Type))
	default:
		v.SetInt(1)
	}
	return v
}
