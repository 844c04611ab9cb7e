package cli

import (
	"errors"

	"sxp"
)

// A Problem is an error as a program reads it.
type Problem struct {
	Kind sxp.Kind `json:"kind"`
	Op   string   `json:"op"`
	Text string   `json:"text"`
}

// Failure is what stands in the place of an answer when an operation failed.
type Failure struct {
	Error Problem `json:"error"`
}

// FailureOf describes err, which is not nil.
func FailureOf(err error) Failure {
	p := Problem{Kind: sxp.KindOf(err), Op: "sxp", Text: sxp.Reason(err)}
	if e := (*sxp.Error)(nil); errors.As(err, &e) {
		p.Op = e.Op
	}
	return Failure{Error: p}
}

// Err is the reverse of FailureOf; what the error was about is in its text.
func (f Failure) Err() error {
	return &sxp.Error{Op: f.Error.Op, Kind: f.Error.Kind, Err: errors.New(f.Error.Text)}
}
