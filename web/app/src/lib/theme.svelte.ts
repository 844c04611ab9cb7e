// Light or dark: what the device says, unless the person chose.

export type Theme = 'auto' | 'light' | 'dark';

const key = 'sxp.theme';

export const theme = $state<{ value: Theme }>({ value: 'auto' });

function read(): Theme {
  try {
    const v = localStorage.getItem(key);
    return v === 'light' || v === 'dark' ? v : 'auto';
  } catch {
    return 'auto'; // storage refused: the device's choice
  }
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
  try {
    localStorage.setItem(key, v);
  } catch {
    // Storage refused: it holds until the page is closed.
  }
}
