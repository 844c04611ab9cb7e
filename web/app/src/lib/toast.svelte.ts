// Short notices of what was done; read aloud, gone after a while.

export type Toast = { id: number; text: string; tone: 'ok' | 'bad' };

export const toasts = $state<Toast[]>([]);

let next = 1;

/** toast shows a notice for six seconds. */
export function toast(text: string, tone: Toast['tone'] = 'ok'): void {
  const id = next++;
  toasts.push({ id, text, tone });
  setTimeout(() => dismiss(id), 6000);
}

/** dismiss takes a notice away. */
export function dismiss(id: number): void {
  const i = toasts.findIndex((x) => x.id === id);
  if (i >= 0) toasts.splice(i, 1);
}
