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
