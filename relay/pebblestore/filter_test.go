package pebblestore

import (
	"encoding/binary"
	"testing"
)

func TestFilterForgetsNothingAndIsSeldomWrong(t *testing.T) {
	t.Parallel()
	x := newFilter()
	key := func(i int) []byte { return binary.BigEndian.AppendUint64([]byte("pathpathpath"), uint64(i)) }
	if x.free(key(0)) {
		t.Error("a filter that is not loaded says that a path is free")
	}
	x.ready.Store(true)
	const n = 1_000_000
	for i := range n {
		x.add(key(i))
	}
	for i := 0; i < n; i += 7 {
		if x.free(key(i)) {
			t.Fatalf("path %d is taken, but the filter says that it is free", i)
		}
	}
	wrong := 0
	for i := n; i < n+100_000; i++ {
		if !x.free(key(i)) {
			wrong++
		}
	}
	if wrong > 300 {
		t.Errorf("%d of 100000 free paths were taken for taken, want less than 300", wrong)
	}
}
