package market

import (
	"strconv"
	"strings"
)

// A Point is a place on the earth (WGS 84) to a thousandth of a degree, some
// 100 m: exact enough to find what is near, too coarse to be an address.
type Point struct {
	Lat int64 `json:"lat"` // thousandths of a degree north, -90000 to 90000
	Lon int64 `json:"lon"` // thousandths of a degree east, -180000 to 180000
}

// String returns degrees as people write them: "48.208 N, 16.373 E".
func (p Point) String() string {
	return side(p.Lat, "N", "S") + ", " + side(p.Lon, "E", "W")
}

// degrees writes thousandths of a degree.
func degrees(milli int64) string { return itoa(milli/1000) + "." + itoa(1000 + milli%1000)[1:] }

// side writes thousandths of a degree without a sign, and on which side.
func side(milli int64, positive, negative string) string {
	if milli < 0 {
		return degrees(-milli) + " " + negative
	}
	return degrees(milli) + " " + positive
}

// signed writes thousandths of a degree, with a sign if they are below 0.
func signed(milli int64) string {
	if milli < 0 {
		return "-" + degrees(-milli)
	}
	return degrees(milli)
}

// A Near asks for what is within a distance of a point. The zero Near asks
// for nothing.
type Near struct {
	Lat int64 `json:"lat"`
	Lon int64 `json:"lon"`
	Km  int64 `json:"km"` // kilometres on the great circle, 1 to MaxNear
}

// String returns what [ParseNear] reads: "52.520,13.405,10km".
func (n Near) String() string {
	s := signed(n.Lat) + "," + signed(n.Lon)
	if n.Km != 0 {
		s += "," + itoa(n.Km) + "km"
	}
	return s
}

// ParseNear reads degrees north and east, and after another comma how many
// kilometres (left out: 0): "52.52,13.405,10km". Digits beyond the third after
// the point are rounded.
func ParseNear(s string) (Near, error) {
	parts := strings.Split(s, ",")
	if len(parts) == 2 || len(parts) == 3 {
		lat, ok1 := parseDegrees(parts[0])
		lon, ok2 := parseDegrees(parts[1])
		n, ok3 := Near{Lat: lat, Lon: lon}, true
		if len(parts) == 3 {
			km, err := strconv.ParseUint(strings.TrimSuffix(parts[2], "km"), 10, 32)
			n.Km, ok3 = int64(km), err == nil && km > 0
		}
		within := n
		within.Km = max(n.Km, 1)
		if ok1 && ok2 && ok3 && within.validate("near") != nil {
			return Near{}, invalid("near", "%.60q: a latitude is from -90 to 90 degrees, a longitude from -180 to 180, a distance from 1 to %d km", s, MaxNear)
		}
		if ok1 && ok2 && ok3 {
			return n, nil
		}
	}
	return Near{}, invalid("near", "%.60q is not degrees north and east, and perhaps whole km, such as 52.52,13.405,10km", s)
}

// parseDegrees reads a decimal number as thousandths.
func parseDegrees(s string) (milli int64, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(s, ".")
	if !consists(whole) || len(whole) > 3 || fraction != "" && !consists(fraction) || strings.HasSuffix(s, ".") {
		return 0, false
	}
	for _, c := range []byte(whole + (fraction + "000")[:3]) {
		milli = 10*milli + int64(c-'0')
	}
	if len(fraction) > 3 && fraction[3] >= '5' {
		milli++
	}
	if negative {
		milli = -milli
	}
	return milli, true
}

// consists reports whether s is one or more digits.
func consists(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// IsZero reports whether n asks for nothing.
func (n Near) IsZero() bool { return n == Near{} }

// Point returns the middle.
func (n Near) Point() Point { return Point{n.Lat, n.Lon} }

// Validate fails with Invalid; the text names the field and the rule.
func (p Point) Validate() error { return p.validate("point") }

func (p Point) validate(field string) error {
	if p.Lat < -90_000 || p.Lat > 90_000 {
		return invalid(field+".lat", "must be thousandths of a degree from -90000 to 90000, this is %d", p.Lat)
	}
	if p.Lon < -180_000 || p.Lon > 180_000 {
		return invalid(field+".lon", "must be thousandths of a degree from -180000 to 180000, this is %d", p.Lon)
	}
	return nil
}

func (n Near) validate(field string) error {
	if err := n.Point().validate(field); err != nil {
		return err
	}
	if n.Km < 1 || n.Km > MaxNear {
		return invalid(field+".km", "must be from 1 to %d, this is %d", MaxNear, n.Km)
	}
	return nil
}

// Distances are computed with integers, so that all machines agree which items
// a query means; spec/market.md, "Distance", has the arithmetic. The earth is a
// sphere of 6371 km, and one is 2^30.
const (
	oneBits     = 30
	one         = 1 << oneBits
	perMilli    = 19_650_660_422 // of a radian in a thousandth of a degree, times 2^50
	milliBits   = 20
	earthAcross = 2 * 6371 // km
)

// A Vector is the point of the unit sphere at a [Point], times 2^30.
type Vector [3]int64

// Vector returns where p is on the unit sphere; p must be valid.
func (p Point) Vector() Vector {
	cos := cosine(p.Lat)
	return Vector{cos * cosine(p.Lon) >> oneBits, cos * sine(p.Lon) >> oneBits, sine(p.Lat)}
}

// sine returns the sine of an angle in thousandths of a degree, within half a
// turn, times 2^30.
func sine(milli int64) int64 {
	if milli < 0 {
		return -sine(-milli)
	}
	if milli > 90_000 {
		milli = 180_000 - milli
	}
	return series(milli * perMilli >> milliBits)
}

// cosine is the sine a quarter of a turn further.
func cosine(milli int64) int64 {
	if milli < 0 {
		milli = -milli
	}
	return sine(90_000 - milli)
}

// series returns the sine of u/2^30 radians, 0 to a quarter of a turn, times
// 2^30: Taylor's series up to u^15.
func series(u int64) int64 {
	square := u * u >> oneBits
	s := int64(one)
	for n := int64(14); n > 0; n -= 2 {
		s = one - (square*s>>oneBits)/(n*(n+1))
	}
	return u * s >> oneBits
}

// A Cap is the part of the unit sphere within a distance of a point.
type Cap struct {
	Middle Vector
	Chord  int64 // the straight distance from the middle to the edge, times 2^30
}

// Cap returns what n asks for; n must be valid.
func (n Near) Cap() Cap {
	return Cap{Middle: n.Point().Vector(), Chord: chord(n.Km)}
}

// everywhere is a chord that no two vectors exceed, whatever was rounded.
const everywhere = 2*one + 16

// chord returns the straight distance through the sphere between points that
// are km apart on it, times 2^30.
func chord(km int64) int64 {
	if km == MaxNear {
		return everywhere
	}
	return 2 * series(km<<oneBits/earthAcross)
}

// Has reports whether v is in the cap.
func (c Cap) Has(v Vector) bool { return c.Middle.apart(v) <= c.Chord*c.Chord }

// apart returns the square of the straight distance, times 2^60; at most 2^62
// and a little.
func (v Vector) apart(w Vector) int64 {
	x, y, z := v[0]-w[0], v[1]-w[1], v[2]-w[2]
	return x*x + y*y + z*z
}

// Km returns the smallest number of kilometres that a [Near] at p needs to hold
// q: 0 for the same place, and never more than MaxNear.
func (p Point) Km(q Point) int64 {
	square := p.Vector().apart(q.Vector())
	if square == 0 {
		return 0
	}
	low, high := int64(1), int64(MaxNear)
	for low < high {
		if km := (low + high) / 2; chord(km)*chord(km) >= square {
			high = km
		} else {
			low = km + 1
		}
	}
	return low
}
