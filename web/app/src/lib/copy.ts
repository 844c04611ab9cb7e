// Text to other programs: through the clipboard, or the device's own way of
// sharing.

/** copyText puts text on the clipboard. It reports whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text); // no permission, or an address without TLS such as an onion service
  }
}

function copySelected(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'hidden';
  const before = document.activeElement;
  (before?.closest('dialog') ?? document.body).append(area); // outside an open dialog nothing takes the focus
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false; // the person copies by hand
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

/** canShare reports whether the device can hand this text to other programs. */
export function canShare(text: string): boolean {
  return typeof navigator.share === 'function' && (navigator.canShare?.({ text }) ?? true);
}

/** shareText hands text to other programs. That the person changes their mind is no error. */
export async function shareText(text: string, title: string): Promise<void> {
  try {
    await navigator.share({ text, title });
  } catch (err) {
    if (!(err instanceof DOMException && err.name === 'AbortError')) throw err;
  }
}
