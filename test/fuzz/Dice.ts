/** Random choices that a seed repeats (mulberry32). */
export const diceOf = (seed: number) => {
  let state = seed >>> 0
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(roll() * n)
  return {
    below,
    /** True once in so many times. */
    once: (n: number) => below(n) === 0,
    pick: <A>(from: ReadonlyArray<A>): A => {
      const picked = from[below(from.length)]
      if (picked === undefined) throw new Error("There is nothing to pick from")
      return picked
    }
  }
}

export type Dice = ReturnType<typeof diceOf>
