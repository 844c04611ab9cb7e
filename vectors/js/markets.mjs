// Markets of a contract and what they ask: spec/contract.md, "Markets".

import { at, must } from './refuse.mjs';
import { same } from './cbor.mjs';
import { bytes, list, map, optional, text } from './fields.mjs';
import { checkCategory, micro } from './item.mjs';
import { checkItemText, checkWords, idText, size } from './text.mjs';

const one = 10n ** 18n;

const line = (most) => (v) => {
  must(text(most)(v) !== '', 'a line has words');
  checkItemText(v, false);
  return v;
};

const readLevy = map({
  name: line(64),
  rate: (v) => {
    const rate = micro(text()(v));
    must(rate > 0n && rate <= 100n * one && rate % 10n ** 14n === 0n, 'a rate is above 0 and at most 100, with four digits after the point');
    return v;
  },
  kinds: optional((v) => {
    const kinds = list(text())(v);
    must(kinds.every((k, i) => ['good', 'service', 'right'].includes(k) && kinds.indexOf(k) === i), 'a levy falls on goods, services or rights, each once');
    return kinds;
  }),
  category: optional((v) => {
    checkCategory(text(128)(v));
    return v;
  }),
  to: line(160),
});

const sameLevy = (a, b) => a.name === b.name && a.category === b.category && `${a.kinds ?? ''}` === `${b.kinds ?? ''}`;

const policy = map({
  levies: optional((v) => {
    const all = list(readLevy, 16)(v);
    must(all.every((l, i) => !all.slice(0, i).some((o) => sameLevy(o, l))), 'a levy stands twice');
    return all;
  }),
  guarantee: optional((v) => {
    checkItemText(text(8192)(v), true);
    return v;
  }),
});

const readMarket = map({
  market: bytes(32),
  name: (v) => {
    must(text()(v) !== '' && size(v) <= 64, 'a market has a name of 1 to 64 bytes');
    checkWords(v, false);
    return v;
  },
  policy: optional(policy),
});

// readMarkets reads the markets of a contract.
export const readMarkets = (v) => {
  const all = list(readMarket, 12)(v);
  all.forEach((m, i) => at(i, () => {
    must(m.market.some((b) => b !== 0), 'a market is named');
    must(!all.slice(0, i).some((o) => same(o.market, m.market)), 'a market stands once');
  }));
  return all;
};

const falls = (l, it) => it.kind !== 'money' && (!l.kinds || l.kinds.includes(it.kind))
  && (!l.category || it.category === l.category || (it.category ?? '').startsWith(`${l.category}/`));

// levies returns what the giver of a transfer owes, a line each.
export function levies(x, markets) {
  const m = x.market && markets.find((o) => same(o.market, x.market));
  return (m?.policy?.levies ?? []).filter((l) => falls(l, x.item)).map((l) => `   ${l.name}: ${l.rate} % of ${levied(l, x.item)}, to ${l.to}`);
}

function levied(l, it) {
  const [, number, currency] = /^(\S+) ([A-Z]{3})$/.exec(it.attributes?.get('value') ?? '') ?? [];
  let amount = 0n;
  try {
    amount = number ? micro(number) : 0n;
  } catch {
    // it says nothing that counts
  }
  if (amount === 0n) return 'what it is worth';
  const cents = (micro(l.rate) * amount + one * one / 2n) / (one * one);
  if (cents >= 10n ** 20n) return 'what it is worth';
  return `${number} ${currency}, which is ${trim(cents)} ${currency}`;
}

// trim writes cents as a decimal.
function trim(cents) {
  const fraction = String(cents % 100n).padStart(2, '0').replace(/0+$/, '');
  return `${cents / 100n}` + (fraction ? `.${fraction}` : '');
}

// marketLines returns what the markets ask.
export function marketLines(markets, indent) {
  return markets.flatMap((m, i) => [
    `${i + 1}. ${m.name}`, `   ${idText(m.market)}`,
    ...(m.policy?.levies ?? []).map((l) => `   ${l.name}: ${l.rate} % of ${kinds(l)}, owed by who gives it to ${l.to}`),
    ...(m.policy?.guarantee ? ['   guarantee:', ...indent(m.policy.guarantee)] : []),
  ]);
}

const kinds = (l) => (l.kinds ? l.kinds.map((k) => `${k}s`).join(' and ') : 'everything but money') + (l.category ? ` in ${l.category}` : '');
