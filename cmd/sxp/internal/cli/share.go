package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Share is a part of all, as people type it: 10%, or 0.1.
type Share float64

// Set reads the text form.
func (s *Share) Set(text string) error {
	digits, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if err != nil || math.IsNaN(v) || v < 0 || v > 1 {
		return fmt.Errorf("%q is not a share: write 10%% or 0.1", text)
	}
	*s = Share(v)
	return nil
}

// String returns the text form.
func (s *Share) String() string { return strconv.FormatFloat(float64(*s)*100, 'f', -1, 64) + "%" }

// Type is what the help calls the value.
func (s *Share) Type() string { return "share" }
