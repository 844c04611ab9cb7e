package envelope_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"sxp"
	"sxp/envelope"
)

// smallOrder are the 14 encodings of the 8 points of small order: RFC 8032's
// own, and those with y ≥ p or a sign where there is none (ZIP-215's test).
func smallOrder() [][]byte {
	var all [][]byte
	for _, s := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	} {
		all = append(all, x(s))
	}
	return all
}

// TestSingleAndBatchAcceptTheSame: all 196 pairs of keys and signatures of
// small order, each alone, and all in one batch.
func TestSingleAndBatchAcceptTheSame(t *testing.T) {
	t.Parallel()
	var all envelope.Batch
	for i, a := range smallOrder() {
		for j, r := range smallOrder() {
			sig := cat(r, make([]byte, 32))
			d := newDraft()
			d.protected = cat(x("a3 01 27 04"), bstr(a), x("10"), tstr("sxp.thing/1"))
			d.sig = sig
			raw := d.raw()
			tbs := arr(tstr("Signature1"), bstr(d.protected), bstr(nil), bstr(d.payload))
			if !envelope.VerifyEd25519(sxp.ID(a), tbs, sig) {
				t.Errorf("key %d, R %d: refused alone; ZIP-215 accepts it", i, j)
			}
			if _, err := envelope.Parse(raw); err != nil {
				t.Errorf("key %d, R %d: Parse: %v", i, j, err)
			}
			all.Add(raw)
		}
	}
	for i, err := range all.Verify() {
		if err != nil {
			t.Errorf("pair %d in a batch: %v", i, err)
		}
	}
}

func TestVerifyEd25519Refuses(t *testing.T) {
	t.Parallel()
	msg := []byte("beer")
	good, err := key(1).Sign(msg)
	if err != nil {
		t.Fatal(err)
	}
	if !envelope.VerifyEd25519(key(1).ID(), msg, good) {
		t.Error("a good signature is refused")
	}
	for name, tt := range map[string]struct {
		id  sxp.ID
		msg []byte
		sig []byte
	}{
		"another key":     {key(2).ID(), msg, good},
		"another message": {key(1).ID(), []byte("wine"), good},
		"63 bytes":        {key(1).ID(), msg, good[:63]},
		"no bytes":        {key(1).ID(), msg, nil},
		"65 bytes":        {key(1).ID(), msg, append(bytes.Clone(good), 0)},
		"zeros":           {key(1).ID(), msg, make([]byte, 64)},
	} {
		if envelope.VerifyEd25519(tt.id, tt.msg, tt.sig) {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestBatchNamesTheBadOnes: one bad signature, a bad countersignature and a
// bad structure among good ones, in batches around voi's internal thresholds.
func TestBatchNamesTheBadOnes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 65, 200} {
		var b envelope.Batch
		want := make([]bool, n)
		for i := range n {
			raw := signed(t, i)
			switch {
			case i%7 == 3:
				raw[len(raw)-1] ^= 1
				want[i] = true
			case i%7 == 4:
				raw = countersign(t, 9, raw, envelope.OverMessage, nil)
				at := bytes.Index(raw, x("a0 58 40"))
				raw[at+5] ^= 1
				want[i] = true
			case i%7 == 5:
				raw = raw[:20]
				want[i] = true
			case i%7 == 6:
				d := newDraft()
				d.protected = cat(x("a3 01 27 04"), bstr(cat(x("02"), make([]byte, 31))), x("10"), tstr("sxp.thing/1"))
				raw = d.raw() // a key off the curve
				want[i] = true
			}
			b.Add(raw)
		}
		if b.Len() != n {
			t.Fatalf("Len = %d, want %d", b.Len(), n)
		}
		for i, err := range b.Verify() {
			if want[i] != (err != nil) || err != nil && !errors.Is(err, sxp.Invalid) {
				t.Errorf("n=%d, message %d: error %v, bad: %v", n, i, err, want[i])
			}
			if (b.Message(i) == nil) != want[i] {
				t.Errorf("n=%d, message %d: Message = %v", n, i, b.Message(i))
			}
		}
	}
}

func TestEmptyBatch(t *testing.T) {
	t.Parallel()
	var b envelope.Batch
	if errs := b.Verify(); len(errs) != 0 {
		t.Errorf("an empty batch gives %v", errs)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 300 << 10} { // a request, an announcement, a large claim
		raw := signed(b, make([]byte, size))
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := envelope.Parse(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	raw := signed(b, aThing())
	b.ReportAllocs()
	for b.Loop() {
		var v thing
		if _, err := envelope.Open(raw, typeThing, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{8, 64, 256} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			var raws [][]byte
			for i := range n {
				raw, err := envelope.Sign(key(byte(i)), typeThing, i)
				if err != nil {
					b.Fatal(err)
				}
				raws = append(raws, raw)
			}
			b.ReportAllocs()
			for b.Loop() {
				var batch envelope.Batch
				for _, raw := range raws {
					batch.Add(raw)
				}
				for _, err := range batch.Verify() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/message")
		})
	}
}

// TestRepeatedSignatures: what was verified before is found good again, and
// nothing that differs from it in a bit is, also where thousands push each
// other out of memory at once.
func TestRepeatedSignatures(t *testing.T) {
	t.Parallel()
	done := make(chan string)
	for g := range 4 {
		go func() {
			s := key(byte(100 + g))
			for i := range 3000 {
				msg := fmt.Appendf(nil, "message %d of %d", i, g)
				sig, err := s.Sign(msg)
				if err != nil {
					done <- err.Error()
					return
				}
				for range 2 {
					if !envelope.VerifyEd25519(s.ID(), msg, sig) {
						done <- "a good signature is refused"
						return
					}
				}
				id, other := s.ID(), bytes.Clone(sig)
				id[i%32] ^= 1 << (i % 8)
				other[i%64] ^= 1 << (i % 8)
				if envelope.VerifyEd25519(id, msg, sig) || envelope.VerifyEd25519(s.ID(), append(msg, 0), sig) || envelope.VerifyEd25519(s.ID(), msg, other) ||
					envelope.VerifyEd25519(s.ID(), append(sig[63:64:64], msg...), sig[:63]) {
					done <- "a changed one is taken"
					return
				}
			}
			done <- ""
		}()
	}
	for range 4 {
		if problem := <-done; problem != "" {
			t.Error(problem)
		}
	}
}
