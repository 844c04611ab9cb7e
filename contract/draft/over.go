package draft

import (
	"bytes"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
)

// RequestOver tells the node whose finder proposed a deal that it is over, so
// that what it holds is free for others: Over → bool (spec/node.md).
const RequestOver = "deal.over"

// MaxEvidence is the longest Over.Evidence in bytes: the request around it must
// fit into one message.
const MaxEvidence = sxp.MaxMessage - 64<<10

// Types returns constructors of the requests and answers, for the JSON view.
func Types() map[envelope.Type]func() any { return relay.TypesOf[Over, bool](RequestOver) }

// An Over is one party's notice that a proposal will not become a contract.
// Without evidence it is the asker's own word, which the request is signed
// with, that it has made no promise in it and never will: where one promise of
// all is missing there is never a contract.
type Over struct {
	Proposal sxp.Hash  `json:"proposal"`           // its digest
	Evidence sxp.Bytes `json:"evidence,omitempty"` // a party's signed decline, or the file of a void certificate
	Broke    []sxp.ID  `json:"broke,omitempty"`    // parties by whom it ended, as far as the asker knows: a hint
}

// An Ending is what an Over shows.
type Ending string

// The endings, appended only.
const (
	Declined Ending = "declined" // a party does not want it
	Left     Ending = "left"     // the asker never promised and never will
	Voided   Ending = "void"     // the jury never will complete it
)

// Check verifies a notice that comes from somebody about a proposal with these
// parties, and returns what it shows. Each party may end what it is part of,
// as by declining; nobody else may. It fails with Denied or Invalid.
func (o *Over) Check(from sxp.ID, parties []sxp.ID) (Ending, error) {
	const op = "draft.Over"
	switch {
	case !slices.Contains(parties, from):
		return "", sxp.Errorf(op, sxp.Denied, o.Proposal, "%s is no party of this proposal", from.Short())
	}
	for i, id := range o.Broke {
		if !slices.Contains(parties, id) || slices.Contains(o.Broke[:i], id) {
			return "", sxp.Errorf(op, sxp.Invalid, o.Proposal, "%s must be a party, and named once", id.Short())
		}
	}
	switch {
	case len(o.Evidence) == 0:
		return Left, nil
	case len(o.Evidence) > MaxEvidence:
		return "", sxp.Errorf(op, sxp.TooLarge, o.Proposal, "%d bytes of evidence, at most %d are taken", len(o.Evidence), MaxEvidence)
	case bytes.HasPrefix(o.Evidence, []byte("SXP ")):
		return Voided, o.checkVoid()
	}
	var d contract.Decline
	signer, err := envelope.Open(o.Evidence, contract.TypeDecline, &d)
	if err != nil {
		return "", err
	}
	if d.Proposal != o.Proposal || !slices.Contains(parties, signer) {
		return "", sxp.Errorf(op, sxp.Invalid, o.Proposal, "the decline is not of this proposal by one of its parties")
	}
	return Declined, nil
}

// Blames says who of the parties broke a deal: each party has one word, which
// names some; who is named by half of the others or more, or by themself, is
// taken to have. It is a hint for what is proposed next, and binds nobody.
func Blames(parties []sxp.ID, words map[sxp.ID][]sxp.ID) (broke []sxp.ID) {
	for _, id := range parties {
		votes := 0 // of the others
		for _, by := range parties {
			if slices.Contains(words[by], id) {
				if votes++; by == id {
					votes = len(parties)
				}
			}
		}
		if 2*votes >= len(parties)-1 {
			broke = append(broke, id)
		}
	}
	return broke
}

// checkVoid verifies the file of a void certificate. ⚠ The roll must be in it:
// without it anybody's jury could have signed.
func (o *Over) checkVoid() error {
	const op = "draft.Over"
	r, err := contract.Verify(o.Evidence)
	if err != nil {
		return err
	}
	if r.Kind != contract.VoidFile || r.Proposal != o.Proposal || !r.Drawn {
		return sxp.Errorf(op, sxp.Invalid, o.Proposal, "the file is no void certificate of this proposal by the jury that was drawn for it")
	}
	return nil
}
