import './lib/trusted';

import { mount } from 'svelte';

import App from './App.svelte';
import './app.css';
import { startLanguage } from './lib/i18n.svelte';
import { startPWA } from './lib/pwa.svelte';
import { startTheme } from './lib/theme.svelte';

startTheme();
await startLanguage();
const target = document.getElementById('app')!;
target.replaceChildren(); // what was painted while this was fetched
mount(App, { target });
startPWA();
