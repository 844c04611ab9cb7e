// What the tests of the languages know about keys; no part of the app.

export type Words = { [key: string]: string | Words };

/** flat lists the keys of a file, "a.b.c", with their words. */
export function flat(words: Words, prefix = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [k, v] of Object.entries(words)) {
    if (typeof v === 'string') out.set(prefix + k, v);
    else for (const [kk, vv] of flat(v, prefix + k + '.')) out.set(kk, vv);
  }
  return out;
}

const form = /_(zero|one|two|few|many|other)$/;

/** plurals are the keys that change with a count, without their form. */
function plurals(keys: Iterable<string>): Set<string> {
  return new Set([...keys].filter((k) => k.endsWith('_other')).map((k) => k.replace(form, '')));
}

/**
 * expected lists the keys that a language must have, given those of English: a
 * plural once for each form of the language, and for none at all where English
 * says that in words of its own.
 */
export function expected(english: Iterable<string>, language: string): Set<string> {
  const all = [...english];
  const many = plurals(all);
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return new Set(all.flatMap((k) => (form.test(k) && many.has(k.replace(form, '')) ? [...forms, ...(all.includes(k.replace(form, '_zero')) ? ['zero'] : [])].map((f) => k.replace(form, '_' + f)) : [k])));
}

/** gaps lists what stands in {{ }} in a text. */
export function gaps(text: string): Set<string> {
  return new Set([...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((m) => m[1]!));
}

/** A Use is a key in the source, or the beginning and end of one that is put together. */
export type Use = { file: string; start: string; end: string; whole: boolean };

/** uses finds the keys in a source text: t('a.b'), t(`a.${x}`), and keys that are kept in variables. */
export function uses(file: string, source: string, namespaces: string[]): Use[] {
  const ns = namespaces.join('|');
  const out: Use[] = [];
  for (const m of source.matchAll(new RegExp(`['"]((?:${ns})(?:\\.\\w+)+)['"]`, 'g'))) {
    if (/\b(call|query)\($/.test(source.slice(0, m.index))) continue; // an operation of the agent
    out.push({ file, start: m[1]!, end: '', whole: true });
  }
  for (const m of source.matchAll(new RegExp('`((?:' + ns + ')\\.[\\w.]*)(\\$\\{[^`]*)?`', 'g'))) {
    if (!m[2]) out.push({ file, start: m[1]!, end: '', whole: true });
    else out.push({ file, start: m[1]!, end: m[2].replace(/^.*\}/s, ''), whole: false });
  }
  return out;
}

/** exists reports whether English has a key for a use. */
export function exists(u: Use, keys: Set<string>): boolean {
  if (u.whole) return keys.has(u.start) || keys.has(u.start + '_other');
  return [...keys].some((k) => k.startsWith(u.start) && k.replace(form, '').endsWith(u.end));
}
