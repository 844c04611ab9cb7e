// Package problem reads markets that are to be solved from files: want lists
// in TradeMaximizer's format, pools of PrefLib, and problems in JSON.
package problem

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
	"sxp/deal/preflib"
	"sxp/deal/tm"
)

// Formats by the names that people type.
const (
	Auto           = "auto" // by the file's name and its first bytes
	TradeMaximizer = "trademaximizer"
	PrefLib        = "preflib"
	JSON           = "json"
)

// Formats lists them for messages.
var Formats = []string{Auto, TradeMaximizer, PrefLib, JSON}

// Settings steer Read.
type Settings struct {
	Format  string
	Strict  bool   // the first malformed line ends the reading
	NoMoney bool   // leave cash bids of want lists out
	Limits  string // a file of budgets for a want list
}

// A Market is what a file says.
type Market struct {
	Name   string // of the file, without its folder
	Format string
	Wants  int

	// Graph is the market where one thing is given for one thing; nil for what
	// only Lots can say.
	Graph   *deal.Graph
	Options deal.Options // what the file itself asks for

	Complaints []string // about its lines, each with file, line and rule
	More       int      // complaints beyond those

	List *tm.List      // of a want list
	Pool *preflib.Pool // of a pool
	Lots *lot.Problem  // of a problem in JSON

	translation *lot.Translation // of Lots, where that is a graph

	item   func(deal.Node) string
	person func(int) string
	people int
}

// Item returns the name of a node of the graph.
func (m *Market) Item(n deal.Node) string { return m.item(n) }

// Person returns the name of a person of the graph.
func (m *Market) Person(i int) string { return m.person(i) }

// People returns how many people the file names.
func (m *Market) People() int { return m.people }

// Node finds an item by its name; letter case decides only where two names
// differ in nothing else.
func (m *Market) Node(name string) (deal.Node, error) {
	near := deal.Node(-1)
	for n := range deal.Node(m.Graph.Len()) {
		switch item := m.item(n); {
		case item == name:
			return n, nil
		case strings.EqualFold(item, name):
			near = n
		}
	}
	if near < 0 {
		return 0, sxp.Errorf("problem.Node", sxp.NotFound, nil, "%s has no item %q", m.Name, name)
	}
	return near, nil
}

// Read reads the file at a path; "-" is standard input.
func Read(path string, set Settings) (*Market, error) {
	const op = "problem.Read"
	in, name := io.Reader(os.Stdin), "standard input"
	if path == "" {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the name of the file is empty")
	}
	if path != "-" {
		if st, err := os.Stat(path); err == nil && st.IsDir() {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s is a folder, not a file", path)
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, cannot(op, path, err)
		}
		defer f.Close()
		in, name = f, filepath.Base(path)
	}
	buffered := bufio.NewReaderSize(in, 1<<16)
	m := &Market{Name: name, Format: set.Format, Options: deal.Defaults()}
	first, _ := buffered.Peek(4096) // what is short is shown, what fails is met again below
	if m.Format == Auto || m.Format == "" {
		m.Format = guess(path, first)
	}
	err := isText(first)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: %w", name, err)
	}
	if m.Format != TradeMaximizer && (set.Limits != "" || set.NoMoney) {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: only want lists have money that can be left out or limited by a file", name)
	}
	switch m.Format {
	case TradeMaximizer:
		err = m.readList(buffered, set)
	case PrefLib:
		err = m.readPool(buffered, path, set)
	case JSON:
		err = m.readLots(buffered)
	default:
		err = sxp.Errorf(op, sxp.Invalid, nil, "there is no format %q: it is one of %s", set.Format, strings.Join(Formats, ", "))
	}
	if err != nil && strings.HasPrefix(sxp.Reason(err), name+":") { // it says so itself
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%w", err)
	}
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %w", name, err)
	}
	return m, nil
}

// isText refuses what no list is by its first bytes: pictures, archives,
// tables of spreadsheets, and text in 16 bits per letter.
func isText(first []byte) error {
	const op = "problem.Read"
	switch {
	case bytes.HasPrefix(first, []byte("\xff\xfe")), bytes.HasPrefix(first, []byte("\xfe\xff")):
		return sxp.Errorf(op, sxp.Invalid, nil, "it is UTF-16: save it as UTF-8 first")
	case bytes.IndexByte(first, 0) >= 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "it is no text")
	}
	return nil
}

func cannot(op, path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return sxp.Errorf(op, sxp.NotFound, nil, "there is no file %s", path)
	}
	return sxp.Errorf(op, sxp.NotFound, nil, "%s cannot be read: %w", path, err)
}

// wmdHead is the first line of a .wmd file without metadata: nodes, arcs.
var wmdHead = regexp.MustCompile(`^[0-9]+,[0-9]+\r?\n`)

// guess tells the format by the ending, then by the first bytes.
func guess(path string, first []byte) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".wmd", ".input":
		return PrefLib
	case ".json":
		return JSON
	}
	switch text := bytes.TrimLeft(first, "\ufeff \t\r\n"); {
	case bytes.HasPrefix(text, []byte("{")):
		return JSON
	case bytes.HasPrefix(text, []byte("# FILE NAME:")), wmdHead.Match(text):
		return PrefLib
	}
	return TradeMaximizer
}

func (m *Market) readList(r io.Reader, set Settings) error {
	ts := tm.Settings{Strict: set.Strict, Money: tm.MoneyAsItems, File: m.Name}
	if set.NoMoney {
		ts.Money = tm.MoneyLeftOut
	}
	l, err := tm.Read(r, ts)
	if err != nil {
		return err
	}
	if len(l.Items) == 0 && len(l.Problems) > 0 {
		return sxp.Errorf("problem.Read", sxp.Invalid, nil, "there is no want list in it that could be read: %s", l.Problems[0].String())
	}
	if len(l.Items) == 0 {
		return sxp.Errorf("problem.Read", sxp.Invalid, nil, "there is no want list in it")
	}
	if err := readLimits(l, set); err != nil {
		return err
	}
	if m.Graph, err = l.Graph(); err != nil {
		return err
	}
	m.List, m.Options, m.people, m.More = l, l.FindOptions(), len(l.People), l.More
	for _, p := range l.Problems {
		m.Complaints = append(m.Complaints, p.String())
	}
	for _, it := range l.Items {
		m.Wants += len(it.Wants)
	}
	for _, d := range l.Dummies {
		m.Wants += len(d.Wants)
	}
	m.item = func(n deal.Node) string {
		if i := int(n); i < len(l.Items) {
			return l.Items[i].Name
		}
		return l.Dummies[int(n)-len(l.Items)].Name
	}
	m.person = func(i int) string { return l.People[i] }
	return nil
}

// readPool reads a pool; the gifts of x.input stand in x.ndds, if anywhere.
func (m *Market) readPool(r io.Reader, path string, set Settings) (err error) {
	ps := preflib.Settings{Strict: set.Strict}
	var p *preflib.Pool
	if base, ok := strings.CutSuffix(path, ".input"); ok {
		gifts := preflib.File{Name: filepath.Base(base) + ".ndds"}
		f, oerr := os.Open(base + ".ndds")
		switch {
		case oerr == nil:
			defer f.Close()
			gifts.Reader = f
		case !errors.Is(oerr, fs.ErrNotExist):
			return cannot("problem.Read", base+".ndds", oerr)
		}
		p, err = preflib.ReadInput(preflib.File{Name: m.Name, Reader: r}, gifts, ps)
	} else {
		p, err = preflib.ReadWMD(preflib.File{Name: m.Name, Reader: r}, ps)
	}
	if err != nil {
		return err
	}
	if m.Graph, err = p.Graph(); err != nil {
		return err
	}
	m.Pool, m.people, m.Wants, m.More = p, len(p.Nodes), len(p.Arcs), p.More
	for _, c := range p.Problems {
		m.Complaints = append(m.Complaints, c.String())
	}
	m.item = func(n deal.Node) string { return p.Nodes[n].Name }
	m.person = func(i int) string { return p.Nodes[i].Name }
	return nil
}

// readLots reads a problem in JSON, which may be more than a graph can say.
func (m *Market) readLots(r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, lot.MaxBytes+1))
	if err != nil {
		return err
	}
	if m.Lots, err = lot.DecodeProblem(data); err != nil {
		return err
	}
	m.people = len(m.Lots.People)
	for _, b := range m.Lots.Bids {
		m.Wants += len(b.Take.Of)
	}
	return m.translate()
}

// translate makes a graph of the problem where that can say it.
func (m *Market) translate() error {
	p := m.Lots
	t, err := lot.Graph(p)
	if errors.Is(err, sxp.Unsupported) {
		m.translation, m.Graph, m.Options = nil, nil, optionsOf(p)
		return nil
	}
	if err != nil {
		return err
	}
	m.translation, m.Graph, m.Options = t, t.Graph, t.Options
	m.item = func(n deal.Node) string {
		if int(n) < len(p.Items) {
			return p.Items[n].ID
		}
		return "what " + p.People[t.Graph.Owner(n)].ID + " needs"
	}
	m.person = func(i int) string { return p.People[i].ID }
	return nil
}

// Ask puts what is sought into a problem in JSON, in place of what it asks for
// itself, and, where they are above 0, what everybody's reliability in
// millionths is and how many items each takes at most.
func (m *Market) Ask(opt deal.Options, reliability int64, each int) error {
	p := *m.Lots
	p.Options.MaxRing, p.Options.MaxChain, p.Options.Seed = opt.MaxRing, opt.MaxChain, opt.Seed
	p.Options.Goals = nil
	for _, g := range opt.Goals {
		p.Options.Goals = append(p.Options.Goals, g.String())
	}
	p.People = slices.Clone(p.People)
	for i := range p.People {
		if reliability > 0 {
			p.People[i].Reliability = lot.Decimal(fmt.Sprintf("%d.%06d", reliability/deal.Certain, reliability%deal.Certain))
		}
		if now := p.People[i].MaxItems; each > 0 && (now == 0 || now > each) {
			p.People[i].MaxItems = each
		}
	}
	m.Lots = &p
	return m.translate()
}

// optionsOf is what a problem that is no graph asks for.
func optionsOf(p *lot.Problem) deal.Options {
	opt := deal.Options{MaxRing: p.Options.MaxRing, MaxChain: p.Options.MaxChain, MaxMeanCost: p.Options.MaxMeanCost, Seed: p.Options.Seed}
	for _, name := range p.Options.Goals {
		if g, ok := deal.GoalOf(name); ok { // the decoder let no other through
			opt.Goals = append(opt.Goals, g)
		}
	}
	return opt
}

// readLimits reads what people want to spend at most.
func readLimits(l *tm.List, set Settings) error {
	if set.Limits == "" {
		return nil
	}
	f, err := os.Open(set.Limits)
	if err != nil {
		return cannot("problem.Read", set.Limits, err)
	}
	defer f.Close()
	return l.ReadLimits(f, tm.Settings{Strict: set.Strict, File: filepath.Base(set.Limits)})
}
