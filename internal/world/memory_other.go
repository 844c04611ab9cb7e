//go:build !linux

package world

// peakMiB returns the most memory that this process has used so far, in MiB.
func peakMiB() float64 { return runtimeMiB() }
