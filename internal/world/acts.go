package world

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/contract"
)

// An act is one swap of the story.
type act struct {
	title  string
	offers [3][2]string // of Alice, Bob and Charlie: what they have, what they want
}

func acts() []act {
	return []act{
		{"1. Three strangers swap", [3][2]string{{"3 h maths lessons", "beer"}, {"20 l beer", "coins"}, {"12 coins", "maths lessons"}}},
		{"2. Again, and Bob's phone dies right after his promise", [3][2]string{{"2 h guitar lessons", "cider"}, {"10 l cider", "tokens"}, {"8 tokens", "guitar lessons"}}},
		{"3. Once more, and Charlie accepts but never promises", [3][2]string{{"4 h gardening", "juice"}, {"6 l juice", "stamps"}, {"5 stamps", "gardening"}}},
	}
}

// play brings the three together and lives through the acts.
func (st *stage) play(ctx context.Context) error {
	st.tell.say("%s", st.tell.style(styleBold, "A market on this machine"))
	st.tell.say("  hub     %s  (%s)", st.hub.Address().URL, strings.Join(st.hub.Services(), ", "))
	st.tell.say("  jurors  %d, each a node of its own", len(st.jurors))
	times := st.cfg.times()
	st.tell.say("  times   Δ %s, L %s, ε %s, W %s, D %s: what this market's jury roll publishes",
		took(times.Delta.Std()), took(times.L.Std()), took(times.Epsilon.Std()), took(times.W.Std()), took(times.D.Std()))
	if err := st.found(ctx); err != nil {
		return err
	}
	for _, name := range []string{"alice", "bob", "charlie"} {
		if err := st.enter(ctx, name); err != nil {
			return err
		}
	}
	st.report.Folder = st.folder
	for i, do := range []func(context.Context, act) error{st.first, st.second, st.third} {
		a := acts()[i]
		st.tell.title(a.title)
		st.asked.Store(0)
		if err := do(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", a.title, err)
		}
	}
	st.tell.say("\nFiles in %s; check them anywhere, without network: sxp verify %s", st.folder, filepath.Join(st.folder, st.report.Acts[0].File))
	return nil
}

// declare lets the three say what they have and want, and waits for the ring.
func (st *stage) declare(ctx context.Context, a act) (deal sxp.Hash, err error) {
	for i, p := range st.cast {
		v, err := agent.Call[agent.AnnouncementView](ctx, p.agent, "offer", agent.Announce{Title: a.offers[i][0], Wants: []string{a.offers[i][1]}})
		if err != nil {
			return deal, err
		}
		st.tell.event("%s has %s and wants %s", p.name, v.Title, a.offers[i][1])
	}
	begun := time.Now()
	for _, p := range st.cast {
		v, err := st.await(ctx, p, sxp.Hash{}, "a proposal", func(v agent.DealView) bool {
			return v.State == "proposed" && strings.Contains(v.Text, a.offers[0][1])
		})
		if err != nil {
			return deal, err
		}
		if deal.IsZero() {
			st.tell.event("the market's node found a ring after %s: %s", took(time.Since(begun)), ringText(v))
		}
		deal = v.ID
	}
	return deal, nil
}

// ringText draws a ring in one line.
func ringText(v agent.DealView) string {
	if len(v.Transfers) == 0 {
		return ""
	}
	next := map[sxp.ID]agent.TransferView{}
	at := v.Transfers[0]
	for _, t := range v.Transfers {
		next[t.From] = t
		if t.FromName < at.FromName {
			at = t
		}
	}
	s := at.FromName
	for range v.Transfers {
		s += " —" + at.Item + "→ " + at.ToName
		at = next[at.To]
	}
	return s
}

// tap lets a person accept.
func (st *stage) tap(ctx context.Context, name string, deal sxp.Hash) error {
	_, err := agent.Call[agent.DealView](ctx, st.person(name).agent, "accept", agent.DealRef{Deal: deal.String()})
	if err == nil {
		st.tell.event("%s taps accept", name)
	}
	return err
}

// await waits until a deal of a person is as it should be; with the zero hash
// any of their deals.
func (st *stage) await(ctx context.Context, p *actress, deal sxp.Hash, what string, is func(agent.DealView) bool) (agent.DealView, error) {
	deadline := time.NewTimer(st.cfg.wait())
	defer deadline.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	last := ""
	for {
		for _, op := range []string{"deals", "contracts"} {
			deals, err := agent.Call[[]agent.DealView](ctx, p.agent, op, agent.None{})
			if err != nil {
				return agent.DealView{}, err
			}
			for _, v := range deals {
				if !deal.IsZero() && v.ID != deal {
					continue
				}
				if is(v) {
					return v, nil
				}
				last = v.State
				if v.Why != "" {
					last += ": " + v.Why
				}
			}
		}
		select {
		case <-ctx.Done():
			return agent.DealView{}, context.Cause(ctx)
		case err := <-st.broken:
			return agent.DealView{}, err
		case <-deadline.C:
			return agent.DealView{}, sxp.Errorf("world.Story", sxp.Late, nil, "%s waited %s for %s in vain (%s)", p.name, st.cfg.wait(), what, last)
		case <-look.C:
		}
	}
}

func inState(state string) func(agent.DealView) bool {
	return func(v agent.DealView) bool { return v.State == state }
}

// keep writes a person's file of a deal and verifies it as anybody can.
func (st *stage) keep(ctx context.Context, p *actress, deal sxp.Hash, act *ActStory) (*contract.Report, error) {
	f, err := agent.Call[agent.ContractFile](ctx, p.agent, "contract.file", agent.DealRef{Deal: deal.String()})
	if err != nil {
		return nil, err
	}
	act.File = f.Name
	if err := os.WriteFile(filepath.Join(st.folder, f.Name), f.Data, fileMode); err != nil {
		return nil, err
	}
	begun := time.Now()
	r, err := contract.Verify(f.Data)
	if err != nil {
		return nil, fmt.Errorf("the file %s does not verify: %w", f.Name, err)
	}
	act.VerifyMicros = time.Since(begun).Microseconds()
	var who []string
	for _, party := range r.Parties {
		if party.Signed {
			who = append(who, party.Label)
		}
	}
	st.tell.event("%s: %s, %.1f KB, verified offline in %s%s", f.Name, strings.ToLower(string(r.Kind)), float64(len(f.Data))/1000,
		took(time.Since(begun)), signedBy(who))
	return r, nil
}

func signedBy(who []string) string {
	if len(who) == 0 {
		return ""
	}
	return ": signed by " + strings.Join(who, ", ")
}

// signed waits until all these people hold the contract.
func (st *stage) signed(ctx context.Context, deal sxp.Hash, names ...string) (v agent.DealView, err error) {
	for _, name := range names {
		if v, err = st.await(ctx, st.person(name), deal, "the contract", inState("signed")); err != nil {
			return v, err
		}
	}
	return v, nil
}

// first is the swap in which all stay.
func (st *stage) first(ctx context.Context, a act) error {
	deal, err := st.declare(ctx, a)
	if err != nil {
		return err
	}
	for _, p := range st.cast {
		if err := st.tap(ctx, p.name, deal); err != nil {
			return err
		}
	}
	begun := time.Now()
	v, err := st.signed(ctx, deal, "alice", "bob", "charlie")
	if err != nil {
		return err
	}
	out := ActStory{Title: a.title, Outcome: Direct, Milliseconds: time.Since(begun).Milliseconds(), Jury: v.Jury, Opened: st.opened(v.M), JurorMessages: st.asked.Load()}
	st.tell.good("all three hold the contract, %s after the last tap", took(time.Since(begun)))
	st.tell.event("a jury of %d was drawn, and not asked: jurors received %d messages", v.Jury, out.JurorMessages)
	if out.JurorMessages != 0 || out.Opened != 0 {
		return sxp.Errorf("world.Story", sxp.Internal, nil, "an honest swap must not trouble the jury: it received %d messages", out.JurorMessages)
	}
	_, err = st.keep(ctx, st.person("alice"), deal, &out)
	st.report.Acts = append(st.report.Acts, out)
	return err
}

// second is the swap in which Bob vanishes after his promise: he sends his
// acceptance and his promise to the two others, which is four records.
func (st *stage) second(ctx context.Context, a act) error {
	deal, err := st.declare(ctx, a)
	if err != nil {
		return err
	}
	bob := st.person("bob")
	died := bob.leash.set(4)
	for _, p := range st.cast {
		if err := st.tap(ctx, p.name, deal); err != nil {
			return err
		}
	}
	if err := st.awaitDeath(ctx, bob, died); err != nil {
		return err
	}
	begun := time.Now()
	st.tell.event("bob's promise is out, and his phone is dead")
	v, err := st.signed(ctx, deal, "alice", "charlie")
	if err != nil {
		return err
	}
	out := ActStory{Title: a.title, Outcome: ByJury, Milliseconds: time.Since(begun).Milliseconds(), Jury: v.Jury, Opened: st.opened(v.M), JurorMessages: st.asked.Load()}
	st.tell.event("after W = %s without his signature, the claim went to the jury: %d of %d jurors opened their shares, %d would have been enough", took(st.cfg.times().W.Std()), out.Opened, v.Jury, v.Faults+1)
	st.tell.good("alice and charlie hold the contract, %s after bob vanished", took(time.Since(begun)))
	if out.Opened <= v.Faults {
		return sxp.Errorf("world.Story", sxp.Internal, nil, "only %d jurors opened, %d are needed", out.Opened, v.Faults+1)
	}
	r, err := st.keep(ctx, st.person("charlie"), deal, &out)
	if err != nil {
		return err
	}
	st.report.Acts = append(st.report.Acts, out)
	if err := bob.revive(ctx); err != nil {
		return err
	}
	st.tell.event("bob's phone is on again")
	if _, err := st.signed(ctx, deal, "bob"); err != nil {
		return err
	}
	f, err := agent.Call[agent.ContractFile](ctx, bob.agent, "contract.file", agent.DealRef{Deal: deal.String()})
	if err != nil {
		return err
	}
	mine, err := contract.Verify(f.Data)
	if err != nil {
		return err
	}
	if mine.S != r.S {
		return sxp.Errorf("world.Story", sxp.Internal, nil, "bob holds another signature than charlie")
	}
	st.tell.good("he collects the same contract: the same 48 bytes")
	return nil
}

// awaitDeath waits until a leash has ended, then stops the device.
func (st *stage) awaitDeath(ctx context.Context, p *actress, died <-chan struct{}) error {
	select {
	case <-died:
		p.halt()
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-st.broken:
		return err
	case <-time.After(storyWait):
		return sxp.Errorf("world.Story", sxp.Late, nil, "%s did not get as far as planned within %s", p.name, storyWait)
	}
}

// third is the swap in which Charlie accepts, which is two records, and never
// promises.
func (st *stage) third(ctx context.Context, a act) error {
	deal, err := st.declare(ctx, a)
	if err != nil {
		return err
	}
	charlie := st.person("charlie")
	died := charlie.leash.set(2)
	if err := st.tap(ctx, "charlie", deal); err != nil {
		return err
	}
	if err := st.awaitDeath(ctx, charlie, died); err != nil {
		return err
	}
	st.tell.event("charlie's phone is dead")
	for _, name := range []string{"alice", "bob"} {
		if err := st.tap(ctx, name, deal); err != nil {
			return err
		}
	}
	begun := time.Now()
	out := ActStory{Title: a.title, Outcome: Void}
	for _, name := range []string{"alice", "bob"} {
		v, err := st.await(ctx, st.person(name), deal, "the end", inState("void"))
		if err != nil {
			return err
		}
		out.Jury, out.Opened = v.Jury, st.opened(v.M)
	}
	out.Milliseconds, out.JurorMessages = time.Since(begun).Milliseconds(), st.asked.Load()
	st.tell.event("alice and bob promised, and waited for charlie until D = %s", took(st.cfg.times().D.Std()))
	st.tell.good("nobody is bound: the jury certified that it opened nothing and never will, %s after the last tap", took(time.Since(begun)))
	if out.Opened != 0 {
		return sxp.Errorf("world.Story", sxp.Internal, nil, "%d jurors opened shares of a contract that charlie never promised", out.Opened)
	}
	_, err = st.keep(ctx, st.person("alice"), deal, &out)
	st.report.Acts = append(st.report.Acts, out)
	return err
}
