// Light or dark: what the device says, unless the person chose.

import { store, stored } from './storage';

export type Theme = 'auto' | 'light' | 'dark';

const key = 'sxp.theme';

export const theme = $state<{ value: Theme }>({ value: 'auto' });

function read(): Theme {
  const v = stored(key);
  return v === 'light' || v === 'dark' ? v : 'auto';
}

function show(): void {
  document.documentElement.dataset.theme = theme.value;
}

/** startTheme shows what was chosen before. */
export function startTheme(): void {
  theme.value = read();
  show();
}

/** setTheme shows a choice and keeps it on this device. */
export function setTheme(v: Theme): void {
  theme.value = v;
  show();
  store(key, v);
}
