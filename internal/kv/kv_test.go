package kv_test

import (
	"testing"

	"sxp/internal/kv"
	"sxp/internal/kv/kvtest"
)

func TestMemory(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Store { return new(kv.Memory) })
}
