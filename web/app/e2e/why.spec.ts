// No swap yet: the app says why, and what would help does help.

import { invitation } from './scene';
import { expect, test } from './test';

test('who asks why there is no swap follows the advice to a proposal', async ({ world, person }) => {
  await world.member('bob');
  await world.sxp('bob', 'offer', '20 l beer', '--want', 'kayak');
  const dora = await person('Dora');
  await dora.begin(invitation(world, 'red kayak', 'moon stone'));

  await dora.button('Why no swap yet?').click();
  const why = dora.page.getByRole('region', { name: 'Why no swap yet' });
  await expect(why.getByText('Nothing that you would take is on the market.')).toBeVisible();
  await expect(why.getByText('Others who would take it: 1. Things that you would take: 0.')).toBeVisible();
  await why.getByRole('link', { name: '20 l beer' }).click();
  await dora.button('I want this').click();
  await dora.button('For this: red kayak').click();
  await expect(dora.page.getByText('You ask for it in return for: red kayak')).toBeVisible();

  await dora.proposal();
  await expect(dora.page.getByRole('region', { name: 'I get', exact: true })).toContainText('20 l beer');
});
