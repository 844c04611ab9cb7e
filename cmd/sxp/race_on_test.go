//go:build race

package main

// race says that this test, and so every process of its scripts, is built with
// the race detector, and ten times slower.
const race = true
