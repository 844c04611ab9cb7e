//go:build !cgo

package sxpverify

import "testing"

func TestNothingWithoutCgo(t *testing.T) {
	t.Skip("blst is C: set CGO_ENABLED=1 and install a C compiler to try this reader")
}
