// Package peak says how much memory this process has needed at most.
package peak

import "runtime"

// runtimeMiB returns what the Go runtime has ever asked the system for, in
// MiB: somewhat more than the peak.
func runtimeMiB() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / (1 << 20)
}
