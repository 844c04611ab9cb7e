// A file that one screen hands to the next: it does not go into the address.

let file: File | undefined;

/** hand keeps a file for the screen that is shown next. */
export function hand(f: File): void {
  file = f;
}

/** handed returns the file that was handed over, once. */
export function handed(): File | undefined {
  const f = file;
  file = undefined;
  return f;
}
