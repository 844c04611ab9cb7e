package svg_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"sxp/deal/svg"
)

// ringOf makes a ring of n steps.
func ringOf(n int, status svg.Status, name string) svg.Ring {
	r := svg.Ring{Name: name, Status: status}
	for i := range n {
		r.Steps = append(r.Steps, svg.Step{From: fmt.Sprintf("person %d", i), To: fmt.Sprintf("person %d", (i+1)%n), Item: fmt.Sprintf("a thing, number %d", i)})
	}
	return r
}

// wellFormed parses the picture and returns its element names and text.
func wellFormed(t *testing.T, picture []byte) (names map[string]int, text string) {
	t.Helper()
	names = make(map[string]int)
	d := xml.NewDecoder(bytes.NewReader(picture))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return names, text
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			names[tok.Name.Local]++
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
					t.Errorf("attribute %s: a picture has no scripts and no links", a.Name.Local)
				}
			}
		case xml.CharData:
			text += string(tok)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	evil := `<script>alert("x")</script>&]]>` + "\x00\x1b\xff"
	r := svg.Ring{Name: evil, Steps: []svg.Step{{From: evil, To: "b", Item: evil}, {From: "b", To: evil, Item: "y"}}}
	for name, draw := range map[string]func(io.Writer) error{
		"one ring": func(w io.Writer) error { return svg.Draw(w, r) },
		"an overview": func(w io.Writer) error {
			return svg.Overview(w, svg.Report{Title: evil, Lines: []string{evil}, Rings: []svg.Ring{r}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := draw(&b); err != nil {
				t.Fatal(err)
			}
			names, text := wellFormed(t, b.Bytes())
			if names["script"] > 0 || !strings.Contains(text, "<script>alert") {
				t.Errorf("elements %v, text %q", names, text)
			}
		})
	}
}

func TestDrawShowsPeopleAndItems(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 12, svg.MaxSteps + 5} {
		var b bytes.Buffer
		if err := svg.Draw(&b, ringOf(n, svg.Direct, "")); err != nil {
			t.Fatal(err)
		}
		names, text := wellFormed(t, b.Bytes())
		if want := min(n, svg.MaxSteps); names["circle"] != want {
			t.Errorf("%d steps: %d circles, want %d", n, names["circle"], want)
		}
		if n > 0 && !strings.Contains(text, "person 0 gives a thing, number 0 to person") {
			t.Errorf("%d steps: the title of the first arrow is missing", n)
		}
		if n > svg.MaxSteps && !strings.Contains(text, "the first 40 are drawn") {
			t.Errorf("%d steps: not said that some are missing", n)
		}
	}
}

// sample is an overview as a report has it.
func sample() svg.Report {
	r := svg.Report{Title: "Trades of a want list", Lines: []string{"208 people, 2914 items; 415 items traded in 120 rings of at most 4", "unfair: 0; all files verified"}}
	for i := range 120 {
		ring := ringOf(2+i%3, svg.Status(1+i*i%7%3), fmt.Sprintf("ring %d", i+1))
		ring.Steps[0].Gone = ring.Status != svg.Direct
		r.Rings = append(r.Rings, ring)
	}
	r.Rings = append(r.Rings, ringOf(7, svg.Open, "ring 121"), ringOf(12, svg.Direct, "ring 122"), ringOf(435, svg.Void, "ring 123"))
	return r
}

func TestOverviewCountsHowRingsEnded(t *testing.T) {
	var b, again bytes.Buffer
	if err := svg.Overview(&b, sample()); err != nil {
		t.Fatal(err)
	}
	_, text := wellFormed(t, b.Bytes())
	for _, want := range []string{"completed directly", "completed by the jury", "void: nobody is bound", "1 not signed yet", "40 rings of 2 items", "1 ring of 435 items"} {
		if !strings.Contains(text, want) {
			t.Errorf("the overview lacks %q", want)
		}
	}
	if err := svg.Overview(&again, sample()); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same report gave another picture (%v)", err)
	}
	many := svg.Report{Rings: make([]svg.Ring, svg.MaxRings+3)}
	b.Reset()
	if err := svg.Overview(&b, many); err != nil {
		t.Fatal(err)
	}
	if _, text := wellFormed(t, b.Bytes()); !strings.Contains(text, "and 3 rings more") {
		t.Error("not said that rings are missing")
	}
}

// With SXP_PICTURES set to a folder, the pictures are kept to be looked at.
func TestKeepPictures(t *testing.T) {
	dir := os.Getenv("SXP_PICTURES")
	if dir == "" {
		t.Skip("set SXP_PICTURES to a folder to look at the pictures")
	}
	three := svg.Ring{Name: "Alice, Bob and Charlie", Status: svg.Jury, Steps: []svg.Step{
		{From: "Alice", To: "Charlie", Item: "3 h maths lessons"},
		{From: "Charlie", To: "Bob", Item: "12 coins of the seaside club"},
		{From: "Bob", To: "Alice", Item: "20 l barrel of beer", Gone: true},
	}}
	for name, draw := range map[string]func(io.Writer) error{
		"three.svg":    func(w io.Writer) error { return svg.Draw(w, three) },
		"two.svg":      func(w io.Writer) error { return svg.Draw(w, ringOf(2, svg.Void, "")) },
		"twelve.svg":   func(w io.Writer) error { return svg.Draw(w, ringOf(12, svg.Direct, "")) },
		"overview.svg": func(w io.Writer) error { return svg.Overview(w, sample()) },
	} {
		var b bytes.Buffer
		if err := draw(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What was only found is told in words, and nothing is said of how it ended.
func TestFoundRingsAreToldInWords(t *testing.T) {
	found := svg.Report{Title: "found", Found: true, Rings: []svg.Ring{
		ringOf(3, svg.Open, "1"),
		{Name: "2", Chain: true, Steps: []svg.Step{{From: "Altruist 9", To: "Pair 1", Item: "Altruist 9"}}},
	}}
	var b bytes.Buffer
	if err := svg.Overview(&b, found); err != nil {
		t.Fatal(err)
	}
	names, text := wellFormed(t, b.Bytes())
	for want, times := range map[string]int{
		"person 0 gives a thing, number 0 to person 1": 3, // beside it, on the arrow, on the whole
		"Altruist 9 gives to Pair 1":                   3,
		"ring 1; person 0":                             1,
		"chain 2; Altruist 9":                          1,
		"not signed":                                   0,
	} {
		if n := strings.Count(text, want); n != times {
			t.Errorf("%q stands there %d times, want %d", want, n, times)
		}
	}
	if names["circle"] != 5 {
		t.Errorf("%d circles, want 5", names["circle"])
	}
	for range 200 { // too many for words
		found.Rings = append(found.Rings, ringOf(3, svg.Open, "n"))
	}
	b.Reset()
	if err := svg.Overview(&b, found); err != nil {
		t.Fatal(err)
	}
	if _, text := wellFormed(t, b.Bytes()); strings.Count(text, "Altruist 9 gives to Pair 1") != 2 {
		t.Error("the words of 202 rings are drawn")
	}
}
