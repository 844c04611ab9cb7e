//go:build !race

package contract_test

const underRace = false
