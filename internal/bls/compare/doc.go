// Package compare measures the publicly verifiable secret sharing of another
// library, drand/kyber's of Schoenmakers (1999) on edwards25519, beside which
// package sxp/internal/bls measures promises. It is a module of its own, so that SXP
// does not link that library: see internal/bls/bench.sh.
//
// The two are not the same thing: what is shared there is a point that nobody
// can tell to be a signature, and each share carries a Schnorr proof of its
// own. Who verifies does comparable work.
package compare
