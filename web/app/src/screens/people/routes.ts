import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [
  { path: '/messages', load: () => import('./Messages.svelte'), tab: 'messages' },
  { path: '/messages/new', load: () => import('./NewMessage.svelte'), tab: 'messages' },
  { path: '/messages/:id', load: () => import('./Conversation.svelte'), tab: 'messages' },
  { path: '/contacts', load: () => import('./Contacts.svelte'), tab: 'messages' },
  { path: '/contact/:id', load: () => import('./Contact.svelte'), tab: 'messages' },
  { path: '/card', load: () => import('./Card.svelte'), tab: 'me' },
  { path: '/open', load: () => import('./Open.svelte'), public: true },
  { path: '/scan', load: () => import('./Scan.svelte'), public: true },
  { path: '/relays', load: () => import('./Relays.svelte'), tab: 'me' },
];
