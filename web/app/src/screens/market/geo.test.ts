import { describe, expect, it } from 'vitest';

import { bearing, kmBetween, reach, readPlace, rings, rounded, spots, writePlace } from './geo';

const berlin = { lat: 52_520, lon: 13_405 };
const potsdam = { lat: 52_391, lon: 13_065 };

describe('places', () => {
  it('keep no more than a thousandth of a degree', () => {
    expect(rounded(52.5200066, 13.4049540)).toEqual(berlin);
    expect(rounded(-0.0001, 0)).toEqual({ lat: 0, lon: 0 });
    expect(rounded(0, 180.6)).toEqual({ lat: 0, lon: -179_400 });
  });

  it('are read as people paste them', () => {
    for (const text of ['52.52, 13.405', '52,520; 13,405', ' geo:52.52,13.405 ', '52.52 13.405', '52.520° N, 13.405° E']) expect(readPlace(text), text).toEqual(berlin);
    expect(readPlace('33.868 S 151.209 E')).toEqual({ lat: -33_868, lon: 151_209 });
    expect(readPlace(writePlace(potsdam))).toEqual(potsdam);
    for (const text of ['', 'Berlin', '91, 0', '0, 181', '52.52', '1 2 3']) expect(readPlace(text), text).toBeUndefined();
  });
});

describe('distance', () => {
  it('is that of the sphere', () => {
    expect(kmBetween(berlin, berlin)).toBe(0);
    expect(kmBetween(berlin, potsdam)).toBeCloseTo(27.2, 0);
    expect(kmBetween({ lat: 0, lon: 179_999 }, { lat: 0, lon: -179_999 })).toBeLessThan(1); // over the date line
    expect(kmBetween({ lat: 90_000, lon: 0 }, { lat: -90_000, lon: 0 })).toBeCloseTo(20_015, 0);
  });

  it('has a direction', () => {
    expect(bearing(berlin, { lat: 53_000, lon: 13_405 })).toBeCloseTo(0);
    expect(bearing({ lat: 0, lon: 0 }, { lat: 0, lon: 1000 })).toBeCloseTo(Math.PI / 2);
    expect(bearing(berlin, { lat: 52_000, lon: 13_405 })).toBeCloseTo(Math.PI);
  });
});

describe('map', () => {
  it('gives what is near more room, and nothing leaves it', () => {
    expect(reach(0, 20)).toBe(0);
    expect(reach(5, 20)).toBe(0.5);
    expect(reach(20, 20)).toBe(1);
    expect(reach(900, 20)).toBe(1);
  });

  it('has rings that lie apart', () => {
    expect(rings(20)).toEqual([1, 5, 20]);
    expect(rings(5)).toEqual([1, 5]);
    expect(rings(1)).toEqual([1]);
    expect(rings(100)).toEqual([5, 20, 100]);
  });

  it('puts north up and east to the right', () => {
    const all = spots(berlin, [{ thing: 'n', point: { lat: 52_565, lon: 13_405 } }, { thing: 'e', point: { lat: 52_520, lon: 13_479 } }], 5, 0.01);
    expect(all[0]!.things).toEqual(['n']);
    expect(all[0]!.x).toBeCloseTo(0);
    expect(all[0]!.y).toBeCloseTo(-1, 1);
    expect(all[1]!.x).toBeCloseTo(1, 1);
    expect(all[1]!.y).toBeCloseTo(0, 1);
  });

  it('joins what could not be tapped apart', () => {
    const here = { thing: 1, point: berlin };
    const all = spots(berlin, [here, { thing: 2, point: { lat: 52_521, lon: 13_405 } }, { thing: 3, point: potsdam }], 50, 0.1);
    expect(all.map((s) => s.things)).toEqual([[1, 2], [3]]);
  });
});
