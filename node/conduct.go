package node

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyConduct = "conduct/" // market/juror: a conductRecord
	keyWord    = "word/"    // market/juror/m/void or opened: its signed message
)

// conductRecord is what the node of a market keeps of one juror.
type conductRecord struct {
	contract.JurorRecord
	Words int `json:"words"` // stored under keyWord
}

// addConduct serves what the issuer of a roll wants to know of jurors.
func (n *Node) addConduct() {
	relay.Serve(n.router, market.RequestConduct, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r market.Put) (bool, error) {
		return true, n.takeReport(ctx, now, from, r.Market, r.Message)
	})
	relay.Serve(n.router, market.RequestRecords, func(ctx context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r market.AskRecords) (sxp.Bytes, error) {
		return n.conductOf(ctx, r.Market, r.After)
	})
}

// enrolledAt returns the jurors on the list of a market hosted here, in the
// order of their enrolment.
func (n *Node) enrolledAt(ctx context.Context, id sxp.ID) ([]*contract.RollEntry, error) {
	b, err := n.host.Board(id)
	if err != nil {
		return nil, err
	}
	var out []*contract.RollEntry
	for after := uint64(0); ; {
		page, next, err := b.List(ctx, n.p.Now(), market.ClassJuror, after, 0)
		if err != nil {
			return nil, err
		}
		for _, rec := range page {
			if e, err := contract.OpenJuror(rec.Raw); err == nil {
				out = append(out, e)
			}
		}
		if after = next; after == 0 || len(out) >= contract.MaxRoll {
			return out, nil
		}
	}
}

// onList reports whether a juror is on the list of a market hosted here.
func (n *Node) onList(ctx context.Context, id, juror sxp.ID) bool {
	n.boards.mu.Lock()
	store := n.boards.stores[id]
	n.boards.mu.Unlock()
	if store == nil {
		return false
	}
	_, err := store.Get(ctx, market.Key{Class: market.ClassJuror, ID: juror})
	return err == nil
}

// takeReport counts what jurors signed. Reports come from people of the market
// and jurors on its list: they cost signatures to check.
func (n *Node) takeReport(ctx context.Context, now sxp.Time, from, id sxp.ID, raw []byte) error {
	const op = "node.conduct"
	b, err := n.host.Board(id)
	if err != nil {
		return err
	}
	c, _, err := b.Charter()
	if err != nil {
		return err
	}
	if !c.Admits(from) && !n.onList(ctx, id, from) {
		return sxp.Errorf(op, sxp.Denied, from, "reports come from people of the market and jurors on its list")
	}
	m, words, err := contract.OpenConduct(raw)
	if err != nil {
		return err
	}
	known := words[:0]
	for _, w := range words {
		if n.onList(ctx, id, w.Juror) {
			known = append(known, w)
		}
	}
	if len(known) == 0 {
		return sxp.Errorf(op, sxp.NotFound, m, "no juror of this report is on the market's list")
	}
	return n.p.KV.Update(func(tx kv.Tx) error {
		for _, w := range known {
			if err := countWord(tx, now, id, m, w, known); err != nil {
				return err
			}
		}
		return nil
	})
}

// countWord adds one word of a juror to what is known of it. One that
// contradicts a word of the same session, stored or in the same report, is a
// fault; where the room for words is used up, only those are kept.
func countWord(tx kv.Tx, now sxp.Time, id sxp.ID, m sxp.Hash, w contract.JurorWord, report []contract.JurorWord) error {
	names := map[bool]string{true: "void", false: "opened"}
	key := func(void bool) string {
		return keyWord + id.String() + "/" + w.Juror.String() + "/" + m.String() + "/" + names[void]
	}
	if tx.Get(key(w.Void)) != nil {
		return nil
	}
	rec, err := conductAt(tx, id, w.Juror, now)
	if err != nil {
		return err
	}
	other := contract.JurorWord{Juror: w.Juror, Void: !w.Void, Raw: tx.Get(key(!w.Void))}
	stored := other.Raw != nil
	for _, o := range report {
		if !stored && o.Juror == w.Juror && o.Void != w.Void {
			other = o
		}
	}
	f, convicted := contract.Contradiction(w, other)
	switch {
	case convicted:
		rec.Convict(f)
		if err := tx.Put(key(other.Void), other.Raw); err != nil { // counted with this one
			return err
		}
	case rec.Words >= maxWordsKept:
		return nil
	default:
		rec.Conduct.Cases++
	}
	rec.Words++
	if err := tx.Put(key(w.Void), w.Raw); err != nil {
		return err
	}
	return putConduct(tx, id, rec)
}

// conductAt returns what is known of a juror, a new record if nothing is.
func conductAt(tx kv.Tx, id, juror sxp.ID, now sxp.Time) (*conductRecord, error) {
	rec := &conductRecord{JurorRecord: contract.JurorRecord{ID: juror, Conduct: contract.Conduct{Since: now}}}
	if b := tx.Get(keyConduct + id.String() + "/" + juror.String()); b != nil {
		return rec, envelope.Unmarshal(b, rec)
	}
	return rec, nil
}

func putConduct(tx kv.Tx, id sxp.ID, rec *conductRecord) error {
	b, err := envelope.Marshal(rec)
	if err != nil {
		return err
	}
	return tx.Put(keyConduct+id.String()+"/"+rec.ID.String(), b)
}

// conductOf answers who wants to know of the jurors on a market's list, those
// with higher IDs than after.
func (n *Node) conductOf(ctx context.Context, id, after sxp.ID) (sxp.Bytes, error) {
	all, err := n.enrolledAt(ctx, id)
	if err != nil {
		return nil, err
	}
	ids := make([]sxp.ID, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	return n.recordsOf(id, ids, after)
}

// recordsOf returns what is known of jurors of a market, as many as one answer
// holds.
func (n *Node) recordsOf(id sxp.ID, jurors []sxp.ID, after sxp.ID) (sxp.Bytes, error) {
	order := func(a, b sxp.ID) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(jurors, order)
	records := []contract.JurorRecord{}
	err := n.p.KV.View(func(tx kv.Tx) error {
		for _, juror := range jurors {
			if order(juror, after) <= 0 || len(records) >= maxRecords || tx.Get(keyConduct+id.String()+"/"+juror.String()) == nil {
				continue
			}
			rec, err := conductAt(tx, id, juror, 0)
			if err != nil {
				return err
			}
			records = append(records, rec.JurorRecord)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return envelope.Marshal(records)
}
