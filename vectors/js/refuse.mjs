// What a reader says of input that it does not accept (spec/errors.md).

export class Refusal extends Error {
  constructor(kind, why) {
    super(why);
    this.kind = kind;
  }
}

export const invalid = (why) => { throw new Refusal('invalid', why); };
export const tooLarge = (why) => { throw new Refusal('toolarge', why); };

// must refuses where a rule does not hold.
export function must(holds, why) {
  if (!holds) invalid(why);
}

// within refuses what is beyond a limit.
export function within(n, most, what) {
  if (n > most) tooLarge(`${what}: ${n}, at most ${most}`);
}

// at says where in the input a rule was broken.
export function at(place, f) {
  try {
    return f();
  } catch (e) {
    if (e instanceof Refusal) e.message = `${place}: ${e.message}`;
    throw e;
  }
}
