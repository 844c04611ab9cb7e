import { expect, test } from 'vitest';

import { given, startPath } from '../../lib/links';
import { nextOf, readInvite } from './invite';

const read = (q: string) => readInvite(new URLSearchParams(q));

test('a link fills in the offer form of its market', () => {
  const i = read('name=Alice&market=sxp%3Amarket%3Fid%3D1%26node%3D2&offer=3+h+maths&want=beer');
  expect(i.name).toBe('Alice');
  expect(nextOf(i)).toBe('/new/offer?market=sxp%3Amarket%3Fid%3D1%26node%3D2&title=3+h+maths&want=beer');
  expect(nextOf(i, 'sxp1abc')).toBe('/new/offer?market=sxp1abc&title=3+h+maths&want=beer');
  expect(nextOf(read('need=a+bike'))).toBe('/new/need?title=a+bike');
});

test('a link that is opened by somebody new becomes one to the first start', () => {
  const g = given(new URLSearchParams({ link: 'sxp:market?id=1', offer: '3 h maths', want: 'beer', name: 'Harbour swap' }));
  expect(read(startPath(g).replace('/start?', ''))).toEqual({ name: '', market: 'sxp:market?id=1', offer: '3 h maths', want: 'beer', need: '', invitation: '', then: '' });
});

test('what was asked for comes after it, but never the start again', () => {
  expect(nextOf(read('then=%2Fdeal%2Fab%3Fx%3D1'))).toBe('/deal/ab?x=1');
  for (const then of ['/start', '/start?step=words', '/unlock', 'https://elsewhere.example', '//elsewhere.example']) {
    expect(nextOf(read('then=' + encodeURIComponent(then)))).toBe('/');
  }
  expect(nextOf(read(''))).toBe('/');
});
