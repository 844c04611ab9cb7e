package agent

import (
	"context"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
)

// What stands here is no operation of every agent's table: the program that
// offers it adds it to its own, so that one that does not is not larger for it.

// keyRating holds signed ratings of contracts of this person and the replies to
// them, theirs and others', under "rating/<m>/<digest>".
const keyRating = "rating/"

// Kept is what this device holds of the making of one contract, to be shown to
// others; contract/evidence makes a file of it.
type Kept struct {
	Name     string      `json:"name"`              // a suggestion, without an ending
	File     sxp.Bytes   `json:"file,omitempty"`    // the contract or void certificate; empty: there is neither
	Session  sxp.Bytes   `json:"session,omitempty"` // the encoded contract.Preimage; empty: not all have accepted
	Faults   []sxp.Bytes `json:"faults,omitempty"`  // encoded contract.Fault
	Messages []sxp.Bytes `json:"messages"`          // signed, ratings and replies among them; never a lock of a secret
}

// Kept returns what this device holds of the making of a contract. It fails
// with sxp.NotFound for a proposal that was refused at sight.
func (a *Agent) Kept(_ context.Context, in DealRef) (k Kept, err error) {
	end, err := a.begin()
	if err != nil {
		return k, err
	}
	defer end()
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return k, err
	}
	l := a.live[d.ID]
	if l == nil {
		return k, sxp.Errorf("agent.Kept", sxp.NotFound, d.ID, "deal %d was %s: there are no messages of it", d.Number, d.State)
	}
	k.Name, k.Messages = d.ID.Short(), l.s.Kept()
	if k.File, err = l.s.File(); err != nil && sxp.KindOf(err) != sxp.Early {
		return k, err
	}
	if pre := l.s.Preimage(); pre != nil {
		if k.Session, err = envelope.Marshal(pre); err != nil {
			return k, err
		}
	}
	v := l.s.View()
	for i := range v.Faults {
		b, err := envelope.Marshal(&v.Faults[i])
		if err != nil {
			return k, err
		}
		k.Faults = append(k.Faults, b)
	}
	if v.Phase != contract.PhaseDone {
		return k, nil // nobody is rated
	}
	return k, a.mem.view(func(t *tx) error {
		return scan(t, keyRating+v.M.String()+"/", func(_ string, raw *sxp.Bytes) error {
			k.Messages = append(k.Messages, *raw)
			return nil
		})
	})
}

// RateDeal asks to say of another party of a contract whether it gave what it
// had to give.
type RateDeal struct {
	Deal   string `json:"deal"`             // by number or id
	About  string `json:"about,omitempty"`  // a party by name or id; empty where there is only one other
	Broken []int  `json:"broken,omitempty"` // transfers, counted from 1, that it did not give as promised; it gave the others
	Text   string `json:"text,omitempty"`   // at most rating.MaxText bytes
}

// Rated is a signed rating or reply.
type Rated struct {
	Message sxp.Bytes `json:"message"`
	Digest  sxp.Hash  `json:"digest"`
}

// Rate signs and keeps what this person says of another party of a complete
// contract. It is sent to nobody.
func (a *Agent) Rate(_ context.Context, in RateDeal) (out Rated, err error) {
	end, err := a.begin()
	if err != nil {
		return out, err
	}
	defer end()
	l, err := a.complete(in.Deal)
	if err != nil {
		return out, err
	}
	about, err := a.otherParty(l, in.About)
	if err != nil {
		return out, err
	}
	p, v := l.s.Proposal(), l.s.View()
	r := rating.Rating{M: v.M, S: v.S, About: p.Cards[about].ID, Text: in.Text, Published: a.now()}
	for i := range p.Parties {
		r.Cards = append(r.Cards, p.Parties[i].Card)
	}
	broken := map[int]bool{}
	for _, n := range in.Broken {
		broken[n] = true
	}
	for i := range p.Terms.Transfers {
		if p.Terms.Transfers[i].From == about {
			r.Marks = append(r.Marks, rating.Mark{Transfer: i + 1, Kept: !broken[i+1]})
			delete(broken, i+1)
		}
	}
	if len(broken) > 0 || len(r.Marks) == 0 {
		return out, sxp.Errorf("agent.Rate", sxp.Invalid, l.id, "%s is rated for the transfers that they give: %v is not among them", p.Cards[about].Label, in.Broken)
	}
	if out.Message, err = rating.Sign(a.id, &r); err != nil {
		return out, err
	}
	out.Digest = envelope.Digest(out.Message)
	return out, a.keepRating(v.M, out.Message)
}

// complete finds a contract that all have signed.
func (a *Agent) complete(ref string) (*live, error) {
	d, err := a.findDeal(ref)
	if err != nil {
		return nil, err
	}
	if l := a.live[d.ID]; l != nil && l.s.View().Phase == contract.PhaseDone {
		return l, nil
	}
	return nil, sxp.Errorf("agent.Rate", sxp.Early, d.ID, "deal %d is %s: people rate each other for contracts that all have signed", d.Number, d.State)
}

// otherParty returns the index of another party by name or id.
func (a *Agent) otherParty(l *live, ref string) (int, error) {
	var known []called
	var index []int
	for i, c := range l.s.Proposal().Cards {
		if c.ID != a.ID() {
			known, index = append(known, called{id: c.ID.String(), name: c.Label}), append(index, i)
		}
	}
	i, err := meant("other party", ref, known)
	if err != nil {
		return 0, err
	}
	return index[i], nil
}

func (a *Agent) keepRating(m sxp.Hash, raw []byte) error {
	return a.mem.update(func(t *tx) error {
		of := keyRating + m.String() + "/"
		key := of + envelope.Digest(raw).String()
		if t.kv.Get(key) == nil && len(t.keys(of)) >= maxRatingsOf {
			return sxp.Errorf("agent.Rate", sxp.Full, m, "there are %d ratings and replies of this contract already", maxRatingsOf)
		}
		t.put(key, sxp.Bytes(raw))
		return nil
	})
}

// TakeRating asks to keep a rating of an own contract that came from another
// party, or their reply; with Reply, to answer a rating of oneself.
type TakeRating struct {
	Message sxp.Bytes `json:"message"`
	Reply   string    `json:"reply,omitempty"`
}

// TakeRating verifies and keeps a rating or reply, and returns it; with Reply
// it returns the signed answer instead, and keeps both.
func (a *Agent) TakeRating(_ context.Context, in TakeRating) (out Rated, err error) {
	end, err := a.begin()
	if err != nil {
		return out, err
	}
	defer end()
	r, reply, err := a.openRating(in.Message)
	if err != nil {
		return out, err
	}
	if _, err := a.contractOf(r); err != nil {
		return out, err
	}
	if err := a.keepRating(r.M, in.Message); err != nil {
		return out, err
	}
	out.Message = in.Message
	if in.Reply != "" {
		if reply {
			return out, sxp.Errorf("agent.TakeRating", sxp.Invalid, r.Digest, "one replies to a rating, not to a reply")
		}
		if out.Message, err = rating.SignReply(a.id, r, rating.Reply{Text: in.Reply, At: a.now()}); err != nil {
			return out, err
		}
		err = a.keepRating(r.M, out.Message)
	}
	out.Digest = envelope.Digest(out.Message)
	return out, err
}

// openRating reads a rating, or a reply to one that is kept here.
func (a *Agent) openRating(raw []byte) (r *rating.Opened, reply bool, err error) {
	if contract.TypeOf(raw) != rating.TypeReply {
		r, err = rating.Open(raw)
		return r, false, err
	}
	var said rating.Reply
	if _, err := envelope.Open(raw, rating.TypeReply, &said); err != nil {
		return nil, true, err
	}
	err = a.mem.view(func(t *tx) error {
		for _, key := range t.keys(keyRating) {
			var kept sxp.Bytes
			if strings.HasSuffix(key, "/"+said.Rating.String()) && t.get(key, &kept) {
				if r, err = rating.Open(kept); err != nil {
					return err
				}
				_, err = rating.OpenReply(raw, r)
				return err
			}
		}
		return nil
	})
	if err == nil && r == nil {
		err = sxp.Errorf("agent.TakeRating", sxp.NotFound, nil, "the rating that this replies to is not here: add that first")
	}
	return r, true, err
}

// contractOf finds the own contract that a rating is about, and checks it
// against that.
func (a *Agent) contractOf(r *rating.Opened) (*live, error) {
	l, report, err := a.reportOf(r.M)
	if err != nil {
		return nil, err
	}
	return l, r.Of(report)
}

// reportOf finds an own contract and verifies its file.
func (a *Agent) reportOf(m sxp.Hash) (*live, *contract.Report, error) {
	for _, l := range a.live {
		v := l.s.View()
		if v.M != m || v.Phase != contract.PhaseDone {
			continue
		}
		file, err := l.s.File()
		if err != nil {
			return nil, nil, err
		}
		report, err := contract.Verify(file)
		return l, report, err
	}
	return nil, nil, sxp.Errorf("agent.TakeRating", sxp.NotFound, m, "this rates a contract that is not yours: sxp rating count counts it all the same")
}
