package market

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// maxStored is the largest charter or roll: an answer that carries it must fit
// into one message.
const maxStored = MaxPageBytes

// PutCharter puts the market's first charter, or one with a higher Seq, on the
// board. It fails with Invalid, TooLarge, Denied (not signed by the market and
// all founders), Clock, Replay (the board has a later one) or Conflict (it has
// another one of the same Seq). A charter that names another node stays here
// as the sign that shows where the market went.
func (b *Board) PutCharter(ctx context.Context, now sxp.Time, raw []byte) error {
	const op = "market.PutCharter"
	if err := checkSize(op, raw, maxStored); err != nil {
		return err
	}
	c, err := OpenCharter(raw)
	if err != nil {
		return err
	}
	if c.Market != b.market {
		return sxp.Errorf(op, sxp.Denied, c.Market, "this board is of another market, %s", b.market.Short())
	}
	if err := b.checkTimes(op, now, c.Created, 0); err != nil {
		return err
	}
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		key := Key{Class: ClassCharter, ID: b.market}
		old, err := v.get(ctx, key)
		if err != nil {
			return err
		}
		if old != nil {
			switch {
			case same(old.Raw, raw):
				return nil
			case c.Seq < old.Version:
				return sxp.Errorf(op, sxp.Replay, b.market, "the board has charter %d, this is charter %d", old.Version, c.Seq)
			case c.Seq == old.Version:
				return sxp.Errorf(op, sxp.Conflict, b.market, "the board has another charter %d; a change needs a higher seq", c.Seq)
			}
		}
		v.replace(Entry{Key: key, Raw: raw, Version: c.Seq}, old == nil)
		v.charter, v.charterRaw = &c, raw
		return nil
	})
}

// PutRoll puts a jury roll on the board: signed bytes that the charter names
// by their digest, or that the market signed. The board does not read them.
// Rolls stay, because contracts name them by digest.
func (b *Board) PutRoll(ctx context.Context, raw []byte) error {
	const op = "market.PutRoll"
	if err := checkSize(op, raw, maxStored); err != nil {
		return err
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		return err
	}
	digest := envelope.Digest(raw)
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		c, err := v.hosting(op)
		if err != nil {
			return err
		}
		if digest != c.Roll && m.Signer != b.market {
			return sxp.Errorf(op, sxp.Denied, digest, "the charter does not name this roll, and the market did not sign it")
		}
		key := Key{Class: ClassRoll, ID: digest}
		old, err := v.get(ctx, key)
		if err != nil || old != nil {
			return err
		}
		v.replace(Entry{Key: key, Raw: raw, Owner: m.Signer}, true)
		return nil
	})
}

// Roll returns the jury roll of that digest, or of the charter where digest is
// zero. It fails with NotFound.
func (b *Board) Roll(ctx context.Context, digest sxp.Hash) ([]byte, error) {
	if digest.IsZero() {
		c, _, err := b.Charter()
		if err != nil {
			return nil, err
		}
		digest = c.Roll
	}
	e, err := b.store.Get(ctx, Key{Class: ClassRoll, ID: digest})
	return e.Raw, err
}

// Enrol puts a juror's card on the list from which rolls are made, in place of
// an earlier one. Only the juror may: from is who asks, proved by the caller.
func (b *Board) Enrol(ctx context.Context, from sxp.ID, raw []byte) error {
	const op = "market.Enrol"
	if err := checkSize(op, raw, MaxJurorCard); err != nil {
		return err
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		return err
	}
	if m.Type != TypeJuror {
		return sxp.Errorf(op, sxp.Invalid, from, "this is a %s, not a %s", m.Type, TypeJuror)
	}
	if m.Signer != from {
		return sxp.Errorf(op, sxp.Denied, from, "only the juror may enrol, this is signed by %s", m.Signer.Short())
	}
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		if _, err := v.hosting(op); err != nil {
			return err
		}
		key := Key{Class: ClassJuror, ID: from}
		old, err := v.get(ctx, key)
		if err != nil || old != nil && same(old.Raw, raw) {
			return err
		}
		if old == nil {
			n, err := b.store.Count(ctx, Filter{Classes: []Class{ClassJuror}})
			if err != nil {
				return err
			}
			if n+v.waiting(ClassJuror) >= b.limits.Jurors {
				return sxp.Errorf(op, sxp.Full, b.market, "the list of jurors is full, it holds %d", b.limits.Jurors)
			}
		}
		v.replace(Entry{Key: key, Raw: raw, Owner: from}, old == nil)
		return nil
	})
}

// Leave takes a juror off the list. Leaving twice is no error.
func (b *Board) Leave(ctx context.Context, juror sxp.ID) error {
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		e, err := v.get(ctx, Key{Class: ClassJuror, ID: juror})
		if err == nil && e != nil {
			v.remove(e)
		}
		return err
	})
}

// waiting returns how many entries of a class the batch puts.
func (v *view) waiting(c Class) int {
	n := 0
	for k := range v.put {
		if k.Class == c {
			n++
		}
	}
	return n
}
