package agenda_test

import (
	"testing"

	"sxp"
	"sxp/contract/internal/agenda"
)

func TestDueInOrder(t *testing.T) {
	var a agenda.Agenda
	if _, ok := a.Due(100); ok || a.Next() != 0 {
		t.Error("something is due on an empty agenda")
	}
	a.Add(30, sxp.Hash{3})
	a.Add(10, sxp.Hash{2})
	a.Add(10, sxp.Hash{1})
	if a.Next() != 10 {
		t.Errorf("next is %d, want 10", a.Next())
	}
	for _, want := range []sxp.Hash{{1}, {2}} {
		if m, ok := a.Due(20); !ok || m != want {
			t.Errorf("due is %v %v, want %v", m, ok, want)
		}
	}
	if _, ok := a.Due(20); ok {
		t.Error("what is due at 30 is due at 20")
	}
}
