// Package control lets commands talk to the process that holds a folder: the
// agent of a home, or a node. It is HTTP with JSON over a unix socket inside
// that folder, so the permissions of the folder decide who may talk.
//
//	POST /v1/deals          {} -> [{"number":1,…}]
//	failure                 status 400, {"error":{"kind":"notfound","op":"agent.deal","text":"…"}}
//
// The operations and their fields are those of the Doer that is served.
package control

import (
	"context"
)

// MaxBody is the largest request and answer in bytes: a contract file of a
// jury of 101 as base64url inside JSON, with room to grow.
const MaxBody = 16 << 20

// MaxPath is the longest path of a socket in bytes. Linux takes 107, macOS
// and the BSDs 103.
const MaxPath = 100

// A Doer answers operations: a name, a JSON request, a JSON answer.
type Doer interface {
	Do(ctx context.Context, op string, in []byte) ([]byte, error)
}

// DoerFunc makes a function a Doer.
type DoerFunc func(ctx context.Context, op string, in []byte) ([]byte, error)

// Do calls f.
func (f DoerFunc) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	return f(ctx, op, in)
}
