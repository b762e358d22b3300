/** Integer division that rounds to the nearest integer, halves up. `numerator` is not negative, `denominator` positive. */
export const roundHalfUp = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator)

/**
 * Returns what `part` of `of` units is worth if all are worth `amount`, rounded half up. Differences between parts
 * therefore sum to `amount` exactly.
 */
export const prorate = (amount: number, part: number, of: number): number =>
  Number(roundHalfUp(BigInt(amount) * BigInt(part), BigInt(of)))

/**
 * Divides an amount in proportion to weights, by largest remainder. The parts sum to `amount`. Each is within one of
 * its exact share, and is 0 if its weight is 0. Equal remainders favour the earlier part. Weights that are all 0 count as equal.
 */
export const allocate = (amount: number, weights: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n)
  if (sum === 0n)
    return weights.length === 0
      ? []
      : allocate(
          amount,
          Array.from(weights, () => 1)
        )
  const shares = weights.map((weight, index) => {
    const exact = BigInt(amount) * BigInt(weight)
    return { index, part: exact / sum, remainder: exact % sum }
  })
  let left = BigInt(amount) - shares.reduce((total, { part }) => total + part, 0n)
  const parts = shares.map(({ part }) => part)
  const byRemainder = shares.toSorted((a, b) =>
    a.remainder === b.remainder ? 0 : a.remainder > b.remainder ? -1 : 1
  )
  for (const { index, part } of byRemainder) {
    if (left === 0n) break
    parts[index] = part + 1n
    left -= 1n
  }
  return parts.map(Number)
}
