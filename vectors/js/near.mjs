// What is near: spec/market.md, "Distance". Numbers are BigInts, whose shift
// rounds down, also below zero.

const one = 1n << 30n;

function series(u) {
  const q = u * u >> 30n;
  let s = one;
  for (let n = 14n; n >= 2n; n -= 2n) s = one - (q * s >> 30n) / (n * (n + 1n));
  return u * s >> 30n;
}

const abs = (m) => m < 0n ? -m : m;

function sin(m) {
  if (m < 0n) return -sin(-m);
  if (m > 90_000n) return sin(180_000n - m);
  return series(m * 19_650_660_422n >> 20n);
}

const cos = (m) => sin(90_000n - abs(m));

// vector returns where thousandths of a degree are on the unit sphere.
export function vector(lat, lon) {
  const [a, o] = [BigInt(lat), BigInt(lon)];
  return [cos(a) * cos(o) >> 30n, cos(a) * sin(o) >> 30n, sin(a)];
}

// chord returns the straight distance between places km apart.
export const chord = (km) => km === 20_015 ? (1n << 31n) + 16n : 2n * series((BigInt(km) << 30n) / 12_742n);

// isNear reports whether a point is within km of lat and lon.
export function isNear(point, { lat, lon, km }) {
  const there = vector(lat, lon);
  const square = vector(point.lat, point.lon).reduce((sum, x, i) => sum + (x - there[i]) ** 2n, 0n);
  return square <= chord(km) ** 2n;
}
