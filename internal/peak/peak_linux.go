package peak

import (
	"os"
	"strconv"
	"strings"
)

// MiB returns the most memory that this process has used so far, in MiB:
// the resident set as the kernel counts it (VmHWM).
func MiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return runtimeMiB()
	}
	for line := range strings.Lines(string(status)) {
		rest, ok := strings.CutPrefix(line, "VmHWM:")
		if !ok {
			continue
		}
		if kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64); err == nil {
			return kib / 1024
		}
	}
	return runtimeMiB()
}
