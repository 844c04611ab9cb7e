package relay_test

import (
	"testing"

	"sxp/envelope"
	"sxp/relay"
	"sxp/vectors"
)

// FuzzOpen: what a relay gives as a record or a receipt is the sender's or the
// receiver's own word, or is refused.
func FuzzOpen(f *testing.F) {
	write := vectors.All("relay")["request-write"].Input
	var q relay.Request[relay.Write]
	sender, err := envelope.Open(write, relay.RequestType(relay.TypeWrite), &q)
	if err != nil {
		f.Fatal(err)
	}
	p := relay.Path{Sender: sender, Receiver: q.To, RecordID: q.Request.RecordID}
	for _, v := range vectors.All("relay") {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := relay.OpenRecord(p, raw); err == nil && (r.From != sender || r.To != q.To) {
			t.Errorf("a record of %s to %s stands at %v", r.From, r.To, p)
		}
		r, err := relay.OpenReceipt(raw, write)
		if err != nil {
			return
		}
		m, err := envelope.Parse(raw)
		if at, wrong := relay.ParsePath(r.Path); err != nil || wrong != nil || m.Signer != at.Receiver {
			t.Errorf("a receipt for %s that its receiver did not sign: %v, %v", r.Path, err, wrong)
		}
	})
}
