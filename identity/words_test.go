package identity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"sxp"
	"sxp/identity"
	"sxp/vectors"
)

// bip39 are the published vectors of 24 words (github.com/trezor/python-mnemonic,
// vectors.json, English, 256 bits).
var bip39 = []struct{ name, entropy, words string }{
	{"zeros", strings.Repeat("00", 32), strings.Repeat("abandon ", 23) + "art"},
	{"7f", strings.Repeat("7f", 32), "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title"},
	{"80", strings.Repeat("80", 32), "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"},
	{"ones", strings.Repeat("ff", 32), strings.Repeat("zoo ", 23) + "vote"},
	{"dignity", "3e141609b97933b66a060dcddc71fad1d91677db872031e85f4c015c5e7e8982", "dignity pass list indicate nasty swamp pool script soccer toe leaf photo multiply desk host tomato cradle drill spread actor shine dismiss champion exotic"},
	{"clutch", "2c85efc7f24ee4573d2b81a6ec66cee209b2dcbd09d8eddc51e0215b0b68e416", "clutch control vehicle tonight unusual clog visa ice plunge glimpse recipe series open hour vintage deposit universe tip job dress radar refuse motion taste"},
	{"exile", "4fa1a8bc3e6d80ee1316050e862c1812031493212b7ec3f3bb1b08f168cabeef", "exile ask congress lamp submit jacket era scheme attend cousin alcohol catch course end lucky hurt sentence oven short ball bird grab wing top"},
	{"beyond", "15da872c95a13dd738fbf50e427583ad61f18fd99f628c417a61cf8343c90419", "beyond stage sleep clip because twist token leaf atom beauty genius food business side grid unable middle armed observe pair crouch tonight away coconut"},
}

func wordVectors() []vectors.Vector {
	var all []vectors.Vector
	for _, v := range bip39 {
		all = append(all, vectors.Vector{Name: v.name, Why: "published with BIP-39", Input: vectors.Hex(v.words), With: map[string]string{"root": v.entropy}})
	}
	bad := func(name, why, w string) {
		all = append(all, vectors.Vector{Name: name, Why: why, Input: vectors.Hex(w), Expect: string(sxp.Invalid)})
	}
	good := bip39[0].words
	bad("empty", "no word", "")
	bad("words-12", "12 words hold 128 bits", strings.Repeat("abandon ", 11)+"about")
	bad("words-23", "the last word is missing", strings.TrimSuffix(good, " art"))
	bad("words-25", "one word too many", good+" art")
	bad("checksum", "the last word is wrong", strings.Repeat("abandon ", 24))
	bad("swapped", "two words changed places", strings.Replace(bip39[4].words, "pass list", "list pass", 1))
	bad("unknown-word", "abandom is not in the list", strings.Replace(good, "abandon", "abandom", 1))
	bad("upper-case", "words are lower case", strings.Replace(good, "art", "Art", 1))
	bad("four-letters", "a word is written in full", strings.Replace(good, "abandon", "aban", 1))
	return all
}

func TestWordVectors(t *testing.T) {
	t.Parallel()
	checkVectors(t, "words", wordVectors(), func(t *testing.T, v vectors.Vector) error {
		r, err := identity.RootFromWords(strings.Fields(string(v.Input)))
		if err != nil {
			return err
		}
		if got := hex.EncodeToString(r.Bytes()); got != v.With["root"] {
			t.Errorf("the root is %s, want %s", got, v.With["root"])
		}
		if got := strings.Join(r.Words(), " "); got != string(v.Input) {
			t.Errorf("Words = %s", got)
		}
		return nil
	})
}

// TestWordListIsBIP39s: a list with one other word would lose people their keys.
func TestWordListIsBIP39s(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("english.txt")
	if err != nil {
		t.Fatal(err)
	}
	const want = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
		t.Errorf("SHA-256 of english.txt is %x, want %s", sum, want)
	}
}

func TestWordErrorsHelp(t *testing.T) {
	t.Parallel()
	good := bip39[4].words // dignity pass list indicate nasty …
	for name, tt := range map[string]struct {
		from, to string
		position int
		near     string // one of the suggestions
		text     string // part of the message
	}{
		"a letter too many":     {"list", "lists", 3, "list", "word 3"},
		"a letter missing":      {"indicate", "indcate", 4, "indicate", "did you mean indicate"},
		"two letters swapped":   {"nasty", "natsy", 5, "nasty", "did you mean"},
		"the first 4 letters":   {"multiply", "mult", 13, "multiply", "word 13"},
		"another ending":        {"champion", "champignon", 23, "champion", "word 23"},
		"nothing near":          {"exotic", "qqqqqqqq", 24, "", "is not in the list"},
		"very long":             {"exotic", strings.Repeat("exotic", 1000), 24, "", "word 24"},
		"upper case":            {"desk", "DESK", 14, "", "word 14"},
		"a letter of elsewhere": {"leaf", "læaf", 11, "leaf", "word 11"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := identity.RootFromWords(words(strings.Replace(good, tt.from, tt.to, 1)))
			wantKind(t, err, sxp.Invalid)
			var w *identity.WordError
			if !errors.As(err, &w) {
				t.Fatalf("error %v has no WordError", err)
			}
			if w.Position != tt.position {
				t.Errorf("position %d, want %d", w.Position, tt.position)
			}
			if !strings.Contains(err.Error(), tt.text) || len(err.Error()) > 300 {
				t.Errorf("the text is %q, want %q in it", err, tt.text)
			}
			if tt.near != "" && !strings.Contains(strings.Join(w.Near, " "), tt.near) {
				t.Errorf("near words %v, want %s among them", w.Near, tt.near)
			}
		})
	}
}

// TestWordErrorsKeepTheSecret: words of the list are part of a secret.
func TestWordErrorsKeepTheSecret(t *testing.T) {
	t.Parallel()
	list := words(bip39[4].words)
	list[0], list[1] = list[1], list[0]
	_, err := identity.RootFromWords(list)
	wantKind(t, err, sxp.Invalid)
	for _, w := range list {
		if len(w) > 4 && strings.Contains(err.Error(), w) {
			t.Errorf("the error %q has the word %s", err, w)
		}
	}
}

// FuzzWords: no input panics; what is accepted is what Words gives.
func FuzzWords(f *testing.F) {
	for _, v := range bip39 {
		f.Add(v.words)
	}
	f.Add(strings.Repeat("abandom ", 24))
	f.Fuzz(func(t *testing.T, in string) {
		r, err := identity.RootFromWords(words(in))
		if err != nil {
			wantKind(t, err, sxp.Invalid)
			return
		}
		if got := strings.Join(r.Words(), " "); got != strings.Join(words(in), " ") {
			t.Errorf("%q is accepted for %q", in, got)
		}
	})
}
