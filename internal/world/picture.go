package world

import (
	"bytes"
	"fmt"

	"sxp/deal/svg"
)

// picture draws every ring, by length and by outcome.
func picture(rep *TradeReport) ([]byte, error) {
	r := svg.Report{
		Title: "Trade report: " + rep.Detail.Name,
		Lines: []string{
			fmt.Sprintf("%s people, %s items, %d rings of %d items in all", count(rep.People), count(rep.Items), rep.Rings, rep.Detail.Traded),
			fmt.Sprintf("%d people vanished (hollow), %d of %d jurors on the roll lied, %d contracts were unfair", rep.Detail.Vanished, len(rep.Detail.Lies), rep.Detail.Roll, rep.Unfair),
		},
	}
	for i := range rep.Detail.Outcomes {
		r.Rings = append(r.Rings, rep.Detail.Outcomes[i].drawing())
	}
	var b bytes.Buffer
	err := svg.Overview(&b, r)
	return b.Bytes(), err
}

// drawing is the ring as it is drawn.
func (o *RingOutcome) drawing() svg.Ring {
	r := svg.Ring{Name: o.Contract.Short(), Status: svg.Void}
	switch o.Outcome {
	case Direct:
		r.Status = svg.Direct
	case ByJury:
		r.Status = svg.Jury
	}
	if o.Unfair {
		r.Name = "UNFAIR " + r.Name
	}
	for i := range o.Items {
		r.Steps = append(r.Steps, svg.Step{From: o.People[i], To: o.To[i], Item: o.Items[i], Gone: o.Absent[i]})
	}
	return r
}
