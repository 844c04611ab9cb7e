//go:build race

package contract_test

// underRace thins out the simulations: the race detector makes arithmetic ten
// times slower, and the machines have no goroutines.
const underRace = true
