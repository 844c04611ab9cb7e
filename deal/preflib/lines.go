package preflib

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"sxp"
)

// A reader takes a file apart and gathers complaints.
type reader struct {
	op    string
	set   Settings
	pool  *Pool
	file  string
	line  int
	scan  *bufio.Scanner
	size  *counter
	raw   []rawArc
	plain bool // altruists are named as such, weights of 0 make none
}

// A rawArc is an arc as it stands in a file, its weight in millionths.
type rawArc struct {
	from, to, line int32
	micro          int64
	file           string
}

// A counter counts the bytes that pass.
type counter struct {
	r    io.Reader
	left int64
}

func (c *counter) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	n, err := c.r.Read(b)
	c.left -= int64(n)
	return n, err
}

var errTooLong = errors.New("longer than allowed")

// open begins a file.
func (r *reader) open(f File) {
	r.file, r.line = f.Name, 0
	r.size = &counter{f.Reader, MaxFile + 1}
	r.scan = bufio.NewScanner(r.size)
	r.scan.Buffer(nil, MaxLine)
}

// next returns the next line that is not blank, without space around it.
func (r *reader) next() (string, bool) {
	for r.scan.Scan() {
		r.line++
		if s := strings.TrimSpace(r.scan.Text()); s != "" {
			return s, true
		}
	}
	return "", false
}

// broken is why the lines ended, if not with the file.
func (r *reader) broken() error {
	err := r.scan.Err()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooLong):
		return sxp.Errorf(r.op, sxp.TooLarge, nil, "%s: more than %d bytes", r.file, int64(MaxFile))
	case errors.Is(err, bufio.ErrTooLong):
		return sxp.Errorf(r.op, sxp.TooLarge, nil, "%s:%d: a line of more than %d bytes", r.file, r.line+1, MaxLine)
	}
	return sxp.Errorf(r.op, sxp.Unavailable, nil, "%s: %w", r.file, err)
}

// fatal is a problem that ends the reading.
func (r *reader) fatal(kind sxp.Kind, rule, format string, args ...any) error {
	return sxp.Errorf(r.op, kind, nil, "%w", Problem{r.file, r.line, rule, fmt.Sprintf(format, args...), false})
}

// problem takes note of a complaint; it fails where that ends the reading.
func (r *reader) problem(rule, format string, args ...any) error {
	p := Problem{r.file, r.line, rule, fmt.Sprintf(format, args...), false}
	if r.set.Strict {
		return sxp.Errorf(r.op, sxp.Invalid, nil, "%w", p)
	}
	r.keep(p)
	return nil
}

func (r *reader) keep(p Problem) {
	if len(r.pool.Problems) < MaxProblems {
		r.pool.Problems = append(r.pool.Problems, p)
	} else {
		r.pool.More++
	}
}

// whole reads a number of only digits, at most 9.
func whole(s string) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// million is the finest unit of a weight.
const million = 1_000_000

// weight reads a decimal number of at most six digits behind the point, in
// millionths; more digits must be 0.
func weight(s string) (int64, error) {
	head, tail, _ := strings.Cut(s, ".")
	n, ok := whole(head)
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("weight %.40q is below 0", s)
	case !ok:
		return 0, fmt.Errorf("weight %.40q is not a number of at most 9 digits before the point", s)
	}
	for len(tail) > 6 && tail[len(tail)-1] == '0' {
		tail = tail[:len(tail)-1]
	}
	if len(tail) > 6 {
		return 0, fmt.Errorf("weight %.40q has more than 6 digits behind the point", s)
	}
	part, ok := whole((tail + "000000")[:6])
	if !ok {
		return 0, fmt.Errorf("weight %.40q is not a decimal number", s)
	}
	micro := int64(n)*million + int64(part)
	if micro > MaxWeight*million {
		return 0, fmt.Errorf("weight %.40q is above %d", s, int64(MaxWeight))
	}
	return micro, nil
}

// arc reads the fields of an arc. The lowest node is called first; there are so
// many that an arc may leave and so many that it may enter.
func (r *reader) arc(fields []string, first, froms, tos int) error {
	if len(fields) != 3 {
		return r.problem("arc", "an arc has 3 fields: from, to, weight; this has %d", len(fields))
	}
	var end [2]int
	for i, most := range []int{froms, tos} {
		s := strings.TrimSpace(fields[i])
		n, ok := whole(s)
		if !ok || n < first || n >= first+most {
			return r.problem("node", "%.40q is not a node: they are %d to %d", s, first, first+most-1)
		}
		end[i] = n - first
	}
	micro, err := weight(strings.TrimSpace(fields[2]))
	if err != nil {
		return r.problem("weight", "%v", err)
	}
	if len(r.raw) >= MaxArcs {
		return r.fatal(sxp.TooLarge, "arcs", "more than %d arcs", MaxArcs)
	}
	r.raw = append(r.raw, rawArc{int32(end[0]), int32(end[1]), int32(r.line), micro, r.file})
	return nil
}
