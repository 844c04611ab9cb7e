package host

import (
	"bytes"
	"context"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

func (h *Host) verify(_ context.Context, in Checked) (VerifyView, error) {
	if len(in.File) > contract.MaxFile {
		return VerifyView{}, sxp.Errorf("host.verify", sxp.TooLarge, nil, "a contract file has at most %d bytes, this has %d", contract.MaxFile, len(in.File))
	}
	r, err := contract.Verify(in.File)
	if r == nil {
		return VerifyView{}, err
	}
	v := VerifyView{
		Valid: err == nil, Kind: "contract", Proposal: r.Proposal, M: r.M, Title: r.Title, Text: r.Text, Notes: r.Terms.Notes,
		Parties: []VerifyParty{}, Transfers: []VerifyTransfer{}, Jury: []sxp.ID{},
		T: r.T, F: r.F, Drawn: r.Drawn, Roll: r.Roll, RollBy: r.RollBy, Deadline: r.Deadline, Attempt: r.Attempt,
	}
	if r.Kind == contract.VoidFile {
		v.Kind = "void"
	}
	if err != nil {
		v.Why = sxp.Reason(err)
	}
	for _, p := range r.Parties {
		v.Parties = append(v.Parties, VerifyParty{ID: p.ID, Label: p.Label, Accepted: p.Accepted, Signed: p.Signed})
	}
	for _, x := range r.Terms.Transfers {
		v.Transfers = append(v.Transfers, VerifyTransfer{Item: x.Item.String(), From: x.From, To: x.To, Due: x.Due, Delivery: x.Delivery})
	}
	for _, s := range r.Jury {
		v.Jury = append(v.Jury, s.ID)
	}
	return v, nil
}

func (h *Host) parse(_ context.Context, in Phrase) (market.Item, error) {
	return market.ParseItem(in.Text)
}

// unknown is the answer about what nobody here can read.
func unknown(why string) Identified { return Identified{Kind: "unknown", Why: why} }

func (h *Host) identify(_ context.Context, in Unknown) (Identified, error) {
	text := strings.TrimSpace(in.Text)
	data := []byte(in.File)
	if len(data) == 0 {
		data = []byte(in.Text)
	}
	if len(data) == 0 {
		return unknown("it is empty"), nil
	}
	if len(in.File) > 0 && len(in.File) <= relay.MaxInvitationLink {
		text = strings.TrimSpace(string(in.File)) // a link that was saved as a file
	}
	switch {
	case strings.HasPrefix(text, "sxp:card?"):
		return identifyCard(identity.ParseLink(text)), nil
	case strings.HasPrefix(text, "sxp:market?"):
		return identifyMarket(text), nil
	case strings.HasPrefix(text, "sxp:invitation?"):
		return identifyInvitation(text), nil
	case strings.HasPrefix(text, "sxp:block?"):
		return Identified{Kind: "block", Valid: true}, nil
	case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"):
		return identifyAddress(text), nil
	case bytes.HasPrefix(data, []byte("SXP CONTRACT")), bytes.HasPrefix(data, []byte("SXP VOID")):
		return identifyContract(data), nil
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return identifyCard(identity.ParseFile(data)), nil
	}
	return unknown("this is no card, no contract, no market's link and no relay's address"), nil
}

func identifyCard(f identity.File, err error) Identified {
	if err != nil {
		return unknown(sxp.Reason(err))
	}
	out := Identified{Kind: "card", ID: f.ID.String(), Label: f.Label, Relays: f.Relays, Valid: f.Card != nil}
	if !out.Valid {
		out.Why = "it is not signed: the signed card is at its relays"
	}
	return out
}

func identifyMarket(text string) Identified {
	l, err := market.ParseLink(text)
	if err != nil {
		return unknown(sxp.Reason(err))
	}
	return Identified{Kind: "market", ID: l.Market.String(), Valid: true}
}

func identifyInvitation(text string) Identified {
	at, _, err := relay.ParseInvitationLink(text)
	if err != nil {
		return unknown(sxp.Reason(err))
	}
	return Identified{Kind: "invitation", ID: at.ID.String(), Relays: []string{at.String()}, Valid: true}
}

func identifyAddress(text string) Identified {
	at, err := relay.ParseAddress(text)
	if err != nil {
		return unknown(sxp.Reason(err))
	}
	return Identified{Kind: "relay", ID: at.ID.String(), Relays: []string{at.String()}, Valid: true}
}

func identifyContract(data []byte) Identified {
	r, err := contract.Verify(data)
	if r == nil { // damaged, but it says what it wants to be
		return Identified{Kind: "contract", Why: sxp.Reason(err)}
	}
	out := Identified{Kind: "contract", ID: r.M.String(), Title: r.Title, Valid: err == nil}
	if err != nil {
		out.Why = sxp.Reason(err)
	}
	return out
}
