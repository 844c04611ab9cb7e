package envelope_test

import (
	"bytes"
	"errors"
	"testing"

	"sxp"
	"sxp/envelope"
)

type small struct {
	A  uint64         `json:"a,omitempty"`
	F  [4]byte        `json:"f,omitzero"`
	L  []uint8        `json:"l,omitempty"`
	S  []string       `json:"s,omitempty"`
	M  map[string]int `json:"m,omitempty"`
	P  *uint64        `json:"p,omitempty"`
	T  string         `json:"t,omitempty"`
	B  bool           `json:"b,omitempty"`
	I8 int8           `json:"i8,omitempty"`
	Q  [2]uint64      `json:"q,omitzero"`
}

// TestUnmarshalTakesOneEncodingOnly has the traps of the CBOR library beside
// the rules of RFC 8949; vectors/envelope has the rules that need no Go type.
func TestUnmarshalTakesOneEncodingOnly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in   []byte
		want error
	}{
		"empty":                                 {x("a0"), nil},
		"all sorts":                             {x("a5 6161 01 6162 f5 6166 44 01020304 6173 81 6178 626938 20"), nil},
		"unknown field":                         {x("a1 617a 01"), sxp.Invalid},
		"field in another case":                 {x("a1 6141 01"), sxp.Invalid},
		"field name as bytes":                   {x("a1 4161 01"), sxp.Invalid},
		"zero where it is left out":             {x("a1 6161 00"), sxp.Invalid},
		"empty list where it is left out":       {x("a1 6173 80"), sxp.Invalid},
		"null where it is left out":             {x("a1 6170 f6"), sxp.Invalid},
		"null for a number":                     {x("a1 6161 f6"), sxp.Invalid},
		"fixed bytes too short":                 {x("a1 6166 43 010203"), sxp.Invalid},
		"fixed bytes too long":                  {x("a1 6166 45 0102030405"), sxp.Invalid},
		"fixed bytes as a list":                 {x("a1 6166 84 01 02 03 04"), sxp.Invalid},
		"fixed list too short":                  {x("a1 6171 81 01"), sxp.Invalid},
		"fixed list too long":                   {x("a1 6171 83 01 02 03"), sxp.Invalid},
		"bytes as a list":                       {x("a1 616c 81 01"), sxp.Invalid},
		"text as bytes":                         {x("a1 6174 41 61"), sxp.Invalid},
		"number out of range":                   {x("a1 626938 18 80"), sxp.Invalid},
		"negative for unsigned":                 {x("a1 6161 20"), sxp.Invalid},
		"map for a list":                        {x("a1 6173 a0"), sxp.Invalid},
		"trailing bytes":                        {x("a0 00"), sxp.Invalid},
		"no bytes":                              {nil, sxp.Invalid},
		"a list for a struct":                   {x("80"), sxp.Invalid},
		"unsorted":                              {x("a2 6162 f5 6161 01"), sxp.Invalid},
		"duplicate":                             {x("a2 6161 01 6161 01"), sxp.Invalid},
		"more elements than allowed":            {cat(x("a1 6173 9a 00010001"), bytes.Repeat(x("60"), sxp.MaxItems+1)), sxp.TooLarge},
		"as many elements as allowed":           {cat(x("a1 6173 9a 00010000"), bytes.Repeat(x("60"), sxp.MaxItems)), nil},
		"more bytes than a message may have":    {cat(x("a1 616c 5a 00100001"), make([]byte, sxp.MaxMessage+1)), sxp.TooLarge},
		"a length that ends beyond the bytes":   {x("a1 616c 5b 7fffffffffffffff"), sxp.Invalid},
		"2^63 pairs announced":                  {x("bb 8000000000000000"), sxp.TooLarge},
		"a tag around a number":                 {x("a1 6161 c1 01"), sxp.Invalid},
		"a float that is whole":                 {x("a1 6161 f9 3c00"), sxp.Invalid},
		"a map key that is an array":            {x("a1 80 01"), sxp.Invalid},
		"true as a simple value of two bytes":   {x("a1 6162 f8 15"), sxp.Invalid},
		"null in a list of text":                {x("a1 6173 81 f6"), sxp.Invalid},
		"a string in pieces":                    {x("a1 6174 7f 6161 ff"), sxp.Invalid},
		"a number in eight bytes instead of 1":  {x("a1 6161 1b 0000000000000001"), sxp.Invalid},
		"text that is not UTF-8":                {x("a1 6174 62 c328"), sxp.Invalid},
		"text with U+0000, which is allowed":    {x("a1 6174 61 00"), nil},
		"a field name that is not text":         {x("a1 01 01"), sxp.Invalid},
		"map values of one text key duplicated": {x("a1 616d a2 6161 01 6161 02"), sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			got := small{A: 77}
			err := envelope.Unmarshal(tt.in, &got)
			if tt.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				if again, err := envelope.Marshal(got); err != nil || !bytes.Equal(again, tt.in) {
					t.Errorf("Marshal gives %x, %v", again, err)
				}
				return
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if got.A != 77 {
				t.Error("the target was changed")
			}
		})
	}
}

func TestUnmarshalIgnoresWhatTheTargetHeld(t *testing.T) {
	t.Parallel()
	seven := uint64(7)
	got := small{A: 77, P: &seven, M: map[string]int{"x": 1}}
	if err := envelope.Unmarshal(x("a1 6162 f5"), &got); err != nil {
		t.Fatal(err)
	}
	if got.A != 0 || got.P != nil || got.M != nil || !got.B {
		t.Errorf("got %+v", got)
	}
}

func TestUnmarshalNeedsAPointer(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, small{}, (*small)(nil)} {
		if err := envelope.Unmarshal(x("a0"), v); !errors.Is(err, sxp.Internal) {
			t.Errorf("into %T: error %v, want %v", v, err, sxp.Internal)
		}
	}
}

func TestMarshalTakesNilForEmpty(t *testing.T) {
	t.Parallel()
	type lists struct {
		B []byte         `json:"b"`
		L []string       `json:"l"`
		M map[string]int `json:"m"`
	}
	want := x("a3 6162 40 616c 80 616d a0")
	for name, v := range map[string]lists{"nil": {}, "empty": {[]byte{}, []string{}, map[string]int{}}} {
		if got, err := envelope.Marshal(v); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v; want %x", name, got, err, want)
		}
	}
	for name, in := range map[string][]byte{
		"null bytes": x("a3 6162 f6 616c 80 616d a0"),
		"null list":  x("a3 6162 40 616c f6 616d a0"),
		"null map":   x("a3 6162 40 616c 80 616d f6"),
	} {
		if err := envelope.Unmarshal(in, new(lists)); !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v, want %v", name, err, sxp.Invalid)
		}
	}
}
