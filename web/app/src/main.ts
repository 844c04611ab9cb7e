import './lib/trusted';

import { mount } from 'svelte';

import App from './App.svelte';
import './app.css';
import { start } from './lib/api/client';
import { startLanguage } from './lib/i18n.svelte';
import { startPWA } from './lib/pwa.svelte';
import { startTheme } from './lib/theme.svelte';

try {
  start(); // the agent comes up while the words are fetched
} catch {
  // session.error says why, and the frame shows it.
}
startTheme();
await startLanguage();
const target = document.getElementById('app')!;
target.replaceChildren(); // what was painted while this was fetched
mount(App, { target });
startPWA();
