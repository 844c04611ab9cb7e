package fairness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"sxp"
	"sxp/contract"
)

// A Kind says what a member is.
type Kind byte

// The kinds of members.
const (
	Party   Kind = 'p'
	Watcher Kind = 'w'
	Juror   Kind = 'j'
)

// A Member is a party, the watcher of a party, or a juror. Its text is the
// kind's letter and the number: "p1", "w1", "j3". Numbers start at 1; jurors
// are numbered by their seats in the first session, those without a seat in it
// come after.
type Member struct {
	Kind Kind
	N    int
}

// String returns the text form.
func (m Member) String() string { return string(rune(m.Kind)) + strconv.Itoa(m.N) }

// MarshalText returns the text form.
func (m Member) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the text form.
func (m *Member) UnmarshalText(b []byte) error {
	n, err := strconv.Atoi(string(b[min(1, len(b)):]))
	if err != nil || n < 1 || n > 1000 || (b[0] != byte(Party) && b[0] != byte(Watcher) && b[0] != byte(Juror)) {
		return sxp.Errorf("fairness.Member", sxp.Invalid, nil, "%.20q is no member: p1 is a party, w1 its watcher, j1 a juror", b)
	}
	*m = Member{Kind(b[0]), n}
	return nil
}

// Spans are the spans of a proposal in milliseconds; Horizon is from the
// proposal to D.
type Spans struct {
	Delta    sxp.Duration `json:"delta"`
	L        sxp.Duration `json:"l"`
	Epsilon  sxp.Duration `json:"epsilon"`
	Patience sxp.Duration `json:"patience"`
	Horizon  sxp.Duration `json:"horizon"`
}

// A Net says how the network treats messages. What the assumptions bound stays
// within them: messages among honest jurors come within Δ, and one honest juror
// hears a watcher within L; all else takes up to Delay, is lost, doubled, or
// comes once more much later.
type Net struct {
	Delay     sxp.Duration `json:"delay"`               // the longest
	Loss      int          `json:"loss,omitempty"`      // per mille
	Double    int          `json:"double,omitempty"`    // per mille
	Replay    int          `json:"replay,omitempty"`    // per mille: once more at any time until Quiet
	Partition []Partition  `json:"partition,omitempty"` // of parties
	Service   sxp.Duration `json:"service,omitempty"`   // what a juror takes for a request; those that come meanwhile queue
	Quiet     sxp.Duration `json:"quiet"`               // from then on, counted from the proposal, nothing is lost and all is quick
}

// A Partition cuts parties off from everybody else, watchers and jurors too.
// What is sent across arrives when it heals, or is lost.
type Partition struct {
	From sxp.Duration `json:"from"` // counted from the proposal
	To   sxp.Duration `json:"to"`
	Off  []int        `json:"off"` // parties, from 1
}

// A Crash stops a member at an effect: a durable write, or one message to one
// receiver.
type Crash struct {
	Who    Member       `json:"who"`
	Effect int          `json:"effect"`           // from 1, counted over the member's whole life
	Before bool         `json:"before,omitempty"` // before the effect rather than after it
	Back   sxp.Duration `json:"back,omitempty"`   // after this long it starts from its disk; 0: never
	Backup int          `json:"backup,omitempty"` // of a party: its disk is lost, and it starts from copies of its deals, the newest of each for 1, the one before for 2
}

// A ClockSet sets a member's clock, as what keeps time by others does.
type ClockSet struct {
	Who   Member       `json:"who"`
	At    sxp.Duration `json:"at"`    // counted from the proposal
	Ahead sxp.Duration `json:"ahead"` // how much it is ahead from then on, in the place of what Clocks says
}

// A Corruption names who is corrupt and what they do.
type Corruption struct {
	Parties []int    `json:"parties,omitempty"` // from 1
	Jurors  []int    `json:"jurors,omitempty"`  // as in Member; those without a seat too
	Plots   []string `json:"plots,omitempty"`   // names, see Plots
}

// A Case is one schedule with one adversary.
type Case struct {
	Seed    uint64                  `json:"seed"`
	Parties int                     `json:"parties"` // N, 2..12
	Jurors  int                     `json:"jurors"`  // n, odd, 1..101
	Real    bool                    `json:"real,omitempty"`
	Notary  bool                    `json:"notary,omitempty"`
	Spans   Spans                   `json:"spans"`
	Net     Net                     `json:"net"`
	Clocks  map[Member]sxp.Duration `json:"clocks,omitempty"`  // how much they are ahead
	Sets    []ClockSet              `json:"sets,omitempty"`    // while it is away, too
	Tap     sxp.Duration            `json:"tap,omitempty"`     // the longest that a person takes to answer
	Decline []int                   `json:"decline,omitempty"` // parties that say no
	Second  sxp.Duration            `json:"second,omitempty"`  // a second attempt over the same things is proposed then; 0: none
	Gap     sxp.Duration            `json:"gap,omitempty"`     // jurors' MaxGap; 0: longer than any silence
	Crashes []Crash                 `json:"crashes,omitempty"`
	Corrupt Corruption              `json:"corrupt,omitzero"`
	Outside string                  `json:"outside,omitempty"` // what the proposal asks for beyond what its roll serves, see Outside
	Beyond  string                  `json:"beyond,omitempty"`  // the assumption that does not hold, see Beyond
}

// Beyond lists the assumptions that a case may leave, as Case.Beyond names
// them: corrupt, more than f jurors are corrupt; delta, messages among honest
// jurors take longer than Δ; watcher, no claim of an honest party or its watcher
// reaches a juror; clock, clocks are further apart than ε; outage, f jurors are
// corrupt and an honest one is away for long (what jurors say to each other takes
// Δ/2 at most); slow outage, the same, and it takes up to Δ.
func Beyond() []string {
	return []string{"corrupt", "delta", "watcher", "clock", "outage", "slow outage"}
}

// away reports whether an honest juror is away beside f corrupt ones.
func (c *Case) away() bool { return c.Beyond == "outage" || c.Beyond == "slow outage" }

// F is (n−1)/2, how many jurors may be corrupt or fail.
func (c *Case) F() int { f, _ := contract.DefaultFaults(c.Jurors); return f }

// String is the case as one line of JSON.
func (c *Case) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "a case that is no JSON: " + err.Error()
	}
	return string(b)
}

// Check fails with sxp.Invalid for a case that cannot be played.
func (c *Case) Check() error {
	const op = "fairness.Case"
	bad := func(format string, args ...any) error {
		return sxp.Errorf(op, sxp.Invalid, nil, "%s", fmt.Sprintf(format, args...))
	}
	s := c.Spans
	switch {
	case c.Parties < 2 || c.Parties > sxp.MaxParties:
		return bad("2 to %d parties, not %d", sxp.MaxParties, c.Parties)
	case c.Jurors < 1 || c.Jurors > sxp.MaxJury || c.Jurors%2 == 0:
		return bad("an odd number of jurors up to %d, not %d", sxp.MaxJury, c.Jurors)
	case c.Notary && c.Jurors != 1:
		return bad("a notary is one juror, not %d", c.Jurors)
	case s.Delta < 8 || s.L < 8 || s.Epsilon < 0 || s.Patience < 1 || s.Horizon <= s.L+s.Epsilon+s.Patience || s.Horizon > sxp.Day:
		return bad("the spans do not fit each other: %+v", s)
	case c.Outside != "" && !slices.Contains(Outside(), c.Outside):
		return bad("nothing of a proposal is called %q", c.Outside)
	case !c.canBeOutside():
		return bad("a case of %d parties and %d jurors cannot ask for less %s", c.Parties, c.Jurors, c.Outside)
	case c.Net.Delay < 1:
		return bad("a message takes at least a millisecond")
	}
	for _, i := range append(append([]int(nil), c.Corrupt.Parties...), c.Decline...) {
		if i < 1 || i > c.Parties {
			return bad("there is no party %d", i)
		}
	}
	for _, s := range c.Sets {
		if s.Who.N < 1 || s.Who.Kind == Juror && s.Who.N > c.Jurors+spare || s.Who.Kind != Juror && s.Who.N > c.Parties || s.At < 0 {
			return bad("the clock of %s cannot be set at %v", s.Who, s.At)
		}
	}
	for _, x := range c.Crashes {
		if x.Backup < 0 || x.Backup > 0 && (x.Who.Kind != Party || x.Back == 0) {
			return bad("%s has no backup to start from", x.Who)
		}
	}
	for _, j := range c.Corrupt.Jurors {
		if j < 1 || j > c.Jurors+spare {
			return bad("there is no juror %d", j)
		}
	}
	for _, name := range c.Corrupt.Plots {
		if plotNamed(name) == nil {
			return bad("there is no plot %q", name)
		}
	}
	return nil
}
