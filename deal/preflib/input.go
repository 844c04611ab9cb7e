package preflib

import (
	"fmt"
	"strings"

	"sxp"
)

// ReadInput reads a pool whose pairs stand in an .input file and whose altruists
// in an .ndds file; gifts.Reader is nil where there are none. Pairs are numbered
// from 0, altruists after them. It fails as ReadWMD does.
func ReadInput(pairs, gifts File, set Settings) (*Pool, error) {
	r := &reader{op: "preflib.ReadInput", set: set, pool: &Pool{}}
	n, err := r.section(pairs, 0, -1)
	if err != nil {
		return nil, err
	}
	for i := range n {
		r.pool.Nodes = append(r.pool.Nodes, Node{Name: fmt.Sprintf("Pair %d", i)})
	}
	if gifts.Reader != nil {
		before := len(r.raw)
		k, err := r.section(gifts, n, n)
		if err != nil {
			return nil, err
		}
		for i := range k {
			r.pool.Nodes = append(r.pool.Nodes, Node{Name: fmt.Sprintf("Altruist %d", i), Altruist: true})
		}
		for i := range r.raw[before:] {
			r.raw[before+i].from += int32(n)
		}
	}
	r.plain = true
	return r.finish()
}

// section reads one file: "nodes arcs", the arcs "from to weight", and the line
// "-1 -1 -1" that ends it. held is how many nodes there are already; arcs enter
// one of these, or one of the file's own where entered is below 0.
func (r *reader) section(f File, held, entered int) (nodes int, err error) {
	r.open(f)
	header, ok := r.next()
	fields := strings.Fields(header)
	if err := r.broken(); err != nil {
		return 0, err
	}
	if !ok || len(fields) != 2 {
		return 0, r.fatal(sxp.Invalid, "header", "the first line must be \"nodes arcs\"")
	}
	if nodes, err = r.count("nodes", fields[0], MaxNodes-held); err != nil {
		return 0, err
	}
	promised, err := r.count("arcs", fields[1], MaxArcs)
	if err != nil {
		return 0, err
	}
	if entered < 0 {
		entered = nodes
	}
	before, ended := len(r.raw), false
	for line, ok := r.next(); ok; line, ok = r.next() {
		fields := strings.Fields(line)
		switch {
		case ended:
			err = r.problem("end", "nothing may stand after the line \"-1 -1 -1\"")
		case len(fields) == 3 && fields[0] == "-1":
			ended = true
		default:
			err = r.arc(fields, 0, nodes, entered)
		}
		if err != nil {
			return 0, err
		}
	}
	if err := r.broken(); err != nil {
		return 0, err
	}
	if !ended {
		if err := r.problem("end", "the line \"-1 -1 -1\" is missing: is the file whole?"); err != nil {
			return 0, err
		}
	}
	if got := len(r.raw) - before; got != promised {
		err = r.problem("count", "%d arcs are usable, the header says %d", got, promised)
	}
	return nodes, err
}
