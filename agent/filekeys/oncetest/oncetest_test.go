package oncetest_test

import (
	"testing"

	"sxp/agent"
	"sxp/agent/filekeys/oncetest"
)

func TestMemoryOnce(t *testing.T) {
	oncetest.Run(t, func(*testing.T) oncetest.Once { return new(agent.MemoryOnce) })
}
