package bls_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	circlbls "github.com/cloudflare/circl/sign/bls"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
	"sxp/internal/bls"
)

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	s := newSecret(t, rand.Reader)
	_, o, err := bls.Commit(rand.Reader, s, 3)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Bytes()
	ob, err := o.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var leaks []string
	for _, secret := range [][]byte{b, ob[3:35], ob[35:67], ob[67:99]} {
		k := new(fr.Element).SetBytes(secret)
		leaks = append(leaks, hex.EncodeToString(secret[:8]), hex.EncodeToString(secret[24:]), k.String(), fmt.Sprint(k[0]), fmt.Sprintf("%x", k[0]), fmt.Sprintf("%X", k[0]))
	}
	type hidden struct {
		S *bls.Secret
		s *bls.Secret
		v bls.Secret
		o *bls.Opening
		w bls.Opening
	}
	values := []any{s, *s, o, *o, hidden{s, s, *s, o, *o}, &hidden{s, s, *s, o, *o}, []*bls.Secret{s}, map[string]bls.Secret{"": *s}}
	for _, v := range values {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%t", "%c", "%U", "%e", "%p", "%w", "%!"} {
			checkNoLeak(t, format, fmt.Sprintf(format, v), leaks)
		}
		if j, err := json.Marshal(v); err == nil {
			checkNoLeak(t, "json", string(j), leaks)
		}
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("", "v", v)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("", "v", v)
		checkNoLeak(t, "slog", buf.String(), leaks)
	}
	if got := fmt.Sprintf("%v %+v %s", s, o, *s); got != "bls.Secret(hidden) bls.Opening(hidden) bls.Secret(hidden)" {
		t.Errorf("secrets print as %q", got)
	}
	for _, v := range []any{*s, *o} {
		if reflect.TypeOf(v).Comparable() {
			t.Errorf("%T can be compared with ==, which is not constant time", v)
		}
	}
}

func checkNoLeak(t *testing.T, how, text string, leaks []string) {
	t.Helper()
	for _, leak := range leaks {
		if strings.Contains(text, leak) {
			t.Errorf("%s prints a secret: %q", how, text)
		}
	}
}

func TestErasedSecretsAreUseless(t *testing.T) {
	t.Parallel()
	s := newSecret(t, rand.Reader)
	b := s.Bytes()
	again, err := bls.ParseSecret(b)
	if err != nil || again.Public() != s.Public() {
		t.Fatalf("ParseSecret(Bytes()) is another secret: %v", err)
	}
	s.Erase()
	s.Erase()
	if !panics(func() { s.SignSession(sxp.Hash{}) }) || !panics(func() { s.Bytes() }) || !panics(func() { new(bls.Secret).Public() }) {
		t.Error("an erased or empty secret should panic, not sign")
	}
	if again.Public() == (bls.G2{}) {
		t.Error("erasing one erased the other")
	}
	_, o, err := bls.Commit(rand.Reader, again, 2)
	if err != nil {
		t.Fatal(err)
	}
	o.Erase()
	o.Erase()
	if _, err := bls.MakePromise(again, o, sxp.Hash{}, []bls.G1{again.PublicG1(), again.PublicG1()}); !errors.Is(err, sxp.Conflict) {
		t.Errorf("a promise by an erased opening: error %v, want %v", err, sxp.Conflict)
	}
	if _, err := bls.MakePromise(again, new(bls.Opening), sxp.Hash{}, nil); !errors.Is(err, sxp.Conflict) {
		t.Errorf("a promise by no opening: error %v, want %v", err, sxp.Conflict)
	}
	if !panics(func() { again.ProvePossession("", sxp.ID{}) }) {
		t.Error("a proof for no role should panic")
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestParseSecretWantsTheCanonicalNumber(t *testing.T) {
	t.Parallel()
	order := fr.Modulus().FillBytes(make([]byte, 32))
	less := bytes.Clone(order)
	less[31]--
	more := bytes.Clone(order)
	more[31]++
	for name, tt := range map[string]struct {
		in   []byte
		want sxp.Kind
	}{
		"one":                 {append(make([]byte, 31), 1), ""},
		"the order less one":  {less, ""},
		"zero":                {make([]byte, 32), sxp.Invalid},
		"the order":           {order, sxp.Invalid},
		"the order and one":   {more, sxp.Invalid},
		"all ones":            {bytes.Repeat([]byte{0xff}, 32), sxp.Invalid},
		"31 bytes":            {make([]byte, 31), sxp.Invalid},
		"33 bytes":            {append(make([]byte, 32), 1), sxp.Invalid},
		"nothing":             {nil, sxp.Invalid},
		"a half of the order": {append([]byte{0x39}, make([]byte, 31)...), ""},
	} {
		s, err := bls.ParseSecret(tt.in)
		if sxp.KindOf(err) != tt.want {
			t.Errorf("%s: error %v, want kind %q", name, err, tt.want)
		}
		if err == nil && !bytes.Equal(s.Bytes(), tt.in) {
			t.Errorf("%s: Bytes = %x, want %x", name, s.Bytes(), tt.in)
		}
	}
}

// NewSecret is the 512-bit number from the reader modulo the order.
func TestNewSecretReducesWithoutBias(t *testing.T) {
	t.Parallel()
	for _, wide := range [][]byte{bytes.Repeat([]byte{0xff}, 64), bytes.Repeat([]byte{0x5a, 1}, 32), append(make([]byte, 63), 7)} {
		s, err := bls.NewSecret(bytes.NewReader(wide))
		if err != nil {
			t.Fatal(err)
		}
		if want := new(fr.Element).SetBytes(wide).Bytes(); !bytes.Equal(s.Bytes(), want[:]) {
			t.Errorf("NewSecret(%x) = %x, want %x", wide, s.Bytes(), want)
		}
	}
	zeroThenOne := append(make([]byte, 127), 1)
	if s, err := bls.NewSecret(bytes.NewReader(zeroThenOne)); err != nil || s.Bytes()[31] != 1 {
		t.Errorf("zero should be drawn again: %v", err)
	}
}

func TestDeriveSecretIsTheDraftsKeyGen(t *testing.T) {
	t.Parallel()
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	for _, ikm := range [][]byte{bytes.Repeat([]byte{7}, 32), []byte("a longer input, of more than thirty-two bytes")} {
		s, err := bls.DeriveSecret(ikm)
		if err != nil {
			t.Fatal(err)
		}
		k, err := circlbls.KeyGen[circlbls.KeyG2SigG1](ikm, salt[:], nil)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := k.MarshalBinary(); err != nil || !bytes.Equal(s.Bytes(), want) {
			t.Errorf("DeriveSecret(%q) = %x, circl has %x (%v)", ikm, s.Bytes(), want, err)
		}
	}
	// The first test case of EIP-2333, derive_master_SK.
	seed, err := hex.DecodeString("c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04")
	if err != nil {
		t.Fatal(err)
	}
	s, err := bls.DeriveSecret(seed)
	if err != nil {
		t.Fatal(err)
	}
	const want = "6083874454709270928345386274498605044986640685124978867557563392430687146096"
	if got := new(big.Int).SetBytes(s.Bytes()).String(); got != want {
		t.Errorf("DeriveSecret of EIP-2333's seed = %s, want %s", got, want)
	}
	if _, err := bls.DeriveSecret(make([]byte, 31)); !errors.Is(err, sxp.Invalid) {
		t.Errorf("31 bytes: error %v, want %v", err, sxp.Invalid)
	}
}

// A signature made by circl verifies with gnark, and one verified by us
// verifies with circl, under each tag.
func TestLibrariesAgree(t *testing.T) {
	t.Parallel()
	s := newSecret(t, rand.Reader)
	msg := []byte("a message")
	pub := s.Public()
	for _, tag := range []string{bls.TagSession, bls.TagDraw, bls.TagPossession, bls.TagJuror} {
		var h circl.G1
		h.Hash(msg, []byte(tag))
		if bls.HashToG1(msg, tag) != bls.G1(h.BytesCompressed()) {
			t.Errorf("%s: circl and gnark hash to different points", tag)
		}
		sig := s.SignUnder(msg, tag)
		if err := bls.VerifyUnder(pub, msg, tag, sig); err != nil {
			t.Errorf("%s: gnark refuses circl's signature: %v", tag, err)
		}
		plain := timesG1(pointG1(t, bls.HashToG1(msg, tag)), number(s))
		if sig != bls.G1(plain.Bytes()) {
			t.Errorf("%s: circl and gnark make different signatures", tag)
		}
		var sp circl.G1
		var xp circl.G2
		if err := errors.Join(sp.SetBytes(sig[:]), xp.SetBytes(pub[:])); err != nil {
			t.Fatal(err)
		}
		if !circl.Pair(&sp, circl.G2Generator()).IsEqual(circl.Pair(&h, &xp)) {
			t.Errorf("%s: circl refuses the signature", tag)
		}
	}
	k := new(circlbls.PrivateKey[circlbls.KeyG2SigG1])
	if err := k.UnmarshalBinary(s.Bytes()); err != nil {
		t.Fatal(err)
	}
	sig := bls.G1(circlbls.Sign(k, msg))
	if err := bls.VerifyUnder(pub, msg, "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_", sig); err != nil {
		t.Errorf("a signature of the draft's basic scheme: %v", err)
	}
}

func TestTagsSeparateTheMeaningsOfASignature(t *testing.T) {
	t.Parallel()
	s := newSecret(t, rand.Reader)
	m := sxp.Sum([]byte("one message"))
	tags := []string{bls.TagSession, bls.TagDraw, bls.TagPossession, bls.TagJuror}
	for _, made := range tags {
		for _, read := range tags {
			err := bls.VerifyUnder(s.Public(), m[:], read, s.SignUnder(m[:], made))
			if (err == nil) != (made == read) {
				t.Errorf("made under %s, read under %s: error %v", made, read, err)
			}
		}
	}
	if err := bls.VerifySession(s.Public(), m, s.SignDraw(m)); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a draw share as signature: error %v, want %v", err, sxp.Invalid)
	}
	if err := bls.VerifyDraw(s.Public(), m, s.SignSession(m)); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a signature as draw share: error %v, want %v", err, sxp.Invalid)
	}
}

func TestJurorKeysAreBlamedByPosition(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 7, 4, 0)
	if err := bls.VerifyJurorKeys(rand.Reader, s.jurorKeys()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(k []bls.JurorKey){
		"another's proof":     func(k []bls.JurorKey) { k[3].Proof = k[4].Proof },
		"another's Y":         func(k []bls.JurorKey) { k[3].Y = k[4].Y },
		"another's Z":         func(k []bls.JurorKey) { k[3].Z = k[4].Z },
		"another identity":    func(k []bls.JurorKey) { k[3].ID = k[4].ID },
		"no point":            func(k []bls.JurorKey) { k[3].Y = bls.G1{} },
		"proofs exchanged":    func(k []bls.JurorKey) { k[3].Proof, k[4].Proof = k[4].Proof, k[3].Proof },
		"Y and Z of another":  func(k []bls.JurorKey) { k[3].Y, k[3].Z = k[4].Y, k[4].Z },
		"Y's that cancel":     func(k []bls.JurorKey) { cancel(t, &k[3].Y, &k[5].Y) },
		"proofs that cancel":  func(k []bls.JurorKey) { cancel(t, &k[3].Proof, &k[5].Proof) },
		"Y and proof trading": func(k []bls.JurorKey) { cancel(t, &k[3].Y, &k[3].Proof) },
	} {
		keys := s.jurorKeys()
		spoil(keys)
		err := bls.VerifyJurorKeys(rand.Reader, keys)
		blame := (*bls.BlameError)(nil)
		if !errors.As(err, &blame) || blame.Index != 3 || !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v, want blame of 3", name, err)
		}
		if err := bls.VerifyJurorKey(keys[3].ID, keys[3].Y, keys[3].Z, keys[3].Proof); !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s, alone: error %v, want %v", name, err, sxp.Invalid)
		}
	}
}

func TestPointsOfCirclAreWordsOnly(t *testing.T) {
	t.Parallel()
	for _, v := range []any{circl.G1{}, circl.G2{}} {
		if typ := reflect.TypeOf(v); !wordsOnly(typ) {
			t.Errorf("%v is not made of 64-bit words: the tables would read it wrongly", typ)
		}
	}
}

func wordsOnly(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Uint64:
		return true
	case reflect.Array:
		return wordsOnly(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !wordsOnly(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return false
}

// checkOneEncodingG1 checks that p, if it decodes, is what the point encodes
// to in gnark and in circl.
func checkOneEncodingG1(t *testing.T, p bls.G1) {
	var a gnark.G1Affine
	var c circl.G1
	ours, theirs := p.Check(), c.SetBytes(p[:])
	if (ours == nil) != (theirs == nil && !c.IsIdentity()) {
		t.Errorf("%v: we say %v, circl says %v", p, ours, theirs)
	}
	if ours != nil {
		return
	}
	if _, err := a.SetBytes(p[:]); err != nil || bls.G1(a.Bytes()) != p || bls.G1(c.BytesCompressed()) != p {
		t.Errorf("%v has a second encoding", p)
	}
}

// checkOneEncodingG2 is the same for G2.
func checkOneEncodingG2(t *testing.T, p bls.G2) {
	var a gnark.G2Affine
	var c circl.G2
	ours, theirs := p.Check(), c.SetBytes(p[:])
	if (ours == nil) != (theirs == nil && !c.IsIdentity()) {
		t.Errorf("%v: we say %v, circl says %v", p, ours, theirs)
	}
	if ours != nil {
		return
	}
	if _, err := a.SetBytes(p[:]); err != nil || bls.G2(a.Bytes()) != p || bls.G2(c.BytesCompressed()) != p {
		t.Errorf("%v has a second encoding", p)
	}
}
