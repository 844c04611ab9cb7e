// Back on a screen that was read before, at the place where it was left. What
// the screen shows comes a moment later, so it is tried until there is room.

const patience = 1500; // ms
let stop = () => {};

/** scrollTo goes down a screen by so many pixels, as soon as it is that long. */
export function scrollTo(top: number): void {
  stop();
  window.scrollTo(0, top);
  if (top === 0 || Math.abs(window.scrollY - top) < 2) return;
  const watch = new ResizeObserver(() => {
    window.scrollTo(0, top);
    if (Math.abs(window.scrollY - top) < 2) stop();
  });
  const timer = setTimeout(() => stop(), patience);
  const hands = ['wheel', 'touchstart', 'keydown'] as const; // the person scrolls
  stop = () => {
    watch.disconnect();
    clearTimeout(timer);
    for (const h of hands) window.removeEventListener(h, stop);
  };
  for (const h of hands) window.addEventListener(h, stop, { passive: true });
  watch.observe(document.body);
}
