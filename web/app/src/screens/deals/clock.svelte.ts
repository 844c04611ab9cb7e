// The time as it passes, for what a screen counts down to.

/** passing gives the time of now, renewed while the component lives. */
export function passing(every = 1000): { readonly now: number } {
  let now = $state(Date.now());
  $effect(() => {
    const timer = setInterval(() => (now = Date.now()), every);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
