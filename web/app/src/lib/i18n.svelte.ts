// The words of the app. Each language is a folder of JSON files under
// src/lang, one file for each folder of screens; English is built in, the
// others are fetched when they are chosen. A language is added by adding its
// folder, and its name to languages.json.

import i18next from 'i18next';

import names from '../lang/languages.json';
import { store, stored } from './storage';

type Words = Record<string, unknown>;

const english = import.meta.glob<Words>('../lang/en/*.json', { eager: true, import: 'default' });
const others = import.meta.glob<Words>(['../lang/*/*.json', '!../lang/en/*.json'], { import: 'default' });

const key = 'sxp.language';

export type Language = { code: string; name: string; dir: 'ltr' | 'rtl' };

/** languages lists what can be chosen, in their own words. */
export const languages = names as Language[];

const state = $state({ lang: 'en' });

/** language returns the code that is shown now, such as "fr" (BCP 47). */
export function language(): string {
  return state.lang;
}

/** locale is the language shown as the device's country writes it, such as "en-GB": for dates and numbers. */
export function locale(): string {
  return navigator.languages?.find((l) => l.split('-')[0] === state.lang) ?? state.lang;
}

/**
 * t returns the words of a key, "namespace.key", in the language shown. Names
 * and things that it puts in keep their own direction, so that none of them
 * turns the sentence around it.
 */
export function t(k: string, options?: Record<string, unknown>): string {
  const rtl = languages.find((x) => x.code === state.lang)?.dir === 'rtl'; // words change with the language
  return i18next.t(k, options ? isolated(options, rtl) : {});
}

const [open, close] = [String.fromCharCode(0x2068), String.fromCharCode(0x2069)];
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** isolated puts texts between the marks of Unicode that end their influence on what stands beside (UAX 9, first strong isolate). */
export function isolated(options: Record<string, unknown>, rtl: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([k, v]) => [k, typeof v === 'string' && k !== 'defaultValue' && (rtl || rightToLeft.test(v)) ? open + v + close : v]),
  );
}

function nameOf(path: string): [lang: string, ns: string] {
  const parts = path.split('/');
  return [parts[parts.length - 2]!, parts[parts.length - 1]!.replace('.json', '')];
}

function bundle(entries: [string, Words][]): Words {
  return Object.fromEntries(entries.map(([path, words]) => [nameOf(path)[1], words]));
}

async function load(lang: string): Promise<void> {
  if (lang === 'en' || i18next.hasResourceBundle(lang, 'translation')) return;
  const files = Object.entries(others).filter(([path]) => nameOf(path)[0] === lang);
  const words = await Promise.all(files.map(async ([path, get]) => [path, await get()] as [string, Words]));
  i18next.addResourceBundle(lang, 'translation', bundle(words));
}

function wished(): string {
  const chosen = stored(key);
  const list = chosen ? [chosen] : navigator.languages;
  for (const l of list) {
    const found = languages.find((x) => x.code === l || x.code === l.split('-')[0]);
    if (found) return found.code;
  }
  return 'en';
}

async function show(lang: string): Promise<void> {
  await load(lang);
  await i18next.changeLanguage(lang);
  state.lang = lang;
  document.documentElement.lang = lang;
  document.documentElement.dir = languages.find((x) => x.code === lang)?.dir ?? 'ltr';
}

/** startLanguage shows the language that was chosen before, or the device's. */
export async function startLanguage(): Promise<void> {
  await i18next.init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: bundle(Object.entries(english)) } },
    interpolation: { escapeValue: false }, // Svelte writes text, never markup
    returnNull: false,
    showSupportNotice: false,
  });
  try {
    await show(wished());
  } catch {
    await show('en'); // offline before the language was kept
  }
}

/** setLanguage shows a language and keeps the choice on this device. */
export async function setLanguage(lang: string): Promise<void> {
  await show(lang);
  store(key, lang);
}
