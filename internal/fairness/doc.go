// Package fairness plays signings of the real machines, contract.Session,
// contract.Watcher and jury.Juror, under schedules and adversaries that a seed
// chooses, and judges what came about by the properties of
// docs/signing-proof.md: fairness, timeliness, non-forgery, optimism, agreement
// of the jury, and that nobody honest is ever blamed.
//
// A Case says everything; Lab.Play of the same case is the same run. A case may
// be played with real points or with ideal objects in their place (see
// idealAlgebra); both give the same conversation. Signatures of messages are
// real in both.
//
// # Reading order
//
// case.go says what can happen, engine.go lets it happen, links.go keeps it
// within the assumptions of spec/signing.md, party.go, watcher.go and juror.go
// drive one machine each. adversary.go is who holds all corrupt parties and
// jurors; a plot of plots.go, or several, tells it what to do. judge.go states
// the properties, draw.go draws cases from seeds, shrink.go makes a failing one
// small, explore.go plays every order of messages.
//
// The package is pure: no clock, no disk, no randomness but the case's seed. It
// is trusted with nothing.
package fairness
