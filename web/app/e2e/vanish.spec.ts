// Who vanishes harms nobody: after a promise the jury completes the contract,
// before it nobody is bound.

import { test, expect } from './test';

test('one vanishes for ever after the promise, another never accepts', async ({ world, person }) => {
  test.setTimeout(480_000);
  const [alice, bob, charlie] = await Promise.all(['Alice', 'Bob', 'Charlie'].map((n) => person(n)));
  // They announce things that close no ring by themselves, so that the market knows their names.
  await Promise.all(
    [alice!, bob!, charlie!].map((p) => {
      const q = new URLSearchParams({ market: world.market, offer: `one hour with ${p.name}`, want: 'a moon stone' });
      return p.begin(`${world.app}#/start?${q.toString().replaceAll('+', '%20')}`);
    }),
  );

  // Somebody who looks for rings proposes two deals: one with time enough for all of what follows, one with a time that a test can wait for.
  await world.member('finder');
  const propose = (within: string, ...moves: string[]) => world.sxp('finder', 'propose', 'deal', '--within', within, ...moves.flatMap((m) => ['--move', m]));
  await propose('4m', 'Alice > Bob: 3 h maths lessons', 'Bob > Charlie: 20 l beer', 'Charlie > Alice: 12 coins');
  await propose('80s', 'Alice > Bob: a chess lesson', 'Bob > Alice: a bicycle');

  const open = async (p: typeof alice, what: string) => {
    await p!.go('/deals');
    await p!.link(new RegExp(what)).first().click();
    await p!.accept();
  };
  await open(alice, 'chess lesson');
  const lonely = alice!.page.url();
  await open(alice, 'maths lessons');
  const url = alice!.page.url();
  await open(bob, 'beer');
  await charlie!.go('/deals');
  await charlie!.link(/coins/).first().click();
  const said = (p: typeof alice, who: string) => p!.page.getByRole('region', { name: 'Who is in it' }).getByRole('listitem').filter({ hasText: who }).filter({ hasText: 'Accepted' });
  for (const p of [alice, charlie]) await expect(said(p, 'Bob')).toBeVisible();
  await expect(said(charlie, 'Alice')).toBeVisible();
  await bob!.close(); // for a while: nobody can promise before Charlie accepts

  await charlie!.accept();
  await expect(charlie!.page.getByText('2 of 3 have promised').first()).toBeVisible();
  await expect(charlie!.page.getByText('You cannot take your promise back', { exact: false })).toBeVisible();
  await expect(alice!.page.getByText('2 of 3 have promised').first()).toBeVisible(); // it has left the device
  await charlie!.close(); // for ever

  await bob!.open();
  await bob!.page.goto(url);
  for (const p of [alice!, bob!]) {
    await p.link('To the contract').waitFor({ timeout: 240_000 });
    await expect(p.page.getByText('Completed by the jury')).toBeVisible();
    await expect(p.page.getByText('the jury supplied what was missing. All have the same contract', { exact: false })).toBeVisible();
    const v = JSON.parse(await world.sxp('nobody', 'verify', '--json', await p.contract()));
    expect(v.verified).toBe(true);
    expect(v.parties.map((x: { label: string; signed: boolean }) => [x.label, x.signed])).toEqual(expect.arrayContaining([['Charlie', true]]));
  }

  // Bob never said yes to the second deal.
  await alice!.page.goto(lonely);
  await expect(alice!.page.getByText('This did not come about, and nobody is bound.')).toBeVisible({ timeout: 180_000 });
  await expect(alice!.link('To the contract')).toHaveCount(0);
  await alice!.page.goto(lonely.replace('/deal/', '/contract/'));
  await expect(alice!.page.getByText('There is no contract yet')).toBeVisible();
});
