package sxp_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/vectors"
)

// counting is the key 00 01 02 … 1f.
func counting() (id sxp.ID) {
	for i := range id {
		id[i] = byte(i)
	}
	return id
}

// The texts come from an independent implementation of BIP-350.
func TestIDText(t *testing.T) {
	for key, text := range map[string]string{
		strings.Repeat("00", 32): "sxp1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqgkr4rf",
		strings.Repeat("ff", 32): "sxp1llllllllllllllllllllllllllllllllllllllllllllllllllls2gqy27",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f": "sxp1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0spzghrs",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a": "sxp16adfsqvzky9t042tlmfujeq88g8wzuhnm2nzxfd0qgdx3ac82ydq30ssqf", // RFC 8032, test 1
	} {
		b, err := hex.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		id := sxp.ID(b)
		if got := id.String(); got != text {
			t.Errorf("ID(%s).String() = %q, want %q", key, got, text)
		}
		if got, err := sxp.ParseID(text); err != nil || got != id {
			t.Errorf("ParseID(%q) = %x, %v; want %s", text, got[:], err, key)
		}
		if got := id.Short(); got != text[:12] {
			t.Errorf("ID(%s).Short() = %q, want %q", key, got, text[:12])
		}
	}
}

func TestParseID(t *testing.T) {
	good := counting().String()
	for name, tt := range map[string]struct {
		in   string
		want error // nil: must succeed
	}{
		"canonical":                      {good, nil},
		"nothing":                        {"", sxp.Invalid},
		"the prefix alone":               {"sxp1", sxp.Invalid},
		"upper case is an alias":         {strings.ToUpper(good), sxp.Invalid},
		"mixed case":                     {strings.ToUpper(good[:10]) + good[10:], sxp.Invalid},
		"one letter mistyped":            {strings.Replace(good, "zqfpg", "zqfpp", 1), sxp.Invalid},
		"two letters swapped":            {strings.Replace(good, "wzq", "zwq", 1), sxp.Invalid},
		"one letter short":               {good[:len(good)-1], sxp.Invalid},
		"one letter more":                {good + "q", sxp.Invalid},
		"space around":                   {" " + good, sxp.Invalid},
		"line end":                       {good + "\n", sxp.Invalid},
		"plain bech32":                   {"sxp1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s57cmxj", sxp.Invalid},
		"another prefix":                 {"bc1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sp695jg", sxp.Invalid},
		"31 bytes":                       {"sxp1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqrmpkv6", sxp.Invalid},
		"33 bytes":                       {"sxp1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqxxndk9", sxp.Invalid},
		"padding bits that are not zero": {"sxp1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc03u5uz7z", sxp.Invalid},
		"hex":                            {strings.Repeat("0a", 32), sxp.Invalid},
		"longest text looked at":         {strings.Repeat("q", sxp.MaxIDText), sxp.Invalid},
		"beyond it":                      {strings.Repeat("q", sxp.MaxIDText+1), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := sxp.ParseID(tt.in)
			if !errors.Is(err, tt.want) {
				t.Errorf("ParseID(%q): error %v, want %v", tt.in, err, tt.want)
			}
			if err != nil && !id.IsZero() {
				t.Errorf("ParseID(%q) failed and returned %x, want the zero ID", tt.in, id[:])
			}
		})
	}
}

func TestIDVectors(t *testing.T) {
	for name, v := range vectors.All("id") {
		id, err := sxp.ParseID(string(v.Input))
		if string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: ParseID error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
		if want := v.With["key"]; err == nil && hex.EncodeToString(id[:]) != want {
			t.Errorf("%s: ParseID gives %x, want %s", name, id[:], want)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, v := range vectors.All("id") {
		f.Add(string(v.Input))
	}
	f.Fuzz(func(t *testing.T, in string) {
		id, err := sxp.ParseID(in)
		if err == nil && id.String() != in {
			t.Errorf("%x has a second spelling, %q", id[:], in)
		}
		if err != nil && sxp.KindOf(err) != sxp.Invalid && sxp.KindOf(err) != sxp.TooLarge {
			t.Errorf("ParseID(%q): kind %q, want invalid or toolarge", in, sxp.KindOf(err))
		}
	})
}

func TestParseHash(t *testing.T) {
	good := strings.Repeat("0a", 32)
	for name, tt := range map[string]struct {
		in   string
		want error // nil: must succeed
	}{
		"canonical":              {good, nil},
		"nothing":                {"", sxp.Invalid},
		"one digit short":        {good[1:], sxp.Invalid},
		"one byte short":         {good[2:], sxp.Invalid},
		"one byte more":          {good + "0a", sxp.Invalid},
		"upper case is an alias": {strings.ToUpper(good), sxp.Invalid},
		"not hex":                {"zz" + good[2:], sxp.Invalid},
		"a prefix 0x":            {"0x" + good[2:], sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := sxp.ParseHash(tt.in)
			if !errors.Is(err, tt.want) {
				t.Errorf("ParseHash(%q): error %v, want %v", tt.in, err, tt.want)
			}
			if err == nil && h.String() != tt.in {
				t.Errorf("ParseHash(%q).String() = %q, want the input", tt.in, h.String())
			}
		})
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(strings.Repeat("0a", 32))
	f.Add(strings.Repeat("0A", 32))
	f.Fuzz(func(t *testing.T, in string) {
		if h, err := sxp.ParseHash(in); err == nil && h.String() != in {
			t.Errorf("%x has a second spelling, %q", h[:], in)
		}
	})
}

func TestSum(t *testing.T) {
	// FIPS 180-4, example "abc".
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := sxp.Sum([]byte("abc")).String(); got != want {
		t.Errorf("Sum(abc) = %s, want %s", got, want)
	}
	if got := sxp.Sum([]byte("a"), nil, []byte("bc")).String(); got != want {
		t.Errorf("Sum(a, bc) = %s, want %s: parts follow one another", got, want)
	}
	h := sxp.Sum([]byte("abc"))
	if !h.Equal(h) || h.Equal(sxp.Hash{}) || h.IsZero() || !(sxp.Hash{}).IsZero() {
		t.Error("Equal or IsZero is wrong")
	}
	if h.Short() != want[:8] {
		t.Errorf("Short() = %q, want %q", h.Short(), want[:8])
	}
}

// words is one of each, as a message holds them.
type words struct {
	ID   sxp.ID       `json:"id"`
	Hash sxp.Hash     `json:"hash"`
	Raw  sxp.Bytes    `json:"raw"`
	At   sxp.Time     `json:"at"`
	For  sxp.Duration `json:"for"`
}

func TestJSONText(t *testing.T) {
	in := words{counting(), sxp.Sum([]byte("abc")), sxp.Bytes{0xfb, 0xff, 0x00}, 1_700_000_000_123, 90 * sxp.Second}
	want := `{"id":"` + in.ID.String() + `","hash":"` + in.Hash.String() + `","raw":"-_8A","at":1700000000123,"for":90000}`
	got, err := json.Marshal(in)
	if err != nil || string(got) != want {
		t.Fatalf("Marshal = %s, %v; want %s", got, err, want)
	}
	var back words
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if back.ID != in.ID || back.Hash != in.Hash || string(back.Raw) != string(in.Raw) || back.At != in.At || back.For != in.For {
		t.Errorf("there and back: %+v, want %+v", back, in)
	}
}

func TestUnmarshalTextRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"an id that is not one":          `{"id":"sxp1"}`,
		"a hash that is not one":         `{"hash":"00"}`,
		"base64 with padding":            `{"raw":"AA=="}`,
		"the other base64 alphabet":      `{"raw":"+/8A"}`,
		"base64 with trailing bits":      `{"raw":"AB"}`,
		"a time that is not an integer":  `{"at":1.5}`,
		"a time as a date is for people": `{"at":"2026-01-01T00:00:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var w words
			if err := json.Unmarshal([]byte(text), &w); err == nil {
				t.Errorf("Unmarshal(%s) succeeded, want an error", text)
			}
		})
	}
	old := counting()
	if err := old.UnmarshalText([]byte("sxp1")); !errors.Is(err, sxp.Invalid) || old != counting() {
		t.Errorf("UnmarshalText of a bad id: error %v, id %v; want invalid and no change", err, old)
	}
	var b sxp.Bytes
	if err := b.UnmarshalText([]byte("=")); !errors.Is(err, sxp.Invalid) {
		t.Errorf("Bytes.UnmarshalText(=): error %v, want %v", err, sxp.Invalid)
	}
}

func FuzzBytes(f *testing.F) {
	f.Add("")
	f.Add("-_8A")
	f.Add("AA==")
	f.Add("AB")
	f.Add("A\nA")
	f.Fuzz(func(t *testing.T, in string) {
		var b sxp.Bytes
		if b.UnmarshalText([]byte(in)) != nil {
			return
		}
		if out, err := b.MarshalText(); err != nil || string(out) != in {
			t.Errorf("%x has a second spelling, %q (canonical %q, error %v)", []byte(b), in, out, err)
		}
	})
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 30, 0, 7_999_999, time.FixedZone("", 3600))
	got := sxp.TimeOf(at)
	if want := sxp.Time(1772364600007); got != want {
		t.Errorf("TimeOf(%v) = %d, want %d: milliseconds, rounded down", at, got, want)
	}
	if want := "2026-03-01T11:30:00.007Z"; got.String() != want {
		t.Errorf("String() = %q, want %q: UTC with milliseconds", got, want)
	}
	if before := sxp.TimeOf(time.UnixMicro(-1)); before != -1 {
		t.Errorf("TimeOf(1 µs before 1970) = %d, want -1: rounded down there too", before)
	}
	later := got.Add(2 * sxp.Minute)
	if d := later.Sub(got); d != 120_000 || d.String() != "2m0s" {
		t.Errorf("2 minutes later is %d ms later (%s), want 120000 (2m0s)", d, d)
	}
	if back := sxp.TimeOf(got.Std()); back != got {
		t.Errorf("TimeOf(t.Std()) = %v, want %v", back, got)
	}
}

func TestDuration(t *testing.T) {
	for name, tt := range map[string]struct {
		got  sxp.Duration
		want time.Duration
	}{
		"a millisecond": {sxp.Millisecond, time.Millisecond},
		"a second":      {sxp.Second, time.Second},
		"a minute":      {sxp.Minute, time.Minute},
		"an hour":       {sxp.Hour, time.Hour},
		"a day":         {sxp.Day, 24 * time.Hour},
		"rounded to 0":  {sxp.DurationOf(-1500 * time.Microsecond), -time.Millisecond},
		"rounded to 0+": {sxp.DurationOf(999 * time.Microsecond), 0},
	} {
		if tt.got.Std() != tt.want {
			t.Errorf("%s: %v, want %v", name, tt.got.Std(), tt.want)
		}
	}
	if longest := sxp.DurationOf(math.MaxInt64); longest.Std() <= 0 {
		t.Errorf("the longest duration converts to %v, want a positive span", longest.Std())
	}
}
