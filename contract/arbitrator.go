package contract

import (
	"strings"

	"sxp"
)

// arbitratorWord begins the line of the clause Conflict that names who
// arbitrates.
const arbitratorWord = "Arbitrator: "

// NameArbitrator returns the clause Conflict with a first line that names who
// arbitrates, for programs to read and for people: the label is the
// arbitrator's own choice of name.
func NameArbitrator(id sxp.ID, label, clause string) string {
	return strings.TrimRight(arbitratorWord+id.String()+" ("+strings.ReplaceAll(label, "\n", " ")+")\n"+clause, "\n")
}

// Arbitrator returns whom the parties have named to arbitrate, by the first
// line of the clause Conflict (spec/contract.md, "Arbitrator"); ok is false
// where it names nobody. An arbitrator signs nothing, and is bound to nothing
// by being named.
func (t *Terms) Arbitrator() (id sxp.ID, ok bool) {
	line, _, _ := strings.Cut(t.Conflict, "\n")
	text, ok := strings.CutPrefix(line, arbitratorWord)
	if !ok {
		return id, false
	}
	text, _, _ = strings.Cut(text, " ")
	id, err := sxp.ParseID(text)
	return id, err == nil
}
