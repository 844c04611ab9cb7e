package preflib

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sxp"
)

// ReadWMD reads a pool in PrefLib's .wmd format. It fails with Invalid where a
// rule ends the reading, naming file, line and rule, and with TooLarge beyond a
// limit; the error wraps a Problem. Other problems are in the pool that it
// returns.
func ReadWMD(f File, set Settings) (*Pool, error) {
	r := &reader{op: "preflib.ReadWMD", set: set, pool: &Pool{}}
	r.open(f)
	line, ok := r.next()
	if !ok {
		if err := r.broken(); err != nil {
			return nil, err
		}
		return nil, r.fatal(sxp.Invalid, "header", "the file is empty")
	}
	var err error
	if strings.HasPrefix(line, "#") {
		err = r.metadata(line)
	} else {
		err = r.names(line)
	}
	if err != nil {
		return nil, err
	}
	return r.finish()
}

// count reads how many nodes or arcs a header promises.
func (r *reader) count(what, s string, most int) (int, error) {
	n, ok := whole(strings.TrimSpace(s))
	switch {
	case !ok:
		return 0, r.fatal(sxp.Invalid, "header", "%.40q is not a number of %s", s, what)
	case n > most:
		return 0, r.fatal(sxp.TooLarge, "header", "%d %s, at most %d are allowed", n, what, most)
	}
	return n, nil
}

// names reads the first form: "nodes,arcs", a line "number,name" for each node,
// then the arcs "from,to,weight" with nodes that count from 0.
func (r *reader) names(header string) error {
	left, right, ok := strings.Cut(header, ",")
	if !ok {
		return r.fatal(sxp.Invalid, "header", "the first line must be \"nodes,arcs\"")
	}
	n, err := r.count("nodes", left, MaxNodes)
	if err != nil {
		return err
	}
	arcs, err := r.count("arcs", right, MaxArcs)
	if err != nil {
		return err
	}
	for i := range n {
		line, ok := r.next()
		if !ok {
			if err := r.broken(); err != nil {
				return err
			}
			return r.fatal(sxp.Invalid, "names", "the file ends after %d of %d nodes", i, n)
		}
		number, name, ok := strings.Cut(line, ",")
		if k, isNumber := whole(strings.TrimSpace(number)); !ok || !isNumber || k != i+1 {
			return r.fatal(sxp.Invalid, "names", "node %d must stand here as \"%d,name\"", i+1, i+1)
		}
		r.pool.Nodes = append(r.pool.Nodes, Node{Name: strings.TrimSpace(name)})
	}
	return r.arcs(0, arcs, n)
}

// metadata reads the later form: lines "# KEY: value", then the arcs
// "from,to,weight" with nodes that count from 1.
func (r *reader) metadata(line string) error {
	n, arcs := -1, -1
	named := make(map[int]string)
	var first string
	for ok := true; ok; line, ok = r.next() {
		if !strings.HasPrefix(line, "#") {
			first = line
			break
		}
		key, value, found := strings.Cut(strings.TrimSpace(line[1:]), ":")
		if !found {
			continue // a remark
		}
		var err error
		switch {
		case key == "NUMBER ALTERNATIVES":
			n, err = r.count("nodes", value, MaxNodes)
		case key == "NUMBER EDGES":
			arcs, err = r.count("arcs", value, MaxArcs)
		case strings.HasPrefix(key, "ALTERNATIVE NAME "):
			k, ok := whole(strings.TrimPrefix(key, "ALTERNATIVE NAME "))
			if ok && k >= 1 && k <= MaxNodes {
				named[k] = strings.TrimSpace(value)
			} else {
				err = r.problem("names", "%.60q names no node", key)
			}
		}
		if err != nil {
			return err
		}
	}
	if n < 0 {
		if err := r.broken(); err != nil {
			return err
		}
		return r.fatal(sxp.Invalid, "header", "no line \"# NUMBER ALTERNATIVES:\" says how many nodes there are")
	}
	for i := range n {
		name, ok := named[i+1]
		if !ok {
			name = fmt.Sprintf("Pair %d", i+1)
		}
		r.pool.Nodes = append(r.pool.Nodes, Node{Name: name})
	}
	if first != "" {
		if err := r.arc(strings.Split(first, ","), 1, n, n); err != nil {
			return err
		}
	}
	return r.arcs(1, arcs, n)
}

// arcs reads the arcs to the end of the file; promised is how many the header
// says, below 0 where it does not.
func (r *reader) arcs(first, promised, n int) error {
	for line, ok := r.next(); ok; line, ok = r.next() {
		if err := r.arc(strings.Split(line, ","), first, n, n); err != nil {
			return err
		}
	}
	if err := r.broken(); err != nil {
		return err
	}
	if promised >= 0 && len(r.raw) != promised {
		return r.problem("count", "%d arcs are usable, the header says %d", len(r.raw), promised)
	}
	return nil
}

// finish decides who is an altruist and keeps the arcs that count.
func (r *reader) finish() (*Pool, error) {
	p := r.pool
	taken := make([]bool, len(p.Nodes)) // some arc to the node is worth something
	named := make([]bool, len(p.Nodes))
	entered := make([]bool, len(p.Nodes))
	for i, x := range p.Nodes {
		s := strings.ToLower(x.Name)
		named[i] = x.Altruist || strings.HasPrefix(s, "altruist") || strings.HasPrefix(s, "alturist") // the collection's spelling
	}
	for _, a := range r.raw {
		entered[a.to] = true
		taken[a.to] = taken[a.to] || a.micro > 0
	}
	for i := range p.Nodes {
		p.Nodes[i].Altruist = named[i] || !r.plain && entered[i] && !taken[i]
	}
	if err := r.single(); err != nil {
		return nil, err
	}
	unit := int64(million)
	for _, a := range r.raw {
		for a.micro%unit != 0 {
			unit /= 10
		}
	}
	p.Scale = million / unit
	for _, a := range r.raw {
		r.line, r.file = int(a.line), a.file
		var err error
		switch {
		case a.from == a.to:
			err = r.problem("self", "node %d: nobody trades with themself", a.from)
		case p.Nodes[a.to].Altruist && a.micro > 0:
			err = r.problem("altruist", "%s asks for nothing and gets nothing", p.Nodes[a.to].Name)
		case p.Nodes[a.to].Altruist: // how PrefLib closes a chain
		default:
			p.Arcs = append(p.Arcs, Arc{int(a.from), int(a.to), a.micro / unit})
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p, nil
}

// single drops every arc that repeats an earlier one.
func (r *reader) single() error {
	order := make([]int32, len(r.raw))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		a, b := r.raw[i], r.raw[j]
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(i, j))
	})
	var again []int32
	for k, i := range order {
		if k > 0 && r.raw[i].from == r.raw[order[k-1]].from && r.raw[i].to == r.raw[order[k-1]].to {
			again = append(again, i)
		}
	}
	slices.Sort(again)
	kept, k := r.raw[:0], 0
	for i, a := range r.raw {
		if k < len(again) && int32(i) == again[k] {
			k++
			r.line, r.file = int(a.line), a.file
			if err := r.problem("repeated", "the arc stands in the file before; the first counts"); err != nil {
				return err
			}
			continue
		}
		kept = append(kept, a)
	}
	r.raw = kept
	return nil
}
