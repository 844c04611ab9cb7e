import { expect, test } from 'vitest';

import { lastUnfinished, replaceLast, replaceWord } from './words';

test('the last word is unfinished until a blank follows', () => {
  expect(lastUnfinished('abandon abi')).toBe(true);
  expect(lastUnfinished('abandon ')).toBe(false);
  expect(lastUnfinished('1. abandon 2.')).toBe(false);
  expect(replaceLast('abandon abi', 'ability')).toBe('abandon ability ');
});

test('a wrong word is replaced where it stands, in a numbered list too', () => {
  expect(replaceWord('1. abandon\n2. abilty\n3. able', 2, 'ability')).toBe('1. abandon\n2. ability\n3. able');
  expect(replaceWord('abandon, abilty, able', 2, 'ability')).toBe('abandon, ability, able');
});
