package memstore_test

import (
	"testing"

	"sxp/blocks"
	"sxp/blocks/memstore"
	"sxp/blocks/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) blocks.Store { return memstore.New() })
}
