package memstore_test

import (
	"testing"

	"sxp/relay"
	"sxp/relay/memstore"
	"sxp/relay/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) relay.Store { return new(memstore.Store) })
	storetest.RunAccounts(t, func(*testing.T) relay.Accounts { return new(memstore.Store) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(*testing.B) relay.Store { return new(memstore.Store) })
}
