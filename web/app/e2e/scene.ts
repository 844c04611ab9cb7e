// A person with a past: an offer, a contact, a contract, a conversation. The
// other one, Bob, uses the command line.

import type { Person } from './person';
import { expect } from './test';
import type { World } from './world';

/** invitation is a link to the first start with an offer filled in. */
export function invitation(world: World, offer: string, want: string): string {
  const q = new URLSearchParams({ market: world.market, offer, want });
  return `${world.app}#/start?${q.toString().replaceAll('+', '%20')}`;
}

export type Made = { deal: string; bob: string; name: string };

/** past gives a person that is open an offer, Bob as a contact, a contract with him, and words with him. */
export async function past(world: World, me: Person, bob = 'bob'): Promise<Made> {
  await world.member(bob);
  await world.sxp(bob, 'offer', '20 l beer', '--want', 'gold dust');
  const card = (await world.sxp(bob, 'card', '--link')).trim();
  await me.go('/open');
  await me.field(/^Link/).fill(card);
  await me.button('Open').click();
  await me.button('Add a contact').click();
  await expect(me.page.getByText('Words not compared')).toBeVisible();
  const id = /contact\/(sxp1[a-z0-9]+)/.exec(me.page.url())![1]!;
  await me.link('Message').click();
  await me.field(/Message to/).fill('Is the barrel still there?');
  await me.button('Send').click();
  await expect(me.page.getByText('Is the barrel still there?', { exact: true })).toBeVisible();

  await world.sxp(bob, 'propose', 'deal', '--give', `${me.name}: a barrel of cider`, '--get', `${me.name}: a chess lesson`);
  await me.proposal();
  const deal = /deal\/([0-9a-f]+)/.exec(me.page.url())![1]!;
  await me.accept();
  await world.sxp(bob, 'accept', '1');
  await me.link('To the contract').waitFor({ timeout: 120_000 });
  await world.sxp(bob, 'send', '--deal', '1', 'shall we meet at the pier?');
  await me.go(`/messages/deal:${deal}`);
  await expect(me.page.getByText('shall we meet at the pier?', { exact: true })).toBeVisible();
  await me.field(/Message to/).fill('At noon.');
  await me.button('Send').click();
  await expect(me.page.getByText('Sent', { exact: true })).toBeVisible();
  return { deal, bob: id, name: bob };
}

/** hasPast checks that all of it is on this person's device. */
export async function hasPast(me: Person, made: Made): Promise<void> {
  await me.go('/mine');
  await expect(me.page.getByText('3 h maths lessons').first()).toBeVisible();
  await me.go('/contacts');
  await expect(me.link(new RegExp(made.name))).toBeVisible();
  await me.go(`/contract/${made.deal}`);
  await expect(me.button('Download')).toBeVisible();
  await expect(me.page.getByText(/cider/).first()).toBeVisible();
  await me.go(`/messages/deal:${made.deal}`);
  await expect(me.page.getByText('shall we meet at the pier?', { exact: true })).toBeVisible();
  await expect(me.page.getByText('At noon.', { exact: true })).toBeVisible();
  await me.go(`/messages/${made.bob}`);
  await expect(me.page.getByText('Is the barrel still there?', { exact: true })).toBeVisible();
}
