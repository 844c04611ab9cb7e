package identity_test

import (
	"bytes"
	"testing"

	"sxp/envelope"
	"sxp/identity"
	"sxp/vectors"
)

// viewVectors are messages and, as With["json"], their JSON view to a reader
// who knows cards and nothing else.
func viewVectors(t *testing.T) []vectors.Vector {
	c := card()
	c.KEM = nil // they are long and show nothing new
	plain := signCard(t, c)
	counter := func(raw []byte, by byte, over int, attrs map[string]string) []byte {
		out, err := envelope.Countersign(root(by).Signing(), raw, over, attrs)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	stacked := counter(plain, 2, envelope.OverMessage, map[string]string{"member": "since 2019", "vat": "paid"})
	stacked = counter(stacked, 3, 0, nil)
	stacked = counter(stacked, 4, envelope.OverMessage, nil)
	unknown, err := envelope.Sign(root(1).Signing(), "sxp.example/1", map[string]string{"want": "beer"})
	if err != nil {
		t.Fatal(err)
	}
	all := []vectors.Vector{
		{Name: "card", Why: "a payload of a known type stands in fields", Input: plain},
		{Name: "countersigned", Why: "countersignatures stand on each other", Input: stacked},
		{Name: "unknown-type", Why: "a payload of an unknown type stands as base64url", Input: unknown},
	}
	for i := range all {
		j, err := envelope.ToJSON(all[i].Input, identity.Types())
		if err != nil {
			t.Fatal(err)
		}
		all[i].With = map[string]string{"json": string(j)}
	}
	return all
}

func TestViewVectors(t *testing.T) {
	t.Parallel()
	checkVectors(t, "view", viewVectors(t), func(t *testing.T, v vectors.Vector) error {
		raw, err := envelope.FromJSON([]byte(v.With["json"]), identity.Types())
		if err == nil && !bytes.Equal(raw, v.Input) {
			t.Errorf("the view gives %x", raw)
		}
		return err
	})
}
