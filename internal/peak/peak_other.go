//go:build !linux

package peak

// MiB returns the most memory that this process has used so far, in MiB.
func MiB() float64 { return runtimeMiB() }
