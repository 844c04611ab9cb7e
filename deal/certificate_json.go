package deal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sxp"
)

// Limits on the JSON form of a certificate.
const (
	// MaxCertificateBytes is its length.
	MaxCertificateBytes = 1 << 26

	// maxNumbers is how many numbers stand in it, an object counted as some: it
	// takes as much memory even if it is empty.
	maxNumbers   = 1 << 23
	objectCounts = 16
)

// Encode returns the JSON form of c: spec/certificate.md.
func (c *Certificate) Encode() ([]byte, error) {
	data, err := json.Marshal(c)
	if err == nil && len(data) > MaxCertificateBytes {
		err = sxp.Errorf("deal.Encode", sxp.TooLarge, nil, "a certificate of %d bytes, at most %d are allowed", len(data), MaxCertificateBytes)
	}
	return data, err
}

// DecodeCertificate reads the JSON form of a certificate. It fails with Invalid,
// naming the place, where a name is unknown or stands twice, where a number is
// missing, too many, or no whole number of 64 bits; with TooLarge beyond the
// limits. What it says is checked by Verify only.
func DecodeCertificate(data []byte) (*Certificate, error) {
	const op = "deal.DecodeCertificate"
	switch {
	case len(data) > MaxCertificateBytes:
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "%d bytes, at most %d are allowed", len(data), MaxCertificateBytes)
	case !utf8.Valid(data):
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "not UTF-8")
	}
	d := &certDecoder{in: json.NewDecoder(bytes.NewReader(data))}
	d.in.UseNumber()
	c := new(Certificate)
	d.object("", map[string]func(string){"proofs": func(at string) {
		d.list(at, func(at string) {
			p := Proof{}
			d.proof(at, &p)
			c.Proofs = append(c.Proofs, p)
		})
	}})
	if d.err == nil {
		if _, err := d.in.Token(); !errors.Is(err, io.EOF) {
			d.fail("", "something stands behind the end")
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	return c, nil
}

// A certDecoder reads a certificate; after an error it reads nothing more.
type certDecoder struct {
	in      *json.Decoder
	numbers int
	err     error
}

func (d *certDecoder) fail(at, format string, args ...any) {
	if d.err == nil {
		if at == "" {
			at = "the whole"
		}
		d.err = sxp.Errorf("deal.DecodeCertificate", sxp.Invalid, nil, "%s, byte %d: %s", strings.Trim(at, ". "), d.in.InputOffset(), fmt.Sprintf(format, args...))
	}
}

// token reads a token; nil after an error.
func (d *certDecoder) token(at string) json.Token {
	if d.err != nil {
		return nil
	}
	t, err := d.in.Token()
	if err != nil {
		d.fail(at, "%v", err)
	}
	return t
}

// object reads an object whose fields are read by these functions.
func (d *certDecoder) object(at string, fields map[string]func(string)) {
	if t := d.token(at); t != json.Delim('{') {
		d.fail(at, "must be an object")
		return
	}
	if d.numbers += objectCounts; d.numbers > maxNumbers {
		d.err = sxp.Errorf("deal.DecodeCertificate", sxp.TooLarge, nil, "%s: more than %d numbers in all", at, maxNumbers)
		return
	}
	var seen [8]string
	fresh := 0
	for d.err == nil && d.in.More() {
		name, _ := d.token(at).(string)
		read := fields[name]
		if read == nil || slices.Contains(seen[:fresh], name) {
			d.fail(at, "field %.40q is unknown or stands twice", name)
			return
		}
		seen[fresh] = name // no object has more fields than that
		fresh++
		read(at + "." + name)
	}
	d.token(at)
}

// list reads a list whose elements are read by f.
func (d *certDecoder) list(at string, f func(at string)) {
	if t := d.token(at); t != json.Delim('[') {
		d.fail(at, "must be a list")
		return
	}
	for i := 0; d.err == nil && d.in.More(); i++ {
		if d.numbers++; d.numbers > maxNumbers {
			d.err = sxp.Errorf("deal.DecodeCertificate", sxp.TooLarge, nil, "%s: more than %d numbers in all", at, maxNumbers)
			return
		}
		if at[len(at)-1] == ' ' { // numbers: there may be millions
			f(at)
		} else {
			f(at + "[" + strconv.Itoa(i) + "]")
		}
	}
	d.token(at)
}

// number reads a whole number between two others.
func (d *certDecoder) number(at string, least, most int64) int64 {
	t, ok := d.token(at).(json.Number)
	n, err := strconv.ParseInt(t.String(), 10, 64)
	if !ok || err != nil || n < least || n > most {
		d.fail(at, "must be a whole number of %d to %d", least, most)
		return 0
	}
	return n
}

const (
	least64, most64 = -1 << 63, 1<<63 - 1
	most32          = 1<<31 - 1
)

func (d *certDecoder) long(to *int64) func(string) {
	return func(at string) { *to = d.number(at, least64, most64) }
}

func (d *certDecoder) longs(to *[]int64) func(string) {
	return func(at string) {
		d.list(at+" ", func(at string) { *to = append(*to, d.number(at, least64, most64)) })
	}
}

func (d *certDecoder) nodes(to *[]Node) func(string) {
	return func(at string) {
		d.list(at+" ", func(at string) { *to = append(*to, Node(d.number(at, 0, MaxNodes))) })
	}
}

// prices reads a list of pairs.
func (d *certDecoder) prices(to *[]Price) func(string) {
	return func(at string) {
		d.list(at+" ", func(at string) {
			pair := make([]int64, 0, 2)
			d.list(at, func(at string) { pair = append(pair, d.number(at, least64, most64)) })
			if len(pair) != 2 {
				d.fail(at, "must be two numbers")
				return
			}
			*to = append(*to, Price(pair))
		})
	}
}

func (d *certDecoder) proof(at string, p *Proof) {
	d.object(at, map[string]func(string){
		"goal": func(at string) {
			ok := false
			if p.Goal, ok = d.token(at).(string); !ok {
				d.fail(at, "must be a text")
			}
		},
		"bound":   d.long(&p.Bound),
		"weights": d.longs(&p.Weights),
		"cuts": func(at string) {
			d.list(at, func(at string) {
				c := Cut{}
				d.object(at, map[string]func(string){"nodes": d.prices(&c.Nodes), "limits": d.prices(&c.Limits),
					"cuts": d.prices(&c.Cuts), "by": d.long(&c.By)})
				p.Cuts = append(p.Cuts, c)
			})
		},
		"branches": func(at string) {
			d.list(at, func(at string) {
				b := Branch{}
				d.branch(at, &b)
				p.Branches = append(p.Branches, b)
			})
		},
		"potentials": func(at string) {
			p.Potentials = new(Potentials)
			d.object(at, map[string]func(string){"scale": d.long(&p.Potentials.Scale), "out": d.longs(&p.Potentials.Out),
				"in": d.longs(&p.Potentials.In), "limits": d.prices(&p.Potentials.Limits), "people": d.prices(&p.Potentials.People)})
		},
	})
}

func (d *certDecoder) branch(at string, b *Branch) {
	d.object(at, map[string]func(string){
		"prices": func(at string) {
			d.list(at, func(at string) {
				p := Prices{}
				d.object(at, map[string]func(string){"scale": d.long(&p.Scale), "nodes": d.prices(&p.Nodes), "limits": d.prices(&p.Limits),
					"cuts": d.prices(&p.Cuts), "people": d.prices(&p.People), "goals": d.prices(&p.Goals), "taken": d.prices(&p.Taken)})
				b.Prices = append(b.Prices, p)
			})
		},
		"arc":     d.nodes(&b.Arc),
		"ring":    d.nodes((*[]Node)(&b.Ring)),
		"with":    func(at string) { b.With = int(d.number(at, 0, most32)) },
		"without": func(at string) { b.Without = int(d.number(at, 0, most32)) },
	})
}
