package market_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"sxp/market"
)

// haversine is the distance in km with floating point, as textbooks have it.
func haversine(p, q market.Point) float64 {
	rad := func(milli int64) float64 { return float64(milli) / 1000 * math.Pi / 180 }
	a, b := rad(p.Lat), rad(q.Lat)
	h := math.Pow(math.Sin((b-a)/2), 2) + math.Cos(a)*math.Cos(b)*math.Pow(math.Sin((rad(q.Lon)-rad(p.Lon))/2), 2)
	return 2 * 6371 * math.Asin(math.Sqrt(min(1, h)))
}

func randomPoint(r *rand.Rand) market.Point {
	return market.Point{Lat: r.Int64N(180_001) - 90_000, Lon: r.Int64N(360_001) - 180_000}
}

// What is within a distance is what the haversine says, but for points within
// some metres of the edge.
func TestNearAgreesWithHaversine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	worst := 0.0
	for range 400_000 {
		p := randomPoint(r)
		q := randomPoint(r)
		if r.IntN(2) == 0 { // not far away
			q = market.Point{Lat: max(-90_000, min(90_000, p.Lat+r.Int64N(2001)-1000)), Lon: (p.Lon+180_000+r.Int64N(2001)-1000+360_000)%360_000 - 180_000}
		}
		d := haversine(p, q)
		n := market.Near{Lat: p.Lat, Lon: p.Lon, Km: max(1, min(market.MaxNear, int64(math.Round(d))+r.Int64N(3)-1))}
		if in := n.Cap().Has(q.Vector()); in != (d <= float64(n.Km)) {
			worst = max(worst, math.Abs(d-float64(n.Km)))
		}
		if km := p.Km(q); km != q.Km(p) || float64(km) < d-0.1 || float64(km) > d+1.1 {
			t.Fatalf("%v to %v: %d km, haversine says %f", p, q, km, d)
		}
	}
	t.Logf("largest distance from the edge where the two differ: %.4f m", worst*1000)
	if worst > 0.001 {
		t.Errorf("the two differ %.4f km from the edge", worst)
	}
}

// The largest distance holds for every point, also where rounding stretches a
// vector.
func TestEverywhere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	for range 200_000 {
		p := randomPoint(r)
		q := market.Point{Lat: -p.Lat, Lon: p.Lon + 180_000} // opposite
		if q.Lon > 180_000 {
			q.Lon -= 360_000
		}
		if n := (market.Near{Lat: p.Lat, Lon: p.Lon, Km: market.MaxNear}); !n.Cap().Has(q.Vector()) {
			t.Fatalf("%v is further than %d km from %v", q, market.MaxNear, p)
		}
		if km := p.Km(q); km < market.MaxNear-1 || km > market.MaxNear {
			t.Fatalf("%v is %d km from %v", q, km, p)
		}
	}
}

// Every length stays within what the arithmetic holds: 2^30 and a little.
func TestVectorsAreUnitVectors(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	for range 200_000 {
		p := randomPoint(r)
		v := p.Vector()
		length := math.Sqrt(float64(v[0]*v[0] + v[1]*v[1] + v[2]*v[2]))
		if math.Abs(length-1<<30) > 8 {
			t.Fatalf("%v has a vector of length 2^30%+f", p, length-1<<30)
		}
	}
	for _, same := range [][2]market.Point{
		{{Lat: 90_000, Lon: 0}, {Lat: 90_000, Lon: -123_456}},
		{{Lat: -90_000, Lon: 180_000}, {Lat: -90_000, Lon: 1}},
		{{Lat: 12_345, Lon: 180_000}, {Lat: 12_345, Lon: -180_000}},
	} {
		if v, w := same[0].Vector(), same[1].Vector(); v != w || same[0].Km(same[1]) != 0 {
			t.Errorf("%v and %v are one place, but %v and %v", same[0], same[1], v, w)
		}
	}
}

func TestPointText(t *testing.T) {
	t.Parallel()
	for p, want := range map[market.Point]string{
		{Lat: 48_208, Lon: 16_373}: "48.208 N, 16.373 E", {Lat: -181, Lon: -78_467}: "0.181 S, 78.467 W",
		{}: "0.000 N, 0.000 E", {Lat: -90_000, Lon: 180_000}: "90.000 S, 180.000 E", {Lat: 5, Lon: -50}: "0.005 N, 0.050 W",
	} {
		if got := p.String(); got != want {
			t.Errorf("%d, %d is %q, want %q", p.Lat, p.Lon, got, want)
		}
	}
}
