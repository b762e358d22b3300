/** A generator of pseudo-random numbers with a seed. */
export interface Dice {
  /** A number in [0, 1). */
  readonly roll: () => number
  /** An integer from `min` to `max`. */
  readonly between: (min: number, max: number) => number
  readonly pick: <A>(values: readonly [A, ...Array<A>]) => A
}

/** Mulberry32, a small and fast generator. Its quality suffices for demo data. */
export const dice = (seed: number): Dice => {
  let state = seed
  const roll = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (min: number, max: number) => min + Math.floor(roll() * (max - min + 1))
  return { roll, between, pick: (values) => values[between(0, values.length - 1)] ?? values[0] }
}
