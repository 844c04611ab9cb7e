package agent

import "sxp"

// PublishRoll asks "market.roll" to sign the jurors who enrolled as the
// market's roll, with the times that suit its people.
type PublishRoll struct {
	Market  string       `json:"market,omitempty"`
	Size    int          `json:"size,omitempty"`    // jurors per contract, odd; 0: 15, or the largest odd number that the roll can seat
	Delta   sxp.Duration `json:"delta,omitempty"`   // Δ; 0: 30 s
	L       sxp.Duration `json:"l,omitempty"`       // L; 0: 10 min
	Epsilon sxp.Duration `json:"epsilon,omitempty"` // ε; 0: 2 min
	W       sxp.Duration `json:"w,omitempty"`       // W; 0: 5 min
	D       sxp.Duration `json:"d,omitempty"`       // time to sign; 0: 24 h

	ByLot      bool `json:"byLot,omitempty"`      // draw by lot, as rolls did before there were strata
	DropFaulty bool `json:"dropFaulty,omitempty"` // leave out who is proved to have broken its word; else it is listed and never drawn
	MinUp      int  `json:"minUp,omitempty"`      // leave out who was up in fewer percent of at least 50 questions; 0: nobody
}

// VouchJuror asks "jury.vouch" to sign a person's word for a juror: as its
// operator, or as a tribe that knows who runs it.
type VouchJuror struct {
	Card sxp.Bytes    `json:"card"` // the juror's signed entry, of sxp jury card
	For  sxp.Duration `json:"for"`  // for how long from now; rolls made later do not count it
}

// VouchView answers "jury.vouch".
type VouchView struct {
	Juror sxp.ID    `json:"juror"`
	Until sxp.Time  `json:"until"`
	Raw   sxp.Bytes `json:"raw"` // the signed word, for sxp jury enrol
}

// LeftOut is a juror who enrolled and is not on the roll.
type LeftOut struct {
	ID  sxp.ID `json:"id"`
	Why string `json:"why"` // "operator": it names one who has not signed for it; "faulty", "down": as PublishRoll asks
}
