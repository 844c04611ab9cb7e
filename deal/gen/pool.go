package gen

import (
	"bytes"
	"fmt"
)

// Shares in parts of 10,000 of the model of Saidman, Roth, Sönmez, Ünver and
// Delmonico (Transplantation 81, 2006), which PrefLib's pools follow.
const (
	bloodO = 4814 // of patients and donors
	bloodA = 3373
	bloodB = 1428

	fewAntibodies  = 7019 // of patients; a crossmatch fails with 5 % …
	someAntibodies = 2000 // … 45 %, or else 90 %

	women   = 4090
	spouses = 4897 // of donors
)

// Blood types: bit 0 for A, bit 1 for B. A donor's antigens must all be the patient's.
func (r *rng) blood() int {
	x := r.below(10_000)
	switch {
	case x < bloodO:
		return 0
	case x < bloodO+bloodA:
		return 1
	case x < bloodO+bloodA+bloodB:
		return 2
	}
	return 3
}

// A patient is what decides whose kidney they could get.
type patient struct {
	blood int
	fails int // a crossmatch, in parts of 10,000
}

func (r *rng) patient() patient {
	p := patient{blood: r.blood(), fails: 9000}
	if x := r.below(10_000); x < fewAntibodies {
		p.fails = 500
	} else if x < fewAntibodies+someAntibodies {
		p.fails = 4500
	}
	// A wife is more sensitive to her husband, and so to others.
	if r.below(10_000) < women && r.below(10_000) < spouses {
		p.fails = 10_000 - (10_000-p.fails)*3/4
	}
	return p
}

// takes draws whether p could get the kidney of a donor of that blood.
func (r *rng) takes(p patient, donor int) bool {
	return donor&^p.blood == 0 && r.below(10_000) >= p.fails
}

// Pool returns a pool of kidney exchanges in PrefLib's .wmd format (package
// deal/preflib): so many pairs whose donor does not fit their own patient, and
// altruists.
func Pool(pairs, altruists int, seed uint64) []byte {
	r := rng(seed)
	var patients []patient
	var donors []int
	for len(patients) < pairs {
		p, donor := r.patient(), r.blood()
		if r.takes(p, donor) {
			continue // they need nobody else
		}
		patients, donors = append(patients, p), append(donors, donor)
	}
	for range altruists {
		donors = append(donors, r.blood())
	}
	var arcs bytes.Buffer
	count := 0
	for from, donor := range donors {
		for to := range donors {
			switch {
			case from == to:
			case to >= pairs && from < pairs:
				fmt.Fprintf(&arcs, "%d,%d,0\n", from, to) // how a chain ends there
				count++
			case to < pairs && r.takes(patients[to], donor):
				fmt.Fprintf(&arcs, "%d,%d,1\n", from, to)
				count++
			}
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d,%d\n", len(donors), count)
	for i := range donors {
		kind := "Pair"
		if i >= pairs {
			kind = "Altruist"
		}
		fmt.Fprintf(&out, "%d,%s %d\n", i+1, kind, i+1)
	}
	out.Write(arcs.Bytes())
	return out.Bytes()
}
