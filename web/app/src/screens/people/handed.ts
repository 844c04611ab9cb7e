// A file that one screen hands to the next: it does not go into the address.

export type Handed = { name: string; bytes: Uint8Array<ArrayBuffer> };

let file: Handed | undefined;

/** hand keeps a file for the screen that is shown next. */
export function hand(f: Handed): void {
  file = f;
}

/** handed returns the file that was handed over, once. */
export function handed(): Handed | undefined {
  const f = file;
  file = undefined;
  return f;
}
