package envelope_test

import (
	"fmt"

	"sxp"
	"sxp/envelope"
)

type order struct {
	Want string `json:"want"`
	N    int    `json:"n"`
}

const typeOrder envelope.Type = "sxp.example/1"

func ExampleSign() {
	ann := key(1) // an identity.SigningKey outside of these tests
	raw, err := envelope.Sign(ann, typeOrder, order{Want: "beer", N: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	var o order
	signer, err := envelope.Open(raw, typeOrder, &o)
	fmt.Println(signer == ann.ID(), o.N, o.Want, err)
	// Output: true 3 beer <nil>
}

func ExampleCountersign() {
	raw, err := envelope.Sign(key(1), typeOrder, order{Want: "beer", N: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	before := envelope.Digest(raw)
	raw, err = envelope.Countersign(key(2), raw, envelope.OverMessage, map[string]string{"member": "since 2019"})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Countersignatures[0].Attributes["member"], envelope.Digest(raw) == before)
	// Output: since 2019 true
}

func ExampleSeal() {
	bob := kem(1)
	sealed, err := envelope.Seal([]envelope.KEMPublic{bob.Public()}, "sxp.example/1", []byte("beer at 8"))
	if err != nil {
		fmt.Println(err)
		return
	}
	find := func(keyID sxp.Hash) (*envelope.KEMSecret, bool) { return bob, keyID == bob.KeyID() }
	plain, err := envelope.Unseal(find, "sxp.example/1", sealed)
	fmt.Println(string(plain), err)
	// Output: beer at 8 <nil>
}
