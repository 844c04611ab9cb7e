// Every vector is accepted where it expects nothing, and refused with its kind
// of error otherwise.

import { test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { Refusal, must } from '../refuse.mjs';
import { decode } from '../cbor.mjs';
import { parse } from '../envelope.mjs';
import { verifyFile } from '../file.mjs';
import { openCard } from '../identity.mjs';
import { openLetter } from '../letter.mjs';
import { pairNumbers } from '../pair.mjs';
import { readItem } from '../item.mjs';
import { chord, isNear, vector } from '../near.mjs';
import { openProposal } from '../proposal.mjs';
import { draw, openRoll } from '../roll.mjs';
import { checkForm, checkPoints, openClaim, readPreimage } from '../session.mjs';
import { idText, parseID } from '../text.mjs';
import { checkLock, openKey, openProof } from '../secret.mjs';
import { of, signing } from './signing.mjs';
import * as bls from '../bls.mjs';

const equal = (got, want, what) => { if (got !== want) throw new Error(`${what}: ${got}, want ${want}`); };

const contract = {
  file: (v) => { verifyFile(v.input); },
  proposal: (v) => { openProposal(v.input); },
  roll: (v) => { openRoll(v.input); },
  claim: (v) => { openClaim(v.input); },
  session: (v) => {
    const pre = readPreimage(decode(v.input));
    equal(bytesToHex(pre.m), v.with.m, 'm');
    checkPoints(pre, checkForm(pre));
  },
  draw: (v) => {
    const seats = draw(openRoll(hexToBytes(v.with.roll)), openProposal(hexToBytes(v.with.proposal)), v.input);
    equal(seats.map((s) => idText(s.id)).join(' '), v.with.seats, 'seats');
  },
};
contract.void = contract.file;

const folders = {
  envelope: (v) => { parse(v.input); },
  identity: (v) => { openCard(v.input); },
  id: (v) => {
    const key = parseID(Buffer.from(v.input).toString('latin1'));
    equal(bytesToHex(key), v.with.key, 'key');
    equal(Buffer.from(idText(key)).toString('hex'), bytesToHex(v.input), 'text');
  },
  letter: (v) => { openLetter(v.input); },
  pair: (v) => equal(pairNumbers(v.input.subarray(0, 32), v.input.subarray(32)).join(' '), v.with.numbers, 'numbers'),
  signing: (v) => signing(v),
  evidence: (v) => of.evidence(v),
  rating: (v) => of.rating(v),
  roll: (v) => of.roll(v),
  secret: (v) => {
    if (v.name.startsWith('proof-')) {
      const file = (raw) => { const r = verifyFile(raw); return { ...r, m: hexToBytes(r.m) }; };
      const { text, wrong } = openProof(v.input, file);
      return equal(wrong ?? bytesToHex(text), v.with.wrong ?? v.with.secret, 'what is proved');
    }
    const [w, x, m, context, salt, sigma] = ['w', 'x', 'm', 'context', 'salt', 'sigma'].map((k) => hexToBytes(v.with[k]));
    checkLock(w, x, context, m, v.input);
    return equal(bytesToHex(openKey(w, context, v.input, sigma, salt)), v.with.key, 'key');
  },
  contract: (v) => contract[v.name.split('-')[0]](v),
  market: (v) => {
    const { lat, lon, km } = JSON.parse(v.with.query).near, { point } = readItem(decode(v.input));
    if (!point) return equal('false', v.with.meet, 'meet');
    equal(`[${vector(point.lat, point.lon).join(' ')}]`, v.with.vector, 'vector');
    equal(`${chord(km)}`, v.with.chord, 'chord');
    equal(`${isNear(point, { lat, lon, km })}`, v.with.meet, 'meet');
  },
  bls: (v) => {
    const out = operations[v.op](fields(v.input));
    if (v.output !== undefined) equal(bytesToHex(out), v.output, 'output');
  },
};

// fields reads one field of the input after the other.
function fields(input) {
  let at = 0;
  const take = (n) => {
    must(input.length - at >= n, 'the input is too short');
    return input.subarray(at, at += n);
  };
  const byte = () => take(1)[0];
  const many = (n, size) => Array.from({ length: n }, () => take(size));
  const left = () => input.length - at;
  return { take, byte, many, left, rest: () => take(left()), role: () => Buffer.from(take(byte())).toString('latin1') };
}

const operations = {
  g1: (f) => bls.readG1(f.rest()).toBytes(),
  g2: (f) => bls.readG2(f.rest()).toBytes(),
  derive: (f) => bls.derive(f.rest()),
  public: (f) => {
    const x = bls.readSecret(f.take(32));
    return concatBytes(bls.times(bls.G2.BASE, x).toBytes(), bls.times(bls.G1.BASE, x).toBytes());
  },
  'sign-session': (f) => bls.sign(bls.readSecret(f.take(32)), bls.tags.session, f.take(32)).toBytes(),
  'sign-draw': (f) => bls.sign(bls.readSecret(f.take(32)), bls.tags.draw, f.take(32)).toBytes(),
  prove: (f) => {
    const x = bls.readSecret(f.take(32)), role = f.role(), id = f.take(32);
    const y = bls.times(bls.G1.BASE, x).toBytes(), z = bls.times(bls.G2.BASE, x).toBytes();
    const keys = role === 'juror' ? concatBytes(y, z) : z;
    const tag = role === 'juror' ? bls.tags.jurorPossession : bls.tags.possession;
    return bls.sign(x, tag, concatBytes(bls.roleBytes(role), keys, id)).toBytes();
  },
  session: (f) => signature(f, bls.tags.session),
  draw: (f) => signature(f, bls.tags.draw),
  possession: (f) => bls.checkPossession(f.role(), f.take(32), f.take(96), f.take(48)),
  juror: (f) => bls.checkJurorKey(f.take(32), f.take(48), f.take(96), f.take(48)),
  commit: (f) => {
    const { a, r } = opening(f);
    return concatBytes(...a.map((k) => bls.times(bls.G2.BASE, k).toBytes()), bls.times(bls.G1.BASE, r).toBytes());
  },
  commitment: (f) => {
    const n = f.byte(), t = f.byte(), x = bls.readG2(f.take(96));
    bls.checkCommitment(x, { a: f.many(t - 1, 96), u: f.take(48) }, n, t);
  },
  'make-promise': (f) => {
    const { x, a, r } = opening(f), h = bls.hash(bls.tags.session, f.take(32));
    return concatBytes(...f.many(f.left() / 48, 48).map((y, i) => {
      const p = [x, ...a].reduceRight((s, c) => (s * BigInt(i + 1) + c) % bls.order, 0n);
      return bls.times(h, p).add(bls.times(bls.readG1(y), r)).toBytes();
    }));
  },
  promise: (f) => {
    const n = f.byte(), t = f.byte(), m = f.take(32), zs = f.many(n, 96).map(bls.readG2), x = bls.readG2(f.take(96));
    const c = bls.checkCommitment(x, { a: f.many(t - 1, 96), u: f.take(48) }, n, t);
    bls.checkPromise(m, zs, x, c, f.many(n, 48));
  },
  open: (f) => {
    const y = bls.readSecret(f.take(32));
    return bls.readG1(f.take(48)).subtract(bls.times(bls.readG1(f.take(48)), y)).toBytes();
  },
  share: (f) => {
    const t = f.byte(), seat = f.byte(), m = f.take(32), x = bls.readG2(f.take(96));
    bls.checkShare(m, x, f.many(t - 1, 96).map(bls.readG2), seat, f.take(48));
  },
  recover: (f) => {
    const t = f.byte();
    return bls.recover(t, Array.from({ length: f.left() / 49 }, () => ({ seat: f.byte(), share: bls.readG1(f.take(48)) }))).toBytes();
  },
  coefficients: (f) => {
    const n = f.byte();
    return concatBytes(...bls.coefficients(f.take(32), n).map((c) => bls.bigEndian(c, 16)));
  },
  combine: (f) => {
    const m = f.take(32), sigs = f.many(f.left() / 48, 48).map(bls.readG1), c = bls.coefficients(m, sigs.length);
    return bls.sum(bls.G1, sigs.map((s, i) => bls.times(s, c[i]))).toBytes();
  },
  aggregate: (f) => {
    const m = f.take(32), n = f.byte();
    bls.checkAggregate(m, f.many(n, 96).map(bls.readG2), f.take(48));
  },
  seed: (f) => bls.seed(f.many(f.left() / 48, 48).map(bls.readG1)),
};

function signature(f, tag) {
  const x = bls.readG2(f.take(96)), message = f.take(32);
  must(bls.verifies(tag, x, message, bls.readG1(f.take(48))), 'not signed by this key');
}

function opening(f) {
  const x = bls.readSecret(f.take(32)), t = f.byte(), r = bls.readSecret(f.take(32));
  return { x, r, a: f.many(t - 1, 32).map(bls.readSecret) };
}

for (const [folder, read] of Object.entries(folders)) {
  const dir = new URL(`../../${folder}/`, import.meta.url);
  const files = readdirSync(dir).filter((f) => f.endsWith('.json') && (folder !== 'market' || f.startsWith('match-near')));
  test(`vectors/${folder}`, async (t) => {
    const start = performance.now();
    for (const file of files) {
      await t.test(file, () => {
        const v = JSON.parse(readFileSync(new URL(file, dir)));
        let kind = '', why = '';
        try {
          read({ ...v, input: hexToBytes(v.input) });
        } catch (e) {
          if (!(e instanceof Refusal)) throw e;
          ({ kind, message: why } = e);
        }
        equal(kind, v.expect, `${v.why} (${why})`);
      });
    }
    t.diagnostic(`vectors-js: ${folder}: ${files.length} vectors, ${Math.round(performance.now() - start)} ms`);
  });
}
