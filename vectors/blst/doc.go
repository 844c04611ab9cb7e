// Package sxpverify is a third reader of SXP's signings, on blst, the pairing
// library of Ethereum's validators. Like vectors/js it is written from the pages
// of spec/ and shares no line with the module above, whose curves are from
// gnark-crypto and circl. It checks contract files, void certificates, drawn
// juries, the messages of a signing, the locks of secrets that are sold in one,
// and who is guilty by its own signature; it signs and keeps nothing.
//
// It does not render a proposal's text from its terms: vectors/js does. Where it
// refuses it says so without the kinds of spec/errors.md.
//
// blst is C: without cgo there is only this page, and one test that says so.
package sxpverify
