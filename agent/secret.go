package agent

import (
	"context"
	"errors"
	"unicode/utf8"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

// keySecret is the prefix of what this person still has to give: the keys of
// sealed secrets, by the proposal that they were sealed for. Each is under a
// one-time key like an opening, on this device only.
const keySecret = "secret/"

// keptSecret is one of them.
type keptSecret struct {
	Sealed sxp.Bytes `json:"sealed"` // contract.SecretKey, under its one-time key
	Until  sxp.Time  `json:"until"`  // when the proposal can no longer be accepted
}

// secretName is the name of the one-time key of a proposal's secret.
func secretName(proposal sxp.Hash) string {
	return sxp.Sum([]byte("sxp secret key"), proposal[:]).String()
}

// SecretRef asks "secret" for what a signed contract opens, and "secret.proof"
// for the file that shows it to others.
type SecretRef struct {
	Deal     string `json:"deal"`               // by number or id
	Transfer int    `json:"transfer,omitempty"` // its number in the contract, from 1; 0: the one that this person gets, else the one that they give
}

// SecretView answers "secret".
type SecretView struct {
	Deal     sxp.Hash  `json:"deal"`
	Transfer int       `json:"transfer"` // from 1
	Item     string    `json:"item"`
	From     sxp.ID    `json:"from"` // who sold it
	FromName string    `json:"fromName"`
	Secret   sxp.Bytes `json:"secret,omitempty"`
	Text     string    `json:"text,omitempty"`  // the same, where it is text
	Wrong    string    `json:"wrong,omitempty"` // why there is none: what was sealed does not open, or is not what was declared. "secret.proof" then proves it
}

// A seller seals the secrets of a deal that this person composes.
type seller struct {
	a     *Agent
	moves []ComposeMove
	key   *contract.SecretKey // of the last attempt to draft it
}

func (s *seller) erase() {
	if s.key != nil {
		s.key.Erase()
	}
	s.key = nil
}

// seal is draft.Input.Seal. Each draft has a key of its own.
func (s *seller) seal(nonce market.Nonce, i int) (*contract.Sealed, error) {
	const op = "agent.seal"
	x := &s.moves[i]
	if len(x.Secret) == 0 {
		return nil, nil
	}
	if x.From != "" && x.From != "me" && x.From != s.a.ID().String() {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "only who gives a secret can seal it: you propose what %s gives", x.From)
	}
	s.erase()
	var err error
	if s.key, err = contract.NewSecretKey(s.a.cfg.Rand); err != nil {
		return nil, err
	}
	return s.key.Seal(nonce, i, s.a.ID(), x.Secret, x.Declare)
}

// keep makes the key of the secret durable before the proposal is sent. ⚠ It
// serves this proposal only; who takes it from here is the lock.
func (s *seller) keep(p *contract.OpenedProposal) error {
	if s.key == nil {
		return nil
	}
	end, err := s.a.begin()
	if err != nil {
		return err
	}
	defer end()
	key := s.key.Marshal()
	defer clear(key)
	sealed, err := s.a.sealOnce(secretName(p.Digest), p.Digest, key)
	if err != nil {
		return local(err)
	}
	if err := s.a.mem.update(func(t *tx) error {
		t.put(keySecret+p.Digest.String(), &keptSecret{Sealed: sealed, Until: p.ReleaseBefore()})
		return nil
	}); err != nil {
		return err
	}
	s.a.ring.LoadSecret(p.Digest, key)
	return nil
}

// loadSecrets gives the key ring what this person still has to give, and
// destroys what was sealed for a proposal that came to nothing.
func (a *Agent) loadSecrets() error {
	var over []sxp.Hash
	if err := a.mem.view(func(t *tx) error {
		return scan(t, keySecret, func(key string, kept *keptSecret) error {
			session, err := sxp.ParseHash(key[len(keySecret):])
			if err != nil {
				return sxp.Errorf("agent.loadSecrets", sxp.Internal, nil, "a stored secret has no name: %w", err)
			}
			if kept.Until < a.now() && !t.get(keyDeal+session.String(), new(dealRecord)) {
				over = append(over, session)
				return nil
			}
			b, err := a.openOnce(secretName(session), session, kept.Sealed)
			if err == nil && b != nil {
				a.ring.LoadSecret(session, b)
				clear(b)
			}
			return err
		})
	}); err != nil || len(over) == 0 {
		return err
	}
	if err := a.mem.update(func(t *tx) error {
		for _, session := range over {
			t.delete(keySecret + session.String())
		}
		return nil
	}); err != nil {
		return err
	}
	for _, session := range over {
		if err := a.once.Destroy(secretName(session)); err != nil {
			return local(err)
		}
	}
	return nil
}

// noSecrets refuses to answer a deal with other terms where a secret is in it:
// it is sealed for one proposal.
func noSecrets(old *contract.OpenedProposal, moves []ComposeMove) error {
	secret := false
	for i := range old.Terms.Transfers {
		secret = secret || old.Terms.Transfers[i].Secret != nil
	}
	for i := range moves {
		secret = secret || len(moves[i].Secret) > 0
	}
	if !secret {
		return nil
	}
	return sxp.Errorf("agent.counter", sxp.Unsupported, old.Digest, "a secret is sealed for one proposal: decline this one, and let who gives the secret propose anew")
}

// secret does "secret": it opens what a signed contract gives.
func (a *Agent) secret(_ context.Context, in SecretRef) (v SecretView, err error) {
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	l, i, err := a.secretOf(in)
	if err != nil {
		return v, err
	}
	p := l.s.Proposal()
	x := &p.Terms.Transfers[i]
	v = SecretView{Deal: l.id, Transfer: i + 1, Item: x.Item.String(), From: p.Cards[x.From].ID, FromName: p.Cards[x.From].Label}
	v.Secret, err = l.s.Secret(i)
	switch {
	case errors.Is(err, sxp.Invalid):
		v.Wrong, err = sxp.Reason(err), nil
	case err == nil && utf8.Valid(v.Secret):
		v.Text = string(v.Secret)
	}
	return v, err
}

// secretProof does "secret.proof". ⚠ The file gives the secret away.
func (a *Agent) secretProof(_ context.Context, in SecretRef) (f ContractFile, err error) {
	end, err := a.begin()
	if err != nil {
		return f, err
	}
	defer end()
	l, i, err := a.secretOf(in)
	if err != nil {
		return f, err
	}
	data, err := l.s.SecretProof(i)
	return ContractFile{Name: l.id.Short() + ".sxps", Data: data}, err
}

// secretOf finds the transfer that a person means.
func (a *Agent) secretOf(in SecretRef) (*live, int, error) {
	const op = "agent.secret"
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return nil, 0, err
	}
	l := a.live[d.ID]
	if l == nil {
		return nil, 0, sxp.Errorf(op, sxp.NotFound, d.ID, "deal %d was %s: nothing opens", d.Number, d.State)
	}
	p := l.s.Proposal()
	me, _ := p.Party(a.ID())
	if i := in.Transfer - 1; i >= 0 && i < len(p.Terms.Transfers) && p.Terms.Transfers[i].Secret != nil {
		return l, i, nil
	}
	for _, party := range []int{1 - me, me} {
		if i := p.Terms.SecretOf(party); in.Transfer == 0 && len(p.Cards) == 2 && i >= 0 {
			return l, i, nil
		}
	}
	return nil, 0, sxp.Errorf(op, sxp.NotFound, d.ID, "there is no secret in deal %d, or not in that transfer", d.Number)
}
