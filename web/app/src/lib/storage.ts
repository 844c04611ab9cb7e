// What this browser keeps beside the agent: choices and hints, never a secret.
// Some browsers refuse all of it; then it holds until the page is closed.

/** stored returns what was kept under a key: null for nothing, undefined where storage is refused. */
export function stored(key: string): string | null | undefined {
  try {
    return localStorage.getItem(key);
  } catch {
    return undefined;
  }
}

/** store keeps a value, or removes it (null), where storage is not refused. */
export function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Refused: whoever needs it until the page is closed has it.
  }
}

/** storedKeys lists the keys that begin with one of some texts. */
export function storedKeys(...begin: string[]): string[] {
  try {
    return Object.keys(localStorage).filter((key) => begin.some((b) => key.startsWith(b)));
  } catch {
    return [];
  }
}

/** persist asks the browser to keep what the agent has when room grows scarce. It reports whether it will. */
export async function persist(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch {
    return false; // a browser without it
  }
}
