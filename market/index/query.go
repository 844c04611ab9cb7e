package index

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"sxp"
	"sxp/market"
)

// columns are what collect reads, in order.
const columns = "seq, class, id, owner, peer, version, expires, keep, direction, raw"

// A where collects conditions and their arguments.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// Search implements market.Store.
func (s *Store) Search(ctx context.Context, q market.Search) ([]market.Entry, bool, error) {
	const op = "index.Search"
	from := "entry"
	var w where
	if !q.Query.IsZero() {
		m, err := q.Query.Compile()
		if err != nil {
			return nil, false, err
		}
		if alternatives := m.Alternatives(); len(alternatives) > 0 {
			// CROSS JOIN fixes the order: the words first, newest first.
			from = "word CROSS JOIN entry ON entry.seq = word.rowid"
			w.and("word MATCH ?", matchExpression(alternatives))
			if q.Before != 0 {
				w.and("word.rowid < ?", int64(q.Before))
			}
		}
		w.fields(q.Query)
		if !q.Query.Near.IsZero() {
			if err := s.near(ctx, &w, q.Query.Near); err != nil {
				return nil, false, wrap(op, err)
			}
		}
	}
	order := "entry.seq"
	if from != "entry" {
		order = "word.rowid"
	}
	w.and("entry.found = 1")
	w.and("entry.expires > ?", int64(q.Now))
	if q.Before != 0 {
		w.and("entry.seq < ?", int64(q.Before))
	}
	if q.Direction != "" {
		w.and("entry.direction = ?", string(q.Direction))
	}
	if !q.Owner.IsZero() {
		w.and("entry.owner = ?", q.Owner[:])
	}
	w.args = append(w.args, q.Limit+1)
	rows, err := s.read.QueryContext(ctx, "SELECT "+columns+" FROM "+from+w.String()+" ORDER BY "+order+" DESC LIMIT ?", w.args...)
	if err != nil {
		return nil, false, wrap(op, err)
	}
	found, more, err := collect(rows, q.Limit, q.Bytes)
	return found, more, wrap(op, err)
}

// matchExpression writes alternatives in the language of FTS5. Folded words
// hold letters, digits and marks only, so none can end the quotes.
func matchExpression(alternatives [][]string) string {
	var b strings.Builder
	for i, all := range alternatives {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteByte('(')
		for j, word := range all {
			if j > 0 {
				b.WriteString(" AND ")
			}
			b.WriteString(`"` + word + `" *`)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// fields adds the conditions of the query but for its words and its place, as
// Matcher has them.
func (w *where) fields(q market.Query) {
	if q.Kind != "" {
		w.and("entry.kind = ?", string(q.Kind))
	}
	if q.Category != "" {
		// What is below starts with a slash, and "0" is the byte after it.
		w.and("(entry.category = ? OR entry.category > ? AND entry.category < ?)", q.Category, q.Category+"/", q.Category+"0")
	}
	if q.Currency != "" {
		w.and("entry.currency = ?", q.Currency)
	}
	if !q.Issuer.IsZero() {
		w.and("entry.issuer = ?", q.Issuer[:])
	}
	if q.Quantity != "" || q.Unit != "" {
		w.and("entry.unit = ?", q.Unit)
	}
	if q.Quantity != "" {
		w.and("entry.quantity >= ?", q.Quantity.SortKey())
	}
}

// few is how many places near a point are listed before newer announcements
// are looked at. Where there are more, a page is found sooner by looking at the
// announcements, newest first, and asking of each where it is.
const few = 2000

// near adds the condition that an item is within a distance: that it is in the
// box around the cap, which the tree knows, and what Cap.Has says. The numbers
// are whole and below 2^63, so that SQLite computes as Go does.
func (s *Store) near(ctx context.Context, w *where, n market.Near) error {
	c := n.Cap()
	var box where
	for i, axis := range []string{"x", "y", "z"} {
		box.and(axis+"2 >= ? AND "+axis+" <= ?", c.Middle[i]-c.Chord, c.Middle[i]+c.Chord)
	}
	var places int
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM spot"+box.String()+" LIMIT ?)", append(slices.Clone(box.args), few+1)...).Scan(&places)
	if err != nil {
		return err
	}
	box.and("(x-?)*(x-?)+(y-?)*(y-?)+(z-?)*(z-?) <= ?", c.Middle[0], c.Middle[0], c.Middle[1], c.Middle[1], c.Middle[2], c.Middle[2], c.Chord*c.Chord)
	if places <= few {
		w.and("entry.seq IN (SELECT seq FROM spot"+box.String()+")", box.args...)
		return nil
	}
	w.and("EXISTS (SELECT 1 FROM spot"+box.String()+" AND spot.seq = entry.seq)", box.args...)
	return nil
}

// filter adds the conditions of a Filter.
func (w *where) filter(f market.Filter) {
	if len(f.Classes) > 0 {
		args := make([]any, len(f.Classes))
		for i, c := range f.Classes {
			args[i] = string(c)
		}
		w.and("class IN (?"+strings.Repeat(",?", len(args)-1)+")", args...)
	}
	if !f.Owner.IsZero() {
		w.and("owner = ?", f.Owner[:])
	}
	if !f.Peer.IsZero() {
		w.and("peer = ? AND length(peer) > 0", f.Peer[:])
	}
	if f.After != 0 {
		w.and("seq > ?", int64(f.After))
	}
	if f.LiveAt != 0 {
		w.and("(expires = 0 OR expires > ?)", int64(f.LiveAt))
	}
	if f.DeadBy != 0 {
		w.and("keep > 0 AND keep <= ?", int64(f.DeadBy))
	}
}

// Scan implements market.Store.
func (s *Store) Scan(ctx context.Context, f market.Filter) ([]market.Entry, bool, error) {
	const op = "index.Scan"
	var w where
	w.filter(f)
	w.args = append(w.args, f.Limit+1)
	rows, err := s.read.QueryContext(ctx, "SELECT "+columns+" FROM entry"+w.String()+" ORDER BY seq LIMIT ?", w.args...)
	if err != nil {
		return nil, false, wrap(op, err)
	}
	found, more, err := collect(rows, f.Limit, f.Bytes)
	return found, more, wrap(op, err)
}

// Count implements market.Store.
func (s *Store) Count(ctx context.Context, f market.Filter) (int, error) {
	var w where
	w.filter(f)
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM entry"+w.String(), w.args...).Scan(&n)
	return n, wrap("index.Count", err)
}

// collect reads at most limit entries, and stops before their bytes pass size
// (0: no bound) but never before the first. It closes rows.
func collect(rows *sql.Rows, limit, size int) (found []market.Entry, more bool, err error) {
	defer rows.Close()
	total := 0
	for rows.Next() {
		if len(found) >= limit {
			return found, true, nil
		}
		e, err := scan(rows)
		if err != nil {
			return nil, false, err
		}
		total += len(e.Raw)
		if len(found) > 0 && size > 0 && total > size {
			return found, true, nil
		}
		found = append(found, e)
	}
	return found, false, rows.Err()
}

func scan(rows *sql.Rows) (e market.Entry, err error) {
	var class, direction string
	var id, owner, peer []byte
	var seq, version, expires, keep int64
	if err := rows.Scan(&seq, &class, &id, &owner, &peer, &version, &expires, &keep, &direction, &e.Raw); err != nil {
		return e, err
	}
	e.Key.Class, e.Direction = market.Class(class), market.Direction(direction)
	e.Seq, e.Version, e.Expires, e.Keep = uint64(seq), uint64(version), sxp.Time(expires), sxp.Time(keep)
	copy(e.Key.ID[:], id)
	copy(e.Owner[:], owner)
	copy(e.Peer[:], peer)
	return e, nil
}
