// The main job: three people who do not know each other, each with a browser of
// their own, from the first start to a contract that anybody can verify.

import { expect, figure, test } from './test';

test('three strangers swap, from the first start to a contract that verifies', async ({ world, person }) => {
  test.setTimeout(480_000);
  const three = await Promise.all(world.people.map((p) => person(p.name)));
  await Promise.all(three.map((p, i) => p.begin(world.people[i]!.link)));
  await Promise.all(three.map((p) => p.proposal()));

  // Who has accepted before the last one sees that nobody is bound yet.
  const last = three.at(-1)!;
  for (const p of three.slice(0, -1)) await p.accept();
  await expect(three[0]!.page.getByText('Nobody is bound yet', { exact: false })).toBeVisible();

  const tap = Date.now();
  await last.button('Accept').click();
  const took = await Promise.all(
    three.map(async (p) => {
      await p.link('To the contract').waitFor({ timeout: 240_000 });
      return Date.now() - tap;
    }),
  );
  figure('accept to complete, N = 3, n = 15, ms on each', Object.fromEntries(three.map((p, i) => [p.name, took[i]])));

  const files = await Promise.all(three.map((p) => p.contract()));
  const verdicts = await Promise.all(files.map(async (f) => JSON.parse(await world.sxp('nobody', 'verify', '--json', f))));
  for (const v of verdicts) {
    expect(v.verified).toBe(true);
    expect(v.parties.map((p: { signed: boolean }) => p.signed)).toEqual([true, true, true]);
    expect(v.jury).toHaveLength(15);
    expect(v.proposal).toBe(verdicts[0].proposal);
  }

  // And the app says the same of the file, to whoever has it.
  await three[1]!.go('/verify');
  await three[1]!.page.locator('input[type=file]').setInputFiles(files[0]!);
  await expect(three[1]!.page.getByText('Valid: all 3 people signed this contract')).toBeVisible();
});
