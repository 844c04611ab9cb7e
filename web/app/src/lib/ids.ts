/** shortID is how an id is shown where there is little room: its start and its end. */
export function shortID(id: string): string {
  return id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-6)}` : id;
}

/** hostOf is the part of a node's address that people know it by. */
export function hostOf(address: string): string {
  return address.replace(/#.*$/, '').replace(/^https?:\/\//, '');
}
