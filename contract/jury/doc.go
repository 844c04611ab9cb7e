// Package jury is the juror: it endorses claims, opens shares of promises, and
// votes void, so that all honest jurors of a session do the same
// (spec/signing.md, "Jury: one signed broadcast"; spec/jury.md).
//
// A Juror is trusted, with all others of its jury, not to be one of more than f
// corrupt ones. It sees digests, keys and points, never the text of a contract.
// It has to be up, with a clock within the bounds its roll entry publishes, and
// to serve everything inside them: whether a claim is valid is a fixed function
// that no operator may add to.
//
// # Driving it
//
// A node keeps one Juror for its identity. Requests, as they arrive, go into a
// Queue with the time of arrival (At); one goroutine pops, steps, and does the
// actions in order, what follows a Save only once that is durable. Records are
// kept for ever. At a restart every record goes through Restore, then Start is
// the first event. Tick is due when Next has come: a juror whose driver is
// silent for more than Config.MaxGap counts as having been down, and abstains
// from voiding what was in its window meanwhile. A simulation whose jurors are
// never suspended may set MaxGap as large as its steps of time.
//
//	contract.RequestClaim    Claim    → Reply
//	contract.RequestForward  Forward  → Reply
//	contract.RequestShares   Shares   → Reply
//	contract.RequestQuery    Query    → Reply
//	SendForward, SendShares  ask each juror in To; an Answer returns as Delivered
//
// A Reply with Hold reaches its asker only after the session's Passed, which
// comes once all other jurors have answered, and Δ/4 after the acceptance (at
// most 2 s) at the latest.
//
// A Step that fails gives an error for the asker, and at most Save actions,
// which are to be done. Only claims straight from outside may be limited in
// rate, never relayed ones.
package jury
