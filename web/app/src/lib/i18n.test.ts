import { expect, test } from 'vitest';

import { isolated } from './i18n.svelte';

test('what is put into a sentence keeps its direction and does not turn the sentence', () => {
  expect(isolated({ item: '20 l beer', count: 3 }, true)).toEqual({ item: '\u206820 l beer\u2069', count: 3 });
  expect(isolated({ name: 'דנה' }, false)).toEqual({ name: '\u2068דנה\u2069' });
  expect(isolated({ name: 'Ana', defaultValue: 'نص' }, false)).toEqual({ name: 'Ana', defaultValue: 'نص' });
});
