package fairness

import (
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/memo"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/market"
)

// start is when proposals are made, in all worlds.
const start sxp.Time = 1_800_000_000_000

// A person is a party's secrets, whatever the world.
type person struct {
	signer *signer
	secret *bls.Secret
	x      bls.G2
	card   []byte
	opened identity.Card
}

// A juryman is a juror's secrets and what a roll says of it.
type juryman struct {
	keys  *jurorKeys
	entry contract.RollEntry
}

// A Lab plays cases. It keeps the worlds it has made, and in real worlds what
// was computed in them, so that a million cases cost little more than their
// messages. It is not safe for concurrent use: each goroutine has its own.
type Lab struct {
	people   []*person
	watchers []*signer
	jurors   map[bool][]*juryman // by real
	worlds   map[worldKey]*world
	ideal    *idealAlgebra
	real     contract.Algebra
	known    *memo.Table // of real mathematics
	off      rules
	reader   contract.Reader // of all jurors and watchers
}

// NewLab returns a laboratory without worlds.
func NewLab() *Lab {
	known := memo.New(maxKnown)
	return &Lab{
		jurors: map[bool][]*juryman{}, worlds: map[worldKey]*world{}, known: known, ideal: newIdealAlgebra(),
		real: drawByDraw{memo.Algebra(known, contract.NewAlgebra(&stream{label: "coefficients"}))},
	}
}

// worldKey is what worlds differ in.
type worldKey struct {
	parties, jurors      int
	real, notary, second bool
	spans                Spans
	outside              string
}

// A world is what all runs of one size share: a roll, and a proposal for each
// attempt.
type world struct {
	lab       *Lab
	key       worldKey
	algebra   contract.Algebra
	issuer    *signer
	roll      *contract.OpenedRoll
	proposals []*contract.OpenedProposal // by attempt from 0
	juries    [][]sxp.ID                 // drawn, in seat order, by attempt
	jurors    []*juryman                 // in the order of Member.N
	numbers   map[sxp.ID]int             // Member.N of each
}

// world returns the world of a case.
func (l *Lab) world(c *Case) *world {
	key := worldKey{c.Parties, c.Jurors, c.Real, c.Notary, c.Second > 0, c.Spans, c.Outside}
	l.ideal.forget()
	if w, ok := l.worlds[key]; ok {
		return w
	}
	if len(l.worlds) >= maxWorlds {
		clear(l.worlds)
	}
	w := l.makeWorld(key)
	l.worlds[key] = w
	return w
}

// maxWorlds bounds the memory of a Lab.
const maxWorlds = 1000

func (l *Lab) person(i int) *person {
	for len(l.people) <= i {
		label := fmt.Sprintf("party %d", len(l.people)+1)
		root := must(identity.NewRoot(&stream{label: label}))
		p := &person{signer: signerOf(root.Signing()), secret: root.Contract()}
		p.x = p.secret.Public()
		card := identity.NewCard(root, label, start-1000, start.Add(sxp.Day))
		p.card = must(identity.SignCard(p.signer, card))
		p.opened = must(identity.OpenCard(p.card))
		l.people = append(l.people, p)
	}
	return l.people[i]
}

func (l *Lab) watcher(i int) *signer {
	for len(l.watchers) <= i {
		l.watchers = append(l.watchers, newSigner("watcher", len(l.watchers)))
	}
	return l.watchers[i]
}

func (l *Lab) juror(i int, real bool) *juryman {
	for len(l.jurors[real]) <= i {
		k := len(l.jurors[real])
		s := newSigner("juror", k)
		j := &juryman{}
		e := contract.RollEntry{ID: s.ID(), Address: fmt.Sprintf("https://juror%d.example", k), DeltaMin: 1, MaxN: sxp.MaxJury, MaxParties: sxp.MaxParties, MaxHorizon: 30 * sxp.Day}
		if real {
			y := must(bls.NewSecret(&stream{label: fmt.Sprintf("juror key %d", k)}))
			e.Y, e.Z, e.Proof = y.PublicG1(), y.Public(), y.ProvePossession(bls.RoleJuror, s.ID())
			j.keys = &jurorKeys{s, &realOpener{l.known, y, e.Y}}
		} else {
			e.Y, e.Z, e.Proof = name1("y", number(k)), name2("z", number(k)), name1("proof", number(k))
			l.ideal.register(s.ID(), e.Y, e.Z)
			j.keys = &jurorKeys{s, &idealOpener{l.ideal, e.Y}}
		}
		j.entry = e
		l.jurors[real] = append(l.jurors[real], j)
	}
	return l.jurors[real][i]
}

// spare is how many jurors a roll lists beyond those that are drawn, so that
// attempts have different juries.
const spare = 2

func (l *Lab) makeWorld(key worldKey) *world {
	w := &world{lab: l, key: key, algebra: l.ideal, issuer: newSigner("issuer", 0)}
	if key.real {
		w.algebra = l.real
	}
	w.algebra = l.verifier(w.algebra)
	s := key.spans
	roll := &contract.Roll{Number: 1, Issued: start - 1000, Delta: s.Delta, L: s.L, Epsilon: max(s.Epsilon, 1), Patience: s.Patience, Horizon: s.Horizon}
	for i := range key.jurors + spare {
		e := l.juror(i, key.real).entry
		key.serve(&e)
		roll.Entries = append(roll.Entries, e)
	}
	w.roll = must(contract.OpenRoll(w.algebra, must(contract.SignRoll(w.algebra, w.issuer, roll))))
	w.propose(1, start)
	if key.second {
		w.propose(2, start)
	}
	w.number()
	return w
}

// propose adds a proposal of the same transfers.
func (w *world) propose(attempt int, created sxp.Time) {
	s := w.key.spans
	p := &contract.Proposal{
		Terms: contract.Terms{Title: "A ring of favours", Law: "The law of the place where the goods are."}, Nonce: market.Nonce{byte(attempt)}, Attempt: attempt, Roll: w.roll.Digest,
		Mode: contract.Optimistic, N: w.key.jurors, Created: created, Deadline: created.Add(s.Horizon), Delta: s.Delta, L: s.L, Epsilon: max(s.Epsilon, 1), Patience: s.Patience,
	}
	if w.key.notary {
		p.Mode = contract.Notary
	}
	w.key.ask(p)
	p.F, p.T = contract.DefaultFaults(p.N)
	for i := range w.key.parties {
		p.Parties = append(p.Parties, contract.Party{Card: w.lab.person(i).card})
		p.Terms.Transfers = append(p.Terms.Transfers, contract.Transfer{
			Item: market.Item{Kind: market.Good, Title: fmt.Sprintf("thing of %d", i+1)}, ItemRef: market.ItemID{byte(i + 1)},
			From: i, To: (i + 1) % w.key.parties, Due: start.Add(sxp.Day),
		})
	}
	o := w.open(p)
	w.proposals = append(w.proposals, o)
	draws := make([]bls.G1, w.key.parties)
	for i := range draws {
		draws[i] = w.secret(i).signDraw(o.Digest)
	}
	var ids []sxp.ID
	for _, seat := range must(contract.Draw(w.roll, o, must(w.algebra.Seed(draws)))) {
		ids = append(ids, seat.ID)
	}
	w.juries = append(w.juries, ids)
}

// open is contract.SignProposal and OpenProposal but for verifying the cards, which
// their people signed: three times a pairing for each in every world.
func (w *world) open(p *contract.Proposal) *contract.OpenedProposal {
	o := &contract.OpenedProposal{Proposer: w.lab.person(0).signer.ID()}
	for i := range p.Parties {
		o.Cards = append(o.Cards, w.lab.person(i).opened)
	}
	p.Version, p.Terms.Text = contract.Version, contract.Render(&p.Terms, o.Cards)
	o.Raw = must(envelope.Sign(w.lab.person(0).signer, contract.TypeProposal, p))
	o.Digest = envelope.Digest(o.Raw)
	if err := envelope.Unmarshal(must(envelope.Parse(o.Raw)).Payload, &o.Proposal); err != nil {
		panic("fairness: " + err.Error())
	}
	return o
}

// number orders the jurors: the seats of the first attempt, then the others.
func (w *world) number() {
	for i := range w.key.jurors + spare {
		w.jurors = append(w.jurors, w.lab.juror(i, w.key.real))
	}
	seat := func(j *juryman) int {
		if i := slices.Index(w.juries[0], j.keys.ID()); i >= 0 {
			return i
		}
		return len(w.juries[0])
	}
	slices.SortStableFunc(w.jurors, func(a, b *juryman) int { return seat(a) - seat(b) })
	w.numbers = make(map[sxp.ID]int, len(w.jurors))
	for i, j := range w.jurors {
		w.numbers[j.keys.ID()] = i + 1
	}
}

func (w *world) secret(i int) contractSecret {
	p := w.lab.person(i)
	if w.key.real {
		return &realSecret{w.lab.known, p.secret, p.x}
	}
	return &idealSecret{w.lab.ideal, p.x}
}

// jurorN returns the number of a juror, 0 for a stranger.
func (w *world) jurorN(id sxp.ID) int { return w.numbers[id] }

func (w *world) limits() contract.Limits { return contract.DefaultLimits(w.issuer.ID()) }
