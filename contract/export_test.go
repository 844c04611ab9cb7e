package contract

// Break switches off a rule of the protocol by name, to show what breaks
// without it.
func (s *Session) Break(rule string) {
	switch rule {
	case "":
	case "release only before T_c−W":
		s.rules.releaseLate = true
	case "release only when lodged":
		s.rules.releaseUnlodged = true
	case "no second promise over the same transfers":
		s.rules.promiseTwice = true
	case "void is not never after a release":
		s.rules.voidMeansNever = true
	case "refuse proposals outside of limits":
		s.rules.anyProposal = true
	case "ask the watcher for a result":
		s.rules.watcherUnasked = true
	case "a stale device does not sign":
		s.rules.staleSigns = true
	case "a decline does not end what another device may have promised":
		s.rules.staleLapses = true
	case "a clock that was set back releases nothing":
		s.rules.clockForgets = true
	default:
		panic("no such rule: " + rule)
	}
}

// CompleteForTest reports whether all promises are here and verified.
func (s *Session) CompleteForTest() bool { return s.st.Complete }
