package memstore_test

import (
	"testing"

	"sxp/market"
	"sxp/market/memstore"
	"sxp/market/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) market.Store { return memstore.New() })
}
