package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/vectors"
)

const mutationFile = signingDir + "/mutations.txt"

// A mutation is a vector with one thing changed and signed anew by who signed
// it. Its line in mutations.txt says what this module makes of it, for other
// readers to agree with (spec/jury.md, "Vectors").
type mutation struct {
	of   string // folder/name of the vector
	what string // the place and the change, without blanks
	data []byte
	kind string // of the error; "" if it is another valid message
}

// mutated are the vectors whose parts are changed one by one. Messages inside
// are opened where depth is 1.
var mutated = []struct {
	of    string
	depth int
	skip  string // nothing below it is changed
}{
	{"signing/session-valid", 1, ""}, {"signing/acceptance-valid", 0, ""}, {"signing/decline-valid", 0, ""}, {"signing/promise-valid", 0, ""},
	{"signing/release-valid", 0, ""}, {"signing/result-by-the-jury", 0, ""}, {"signing/ask-valid", 0, ""}, {"signing/lodged-valid", 0, ""},
	{"signing/endorse-valid", 0, ""}, {"signing/void-valid", 0, ""}, {"signing/shares-valid", 0, ""}, {"signing/claim-valid", 0, ""},
	{"signing/jury.claim-valid", 0, ""}, {"signing/jury.forward-valid", 0, ".request.claim."}, {"signing/jury.shares-valid", 1, ""},
	{"signing/jury.query-valid", 0, ".request.preimage."}, {"signing/watch.lodge-valid", 0, ""}, {"signing/watch.tell-valid", 1, ""},
	{"signing/watch.ask-valid", 0, ""}, {"signing/jury.query.answer-with-others", 1, ""}, {"signing/jury.query.answer-voided", 1, ""},
	{"signing/jury.claim.answer-refused", 0, ""}, {"signing/watch.lodge.answer-valid", 1, ""},
	{"signing/lock-valid", 0, ""}, {"roll/vouch-valid", 0, ""}, {"roll/up-valid", 0, ""}, {"roll/conduct-valid", 1, ""}, {"roll/juror-valid", 0, ""},
	{"roll/record-valid", 1, ""}, {"rating/rating-valid", 0, ""}, {"rating/reply-valid", 0, ""},
	{"evidence/fault-twice-valid", 1, ""}, {"evidence/fault-acceptance-valid", 1, ""}, {"evidence/fault-promise-valid", 1, ""},
	{"evidence/fault-lock-valid", 1, ""}, {"evidence/fault-release-valid", 1, ""}, {"evidence/fault-result-valid", 1, ""},
	{"evidence/fault-secret-valid", 1, ""}, {"evidence/fault-contradiction-opened", 1, ""}, {"evidence/fault-shares-valid", 1, ""},
	{"contract/proposal-valid", 1, ""}, {"contract/roll-valid", 0, ""}, {"contract/file-valid", 0, ""}, {"contract/void-valid", 0, ""},
}

// mutations returns all of them, with what this module says of each.
func mutations(t *testing.T) []mutation {
	w := worldOf(t, 2, 3)
	keys := map[sxp.ID]envelope.Signer{w.issuer.ID(): w.issuer}
	juror, tribe, operator := rollKeys()
	for _, k := range []envelope.Signer{juror, tribe, operator} {
		keys[k.ID()] = k
	}
	for i, p := range w.people {
		keys[p.id.ID()] = p.id
		watcher := must(identityOf("watcher", i))
		keys[watcher.ID()] = watcher
	}
	for id, j := range w.jurors {
		keys[id] = j
	}
	all := allFolders(t)
	var out []mutation
	for _, m := range mutated {
		v, ok := all[m.of]
		if !ok {
			t.Fatalf("no vector %s", m.of)
		}
		seen := map[string]bool{string(v.Input): true}
		each := func(what string, data []byte) {
			if m.skip != "" && strings.Contains(what, m.skip) || seen[string(data)] {
				return
			}
			seen[string(data)] = true
			v := v
			v.Input = data
			out = append(out, mutation{m.of, strings.ReplaceAll(strings.TrimSpace(what), " ", ":"), data, string(sxp.KindOf(readAny(all, m.of, v, w.algebra)))})
		}
		mutate(w, keys, m.of, v, m.depth, each)
	}
	return out
}

func allFolders(t *testing.T) map[string]vectors.Vector {
	all := map[string]vectors.Vector{}
	for _, folder := range []string{"signing", "contract", "roll", "rating", "evidence"} {
		for name, v := range readFolder(t, "../vectors/"+folder) {
			all[folder+"/"+name] = v
			if folder == "signing" {
				all[name] = v // as vectors name their session
			}
		}
	}
	return all
}

// readAny reads a vector of either folder. A changed session is read for what
// it is, not for the m that it had.
func readAny(all map[string]vectors.Vector, of string, v vectors.Vector, a contract.Algebra) error {
	folder, name, _ := strings.Cut(of, "/")
	switch folder {
	case "contract":
		return readVector(name, v, a)
	case "rating":
		return readRating(name, v)
	case "evidence":
		return readEvidence(name, v, a)
	case "roll":
		v.With = without(v.With, "words")
		if strings.HasPrefix(name, "up-") {
			v.With = without(v.With, "at")
		}
		return readWord(name, v, a)
	}
	if strings.HasPrefix(name, "session-") {
		v.With = nil
	}
	return readSigning(all, name, v, a)
}

func without(m map[string]string, key string) map[string]string {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

// mutate makes every change of a vector.
func mutate(w *world, keys map[sxp.ID]envelope.Signer, of string, v vectors.Vector, depth int, each func(what string, data []byte)) {
	switch {
	case of == "contract/file-valid" || of == "contract/void-valid":
		mutateFile(w, keys, v.Input, each)
	case strings.HasPrefix(of, "signing/session-"), strings.HasPrefix(of, "evidence/"), strings.HasPrefix(of, "roll/record-"):
		root := parseNode(v.Input)
		eachChange(root, depth, func(what string) { each(what, root.write(keys)) })
	default:
		m := parseMessage(v.Input)
		eachChange(m.payload, depth, func(what string) { each(what, m.write(keys)) })
		header := parseNode(m.protected)
		eachChange(header, 0, func(what string) {
			m.protected = header.write(nil)
			each("header"+what, m.write(keys))
		})
	}
}

// mutateFile changes the contents of a file, and the signature of the parties
// with them: all have signed what is wrong.
func mutateFile(w *world, keys map[sxp.ID]envelope.Signer, file []byte, each func(string, []byte)) {
	before, contents, after := unframe(file)
	root := parseNode(contents)
	field := func(name string) *node {
		for i := 0; i+1 < len(root.items); i += 2 {
			if string(root.items[i].b) == name {
				return root.items[i+1]
			}
		}
		return nil
	}
	frame := func() []byte {
		digits := base64.StdEncoding.EncodeToString(root.write(keys))
		out := slices.Clone(before)
		for line := range slices.Chunk([]byte(digits), 64) {
			out = append(append(out, line...), '\n')
		}
		return append(out, after...)
	}
	eachChange(root, 0, func(what string) {
		each(what, frame())
		pre, s := field("preimage"), field("s")
		if !strings.HasPrefix(what, ".preimage") || pre == nil || s == nil || s.major != 2 {
			return
		}
		m, was := sxp.Sum(pre.write(keys)), s.b
		sum := must(bls.Aggregate(m, []bls.G1{w.people[0].secret.SignSession(m), w.people[1].secret.SignSession(m)}))
		s.b = sum[:]
		each("signed"+what, frame())
		s.b = was
	})
}

// body is a message, or of a file what stands in base64: the list patches that.
func body(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte("SXP ")) {
		return b
	}
	_, contents, _ := unframe(b)
	return contents
}

// unframe cuts a file into what stands before its contents, those, and the rest.
func unframe(file []byte) (before, contents, after []byte) {
	start := bytes.LastIndex(file, []byte("-----BEGIN"))
	start += bytes.IndexByte(file[start:], '\n') + 1
	end := bytes.LastIndex(file, []byte("-----END"))
	return file[:start], must(base64.StdEncoding.DecodeString(strings.ReplaceAll(string(file[start:end]), "\n", ""))), file[end:]
}

// patch writes data as pieces of base and bytes of its own.
func patch(base, data []byte) string {
	const least = 12
	index := map[string]int{}
	for i := len(base) - least; i >= 0; i-- {
		index[string(base[i:i+least])] = i
	}
	var out []string
	var own []byte
	flush := func() {
		if len(own) > 0 {
			out = append(out, hex.EncodeToString(own))
			own = nil
		}
	}
	for len(data) > 0 {
		at, ok := index[string(data[:min(least, len(data))])]
		if !ok {
			own, data = append(own, data[0]), data[1:]
			continue
		}
		n := least
		for n < len(data) && at+n < len(base) && data[n] == base[at+n] {
			n++
		}
		flush()
		out = append(out, fmt.Sprintf("%d+%d", at, n))
		data = data[n:]
	}
	flush()
	return strings.Join(out, " ")
}

// unpatch is the inverse of patch.
func unpatch(base []byte, pieces []string) []byte {
	var out []byte
	for _, p := range pieces {
		if at, n, ok := strings.Cut(p, "+"); ok {
			from := must(strconv.Atoi(at))
			out = append(out, base[from:from+must(strconv.Atoi(n))]...)
		} else {
			out = append(out, must(hex.DecodeString(p))...)
		}
	}
	return out
}

// TestMutations: what is changed in a valid vector and signed anew is refused,
// or is another valid message where the field is free; and the list that other
// readers are held to says the same.
func TestMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("reads thousands of changed messages")
	}
	list := mutations(t)
	all := allFolders(t)
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s %s %s %s\n", m.of, m.what, orDash(m.kind), patch(body(all[m.of].Input), body(m.data)))
	}
	if *update {
		if err := os.WriteFile(filepath.FromSlash(mutationFile), []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if written := string(must(os.ReadFile(filepath.FromSlash(mutationFile)))); written != b.String() {
		t.Errorf("mutations.txt is not what is made today: read the difference, then -update")
	}
	accepted := map[string]int{}
	for _, m := range list {
		if again := unpatch(body(all[m.of].Input), strings.Fields(patch(body(all[m.of].Input), body(m.data)))); !bytes.Equal(again, body(m.data)) {
			t.Fatalf("%s %s: the line does not give the bytes", m.of, m.what)
		}
		if m.kind == "" {
			accepted[m.of]++
			if !free(m) {
				t.Errorf("%s %s is accepted", m.of, m.what)
			}
		}
	}
	t.Logf("%d changed vectors, %v are other valid messages", len(list), accepted)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// TestFlippedBits: no valid message survives one flipped bit, or loses its end.
func TestFlippedBits(t *testing.T) {
	if testing.Short() {
		t.Skip("reads thousands of changed messages")
	}
	a := worldOf(t, 2, 3).algebra
	all, n := allFolders(t), 0
	for of, v := range all {
		if v.Expect != "" || !strings.HasPrefix(of, "signing/") || strings.HasPrefix(of, "signing/run-") {
			continue
		}
		for _, data := range flips(v.Input) {
			n++
			v.Input = data
			folderless := strings.TrimPrefix(of, "signing/")
			if err := readSigning(all, folderless, v, a); err == nil {
				t.Errorf("%s: %x is accepted", of, data)
			}
		}
	}
	t.Logf("%d flipped or cut messages refused", n)
}

// flips flips bit i mod 8 of byte i, and cuts before it, for 48 places.
func flips(b []byte) (out [][]byte) {
	step := max(1, len(b)/48)
	for i := 0; i < len(b); i += step {
		c := slices.Clone(b)
		c[i] ^= 1 << (i % 8)
		out = append(out, c, b[:i])
	}
	return out
}

// free reports whether a mutation changed only what its signer may choose: the
// places below, by vector. All else must be refused.
func free(m mutation) bool {
	for of, places := range freePlaces {
		if strings.HasPrefix(m.of, of) && places.MatchString(m.what) {
			return true
		}
	}
	return false
}

var freePlaces = map[string]*regexp.Regexp{
	// Another acceptance is evidence against who made both; another U or A_k is
	// another commitment.
	"signing/acceptance": regexp.MustCompile(`^\.watcher|^without-1$|^\.commitment\.(u|a/0):(flag20|generator)$`),
	"signing/session": regexp.MustCompile(`^\.(deadline|delta|roll|f)|^\.jury/.\.address|^\.(jury|parties):(reversed|turned)$` +
		`|^\.parties/.\.acceptance!(\.watcher.*|:without-1|\.commitment\.(u|a/0):(flag20|generator))$`),
	"signing/decline": regexp.MustCompile(`^\.reason|^without-0$`),
	"signing/result":  regexp.MustCompile(`^without-1$`), // jury
	"signing/lodged":  regexp.MustCompile(`^\.at`),
	"signing/jury.":   regexp.MustCompile(`^\.timestamp|^\.nonce|^\.result\.reason|^\.result:without-1$`),
	"signing/watch.":  regexp.MustCompile(`^\.timestamp|^\.nonce|^\.result:without|^\.result\.receipt!\.at|^\.result\.result!:without-1$`),

	// What is no endorsement is passed over, and lists may be longer or shorter.
	"signing/jury.forward": regexp.MustCompile(`^\.request\.endorsements`),
	"signing/jury.query":   regexp.MustCompile(`^\.request\.seen|^\.request:without-[12]$|^\.result\.shares:`),
	"signing/jury.shares":  regexp.MustCompile(`^\.request\.shares:`),
	"signing/watch.lodge":  regexp.MustCompile(`^\.request\.(claimAt|patience)`),

	// Whatever wrong things it signed, it is guilty; which of two stands first
	// says nothing.
	"evidence/fault-": regexp.MustCompile(`^\.raw/[01]!|^\.raw:(reversed|turned)$`),

	"roll/vouch":   regexp.MustCompile(`^\.until:`),
	"roll/up":      regexp.MustCompile(`^\.at:`),
	"roll/conduct": regexp.MustCompile(`^\.words:|^\.words/2!\.(seat|shares)`), // a word of a session that its reader may not know
	"roll/juror":   regexp.MustCompile(`^\.(address|deltaMin|maxN|maxParties|maxHorizon):`),
	"roll/record":  regexp.MustCompile(`^\.conduct\.(up|asked|cases|since|faults):`),

	// What is said of somebody, and when.
	"rating/rating": regexp.MustCompile(`^\.marks/0\.kept:|^\.published:`),
	"rating/reply":  regexp.MustCompile(`^\.(at|text):`),

	// A proposal and a roll say what their authors want, in their bounds.
	"contract/proposal": regexp.MustCompile(`^\.(attempt|created|deadline|delta|epsilon|l|patience|f|n|nonce|roll):` +
		`|^\.parties/.\.card!\.(issued|seq|kem)|^\.terms\.transfers/.(\.due|\.itemRef|:without-4$)`),
	"contract/roll": regexp.MustCompile(`^\.entries/.\.(address|deltaMin|maxN|maxParties|maxHorizon):|^\.entries:` +
		`|^\.(delta|epsilon|horizon|issued|l|number|patience):`),
	"contract/file": regexp.MustCompile(`^without-1$`), // the roll
	"contract/void": regexp.MustCompile(`^without-0$`), // the roll
}
