//go:build cgo

package sxpverify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A vector is one file of a folder of vectors (vectors/README.md).
type vector struct {
	Name, Op, Why, Expect string
	Input, Output         hexBytes
	With                  map[string]string
}

type hexBytes []byte

func (h *hexBytes) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

func readVectors(t *testing.T, folder string) map[string]vector {
	t.Helper()
	files, err := filepath.Glob("../" + folder + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	out := map[string]vector{}
	for _, f := range files {
		var v vector
		b, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(b, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = v
	}
	return out
}

// folders are those of the messages, files, locks and faults that are read.
var folders = []string{"signing", "contract", "secret", "evidence"}

// A reader of one kind of message against a session.
type reader func(s *Session, v vector, raw []byte) error

var readers = map[string]reader{
	"signing/acceptance": func(s *Session, _ vector, raw []byte) error { return s.openAcceptance(raw) },
	"signing/promise":    func(s *Session, _ vector, raw []byte) error { _, err := s.openPromise(raw); return err },
	"signing/release":    func(s *Session, _ vector, raw []byte) error { _, _, err := s.openRelease(raw); return err },
	"signing/result":     func(s *Session, _ vector, raw []byte) error { return s.openResult(raw) },
	"signing/endorse":    func(s *Session, _ vector, raw []byte) error { _, err := s.openVote(raw, "sxp.endorse/1"); return err },
	"signing/void":       func(s *Session, _ vector, raw []byte) error { _, err := s.openVote(raw, "sxp.void/1"); return err },
	"signing/shares":     func(s *Session, _ vector, raw []byte) error { _, err := s.openShares(raw); return err },
	"signing/claim":      func(_ *Session, _ vector, raw []byte) error { return openClaim(raw) },
	"contract/claim":     func(_ *Session, _ vector, raw []byte) error { return openClaim(raw) },
	"contract/file":      func(_ *Session, _ vector, raw []byte) error { return VerifyFile(raw) },
	"contract/void":      func(_ *Session, _ vector, raw []byte) error { return VerifyFile(raw) },
	"contract/roll":      func(_ *Session, _ vector, raw []byte) error { _, _, err := openRoll(raw); return err },
	"contract/draw":      readDraw,
	"signing/lock":       readLock,
	"secret/lock":        readSecretLock,
	"secret/proof":       readProof,
	"evidence/fault":     readFault,
	"signing/session":    readSession,
	"contract/session":   readSession,
}

func readSession(_ *Session, v vector, raw []byte) error {
	s, err := openSession(raw)
	if err != nil {
		return err
	}
	if m, ok := v.With["m"]; ok && m != hex.EncodeToString(s.M[:]) {
		return errors.New("another m")
	}
	return nil
}

// proposals holds those that vectors name.
var proposals = map[string]*Proposal{}

func proposalOf(v vector) *Proposal {
	name := v.With["proposal"]
	if proposals[name] == nil {
		var of vector
		must(0, json.Unmarshal(must(os.ReadFile("../"+name+".json")), &of))
		proposals[name] = must(openProposal(of.Input))
	}
	return proposals[name]
}

func readLock(s *Session, v vector, raw []byte) error {
	_, err := proposalOf(v).openLock(raw, s.M)
	return err
}

// readSecretLock checks a lock by itself, opens it and compares the key.
func readSecretLock(_ *Session, v vector, raw []byte) error {
	with := func(name string) []byte { return must(hex.DecodeString(v.With[name])) }
	if len(raw) != len(G1{}) {
		return errors.New("a lock is a point of G1")
	}
	w, m, context := G2(with("w")), [32]byte(with("m")), with("context")
	if err := checkLock(w, G2(with("x")), context, m, G1(raw)); err != nil {
		return err
	}
	key, err := openKey(w, context, G1(raw), G1(with("sigma")), [32]byte(with("salt")))
	if err == nil && !bytes.Equal(key, with("key")) {
		err = errors.New("another key")
	}
	return err
}

func readProof(_ *Session, v vector, raw []byte) error {
	text, wrong, err := OpenProof(raw)
	if err == nil && (hex.EncodeToString(text) != v.With["secret"] || wrong != v.With["wrong"]) {
		err = errors.New("another secret or verdict: " + wrong)
	}
	return err
}

func readFault(s *Session, v vector, raw []byte) error {
	_, err := court{proposalOf(v), s}.judge(raw)
	return err
}

// TestGuilty: each fault that convicts convicts whom and of what it should.
func TestGuilty(t *testing.T) {
	session, n := sessions(t), 0
	for name, v := range readVectors(t, "evidence") {
		want, ok := v.With["guilty"]
		if !ok {
			continue
		}
		n++
		if f, err := (court{proposalOf(v), session(v)}).judge(v.Input); err != nil || idText(f.By)+" "+f.Kind != want {
			t.Errorf("%s: %v, or another is guilty than %s", name, err, want)
		}
	}
	if n < 17 {
		t.Errorf("only %d faults convict", n)
	}
}

func readDraw(_ *Session, v vector, raw []byte) error {
	r, _, err := openRoll(must(hex.DecodeString(v.With["roll"])))
	if err != nil {
		return err
	}
	p, err := openProposal(must(hex.DecodeString(v.With["proposal"])))
	if err != nil {
		return err
	}
	seats, err := r.draw(p.named(), p.N, p.F, [32]byte(raw))
	if err != nil {
		return err
	}
	var ids []string
	for _, s := range seats {
		ids = append(ids, idText(s.ID))
	}
	if got := strings.Join(ids, " "); got != v.With["seats"] {
		return errors.New("another jury: " + got)
	}
	return nil
}

// idText is the text form of an id: bech32m with the prefix sxp
// (spec/text-forms.md).
func idText(id [32]byte) string {
	const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var values []byte
	acc, n := 0, 0
	for _, b := range append(id[:], 0) {
		acc, n = (acc<<8|int(b))&0xfffff, n+8
		for ; n >= 5 && len(values) < 52; n -= 5 {
			values = append(values, byte(acc>>(n-5)&31))
		}
	}
	sum := 1
	for _, v := range append(append([]byte{3, 3, 3, 0, 's' & 31, 'x' & 31, 'p' & 31}, values...), 0, 0, 0, 0, 0, 0) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ int(v)
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= 0x2bc830a3
	for i := range 6 {
		values = append(values, byte(sum>>(5*(5-i))&31))
	}
	var out strings.Builder
	out.WriteString("sxp1")
	for _, v := range values {
		out.WriteByte(letters[v])
	}
	return out.String()
}

// readerOf finds the reader of folder/name; this program has not all.
func readerOf(of string) (reader, bool) {
	what, _, _ := strings.Cut(of, "-")
	r, ok := readers[what]
	return r, ok
}

func sessions(t *testing.T) func(v vector) *Session {
	all, known := readVectors(t, "signing"), map[string]*Session{} // others name them with their folder
	return func(v vector) *Session {
		name := strings.TrimPrefix(v.With["session"], "signing/")
		if name == "" {
			return nil
		}
		if known[name] == nil {
			known[name] = must(openSession(all[name].Input))
		}
		return known[name]
	}
}

// TestVectors reads the messages and files of the folders.
func TestVectors(t *testing.T) {
	session, n, of := sessions(t), 0, map[string]int{}
	for _, folder := range folders {
		for name, v := range readVectors(t, folder) {
			read, ok := readerOf(folder + "/" + name)
			if !ok {
				continue
			}
			n++
			of[folder]++
			if err := read(session(v), v, v.Input); (err == nil) != (v.Expect == "") {
				t.Errorf("%s/%s: %v, want %q (%s)", folder, name, err, v.Expect, v.Why)
			}
		}
	}
	if n < 280 || of["secret"] < 10 || of["evidence"] < 50 {
		t.Errorf("only %d vectors were read: %v", n, of)
	}
	t.Logf("%d vectors: %v", n, of)
}

// TestRuns: from what was sent in a whole signing comes the file, to the byte.
func TestRuns(t *testing.T) {
	n := 0
	for name, v := range readVectors(t, "signing") {
		if !strings.HasPrefix(name, "run-") || v.Expect != "" {
			continue
		}
		n++
		file, err := Replay(v.Input)
		if err != nil || hex.EncodeToString(file) != v.With["file"] {
			t.Errorf("%s: %v, or another file", name, err)
		} else if err := VerifyFile(file); err != nil {
			t.Errorf("%s: its file: %v", name, err)
		}
	}
	if n < 4 {
		t.Errorf("only %d runs", n)
	}
}

// TestMutations reads the changes of vectors/signing/mutations.txt that are of
// messages and files known here.
func TestMutations(t *testing.T) {
	bases := map[string]vector{}
	for _, folder := range folders {
		for name, v := range readVectors(t, folder) {
			bases[folder+"/"+name] = v
		}
	}
	b, err := os.ReadFile("../signing/mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	session, refused, free := sessions(t), 0, 0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		of, what, kind := f[0], f[1], f[2]
		read, ok := readerOf(of)
		if !ok {
			continue
		}
		v := bases[of]
		s := session(v)
		if strings.Contains(of, "/session-") {
			v.With = nil // it is read for what it is, not for the m that it had
		}
		if err := read(s, v, patched(v.Input, f[3:])); (err == nil) != (kind == "-") {
			t.Errorf("%s %s: %v, want %s", of, what, err, kind)
		}
		if kind == "-" {
			free++
		} else {
			refused++
		}
	}
	if refused < 6000 {
		t.Errorf("only %d changes were tried", refused)
	}
	t.Logf("%d changed messages refused, %d other valid ones accepted", refused, free)
}

// patched applies the pieces of a line to a vector; to what stands in base64 of
// a file.
func patched(base []byte, pieces []string) []byte {
	kind, text, data, err := unframe(base)
	if err != nil {
		data = base
	}
	var out []byte
	for _, p := range pieces {
		if at, n, ok := strings.Cut(p, "+"); ok {
			from := must(strconv.Atoi(at))
			out = append(out, data[from:from+must(strconv.Atoi(n))]...)
		} else {
			out = append(out, must(hex.DecodeString(p))...)
		}
	}
	if err == nil {
		return frame(kind, text, out)
	}
	return out
}

// TestFlippedBits: no message or file survives one flipped bit, or loses its end.
func TestFlippedBits(t *testing.T) {
	session, n := sessions(t), 0
	for _, folder := range folders {
		for name, v := range readVectors(t, folder) {
			read, ok := readerOf(folder + "/" + name)
			if !ok || v.Expect != "" || strings.HasPrefix(name, "draw-") {
				continue
			}
			step := max(1, len(v.Input)/48)
			for i := 0; i < len(v.Input); i += step {
				flipped := bytes.Clone(v.Input)
				flipped[i] ^= 1 << (i % 8)
				for _, raw := range [][]byte{flipped, v.Input[:i]} {
					n++
					if read(session(v), v, raw) == nil {
						t.Errorf("%s/%s: byte %d changes nothing", folder, name, i)
					}
				}
			}
		}
	}
	t.Logf("%d flipped or cut messages refused", n)
}
