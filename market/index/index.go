// Package index keeps a market's board in one SQLite file with a full-text
// index (FTS5). What Apply has answered survives a power cut: the write-ahead
// log is flushed to disk first. Searches find exactly what [market.Query.Match]
// accepts, newest first.
//
// One process at a time has a file open; a second is refused with Busy.
// SQLite keeps path-wal and path-shm beside the file while it is open, and
// path.lock, which holds nothing, stays.
package index

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"net/url"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sxp"
	"sxp/market"
)

// schemaVersion is the version of the file's layout, kept in the file. An
// older release refuses a newer file.
const schemaVersion = 2

// applicationID marks the file as a board ("SXPm").
const applicationID = 0x5358506d

// readers is how many searches run at once; more gain nothing on small
// machines and each costs a page cache.
const readers = 4

//go:embed schema.sql
var schema string

//go:embed layout2.sql
var fromLayout1 string

// A Store is a [market.Store] on disk.
type Store struct {
	lock  *sql.DB // holds an exclusive transaction on path.lock
	write *sql.DB // one connection
	read  *sql.DB
	stmts [len(statements)]*sql.Stmt // of write
	get   *sql.Stmt                  // of read
}

// Open opens the file, and makes it where there is none. It fails with Busy
// where another process has it open, with Invalid where it is no board, with
// Unsupported where a later release made it.
func Open(ctx context.Context, path string) (*Store, error) {
	const op = "index.Open"
	s := new(Store)
	if err := s.open(ctx, path); err != nil {
		s.Close()
		return nil, wrap(op, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.lock, err = connect(path+".lock", 1, "busy_timeout(0)"); err != nil {
		return err
	}
	// Held until Close or the end of the process.
	if _, err := s.lock.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		if sxp.KindOf(wrap("", err)) == sxp.Busy {
			return sxp.Errorf("index.Open", sxp.Busy, nil, "%s is in use by another process", path)
		}
		return err
	}
	if s.write, err = connect(path, 1, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16000)", "busy_timeout(5000)"); err != nil {
		return err
	}
	if err := s.prepare(ctx, path); err != nil {
		return err
	}
	for i, query := range statements {
		if s.stmts[i], err = s.write.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	if s.read, err = connect(path, readers, "query_only(1)", "cache_size(-8000)", "busy_timeout(5000)"); err != nil {
		return err
	}
	s.get, err = s.read.PrepareContext(ctx, "SELECT "+columns+" FROM entry WHERE class = ? AND id = ?")
	return err
}

// connect opens a database with at most n connections, which stay open.
func connect(path string, n int, pragmas ...string) (*sql.DB, error) {
	v := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: v.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// prepare makes the tables of a new file and checks those of an old one.
func (s *Store) prepare(ctx context.Context, path string) error {
	const op = "index.Open"
	var app, version, tables int
	for query, to := range map[string]*int{
		"PRAGMA application_id": &app, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := s.write.QueryRowContext(ctx, query).Scan(to); err != nil {
			return err
		}
	}
	switch {
	case tables == 0:
		_, err := s.write.ExecContext(ctx, schema)
		return err
	case app != applicationID:
		return sxp.Errorf(op, sxp.Invalid, nil, "%s is a database, but not of a market's board", path)
	case version > schemaVersion:
		return sxp.Errorf(op, sxp.Unsupported, nil, "%s has layout %d, this release knows up to %d", path, version, schemaVersion)
	case version < schemaVersion:
		_, err := s.write.ExecContext(ctx, fromLayout1)
		return err
	}
	return nil
}

// Close releases the file.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write, s.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return wrap("index.Close", errors.Join(errs...))
}

// wrap gives an error of SQLite its kind.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*sxp.Error)(nil); errors.As(err, &e) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := sxp.Internal
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			kind = sxp.Busy
		case sqlite3.SQLITE_FULL:
			kind = sxp.Full
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			kind = sxp.Invalid
		}
	}
	return sxp.Errorf(op, kind, nil, "the board's file: %w", err)
}

// Apply implements market.Store.
func (s *Store) Apply(ctx context.Context, put []market.Entry, del []market.Key) (err error) {
	const op = "index.Apply"
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return wrap(op, err)
	}
	defer tx.Rollback() // does nothing after Commit
	w := writer{
		find: tx.StmtContext(ctx, s.stmts[0]), drop1: tx.StmtContext(ctx, s.stmts[1]), dropWords: tx.StmtContext(ctx, s.stmts[2]),
		insert: tx.StmtContext(ctx, s.stmts[3]), insertWords: tx.StmtContext(ctx, s.stmts[4]),
		dropSpot: tx.StmtContext(ctx, s.stmts[5]), insertSpot: tx.StmtContext(ctx, s.stmts[6]),
	}
	for _, k := range del {
		if err := w.drop(ctx, k); err != nil {
			return wrap(op, err)
		}
	}
	for i := range put {
		if err := w.put(ctx, &put[i]); err != nil {
			return wrap(op, err)
		}
	}
	return wrap(op, tx.Commit())
}

// A writer has the statements of one transaction.
type writer struct {
	find, drop1, dropWords, insert, insertWords, dropSpot, insertSpot *sql.Stmt
}

// statements are what a writer executes, in the order of its fields.
var statements = [...]string{
	"SELECT seq FROM entry WHERE class = ? AND id = ?",
	"DELETE FROM entry WHERE seq = ?",
	"DELETE FROM word WHERE rowid = ?",
	"INSERT INTO entry (class, id, owner, peer, version, expires, keep, direction, found, kind, category, unit, quantity, currency, issuer, raw)" +
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	"INSERT INTO word (rowid, words) VALUES (?, ?)",
	"DELETE FROM spot WHERE seq = ?",
	"INSERT INTO spot VALUES (?1, ?2, ?2, ?3, ?3, ?4, ?4)",
}

func (w *writer) drop(ctx context.Context, k market.Key) error {
	var seq int64
	err := w.find.QueryRowContext(ctx, string(k.Class), k.ID[:]).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = w.drop1.ExecContext(ctx, seq)
	}
	if err == nil {
		_, err = w.dropWords.ExecContext(ctx, seq)
	}
	if err == nil {
		_, err = w.dropSpot.ExecContext(ctx, seq)
	}
	return err
}

func (w *writer) put(ctx context.Context, e *market.Entry) error {
	if err := w.drop(ctx, e.Key); err != nil {
		return err
	}
	var it market.Item
	found := e.Item != nil && e.Key.Class == market.ClassAnnouncement
	if found {
		it = *e.Item
	}
	res, err := w.insert.ExecContext(ctx, string(e.Key.Class), e.Key.ID[:], idBytes(e.Owner), idBytes(e.Peer),
		int64(e.Version), int64(e.Expires), int64(e.Keep), string(e.Direction), found,
		string(it.Kind), it.Category, it.Unit, it.Quantity.SortKey(), it.Currency, idBytes(it.Issuer), e.Raw)
	if err != nil || !found {
		return err
	}
	seq, err := res.LastInsertId()
	if err == nil {
		_, err = w.insertWords.ExecContext(ctx, seq, strings.Join(market.NewDocument(it).Words(), " "))
	}
	if err == nil && it.Point != nil {
		v := it.Point.Vector()
		_, err = w.insertSpot.ExecContext(ctx, seq, v[0], v[1], v[2])
	}
	return err
}

// idBytes stores nobody as no bytes.
func idBytes(id sxp.ID) []byte {
	if id.IsZero() {
		return []byte{}
	}
	return id[:]
}

// Get implements market.Store.
func (s *Store) Get(ctx context.Context, key market.Key) (market.Entry, error) {
	const op = "index.Get"
	rows, err := s.get.QueryContext(ctx, string(key.Class), key.ID[:])
	if err != nil {
		return market.Entry{}, wrap(op, err)
	}
	found, _, err := collect(rows, 1, 0)
	if err != nil {
		return market.Entry{}, wrap(op, err)
	}
	if len(found) == 0 {
		return market.Entry{}, sxp.Errorf(op, sxp.NotFound, key, "this board has no such entry")
	}
	return found[0], nil
}
