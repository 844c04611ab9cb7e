package world

import (
	"testing"

	"sxp"
	"sxp/identity"
	"sxp/relay"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	type call struct {
		who int
		at  sxp.Time // 0: forget
	}
	for name, tt := range map[string]struct {
		calls []call
		want  []wake // without seq
	}{
		"nobody waits":                        {nil, nil},
		"the earliest comes first":            {[]call{{1, 30}, {2, 10}, {3, 20}}, []wake{{at: 10, who: 2}, {at: 20, who: 3}, {at: 30, who: 1}}},
		"who was scheduled first breaks ties": {[]call{{7, 10}, {3, 10}, {5, 10}}, []wake{{at: 10, who: 7}, {at: 10, who: 3}, {at: 10, who: 5}}},
		"an earlier moment replaces a later":  {[]call{{1, 30}, {1, 10}}, []wake{{at: 10, who: 1}}},
		"a later moment changes nothing":      {[]call{{1, 10}, {1, 30}}, []wake{{at: 10, who: 1}}},
		"who is forgotten does not come":      {[]call{{1, 10}, {2, 20}, {1, 0}}, []wake{{at: 20, who: 2}}},
		"who was forgotten may wait again":    {[]call{{1, 10}, {1, 0}, {1, 40}}, []wake{{at: 40, who: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			var q queue
			for _, c := range tt.calls {
				if c.at == 0 {
					q.forget(c.who)
				} else {
					q.schedule(c.who, c.at)
				}
			}
			for i := 0; ; i++ {
				w, ok := q.next()
				if !ok {
					if i != len(tt.want) {
						t.Errorf("%d wakes, want %d", i, len(tt.want))
					}
					return
				}
				if i >= len(tt.want) || w.at != tt.want[i].at || w.who != tt.want[i].who {
					t.Fatalf("wake %d is of %d at %d, want %v", i, w.who, w.at, tt.want)
				}
			}
		})
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	key, err := identity.NewSigningKey(newSeeded(1, "gate"))
	if err != nil {
		t.Fatal(err)
	}
	request := func(typ string, to sxp.ID) []byte {
		raw, err := relay.Sign(key, typ, to, 1, newSeeded(1, typ), relay.Write{RecordID: "x", TTL: 1})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	g, other := &gate{left: 2}, sxp.ID{1}
	for i, tt := range []struct {
		typ  string
		to   sxp.ID
		pass bool
	}{
		{"write", other, true}, {"read", other, true}, {"write", key.ID(), true}, {"watch.lodge", other, true}, {"read", other, true},
		{"write", key.ID(), true}, {"jury.claim", other, false}, {"read", other, false}, {"write", other, false},
	} {
		if got := g.pass(request(tt.typ, tt.to)); got != tt.pass {
			t.Errorf("request %d, %s: passes %t, want %t", i, tt.typ, got, tt.pass)
		}
	}
	if !g.closed() {
		t.Error("the gate is open after the last message")
	}
	g.reopen()
	if !g.pass(request("write", other)) || g.closed() {
		t.Error("a reopened gate holds back a write")
	}
}

func TestSeededRepeats(t *testing.T) {
	t.Parallel()
	if first, again := newSeeded(1, "a").Uint64(), newSeeded(1, "a").Uint64(); first != again {
		t.Error("the same seed and name give different numbers")
	}
	if newSeeded(1, "a").Uint64() == newSeeded(1, "b").Uint64() || newSeeded(1, "a").Uint64() == newSeeded(2, "a").Uint64() {
		t.Error("another name or seed gives the same numbers")
	}
}
