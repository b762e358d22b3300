/** This module must load on an old Node, like all modules that `main.ts` imports before its check. */

const numbersOf = (version: string): ReadonlyArray<number> => (version.match(/\d+/g) ?? []).map(Number)

/**
 * Returns why a Node version is too old, or `undefined`. `needed` has the form of `engines` in package.json:
 * `>=22.19`.
 */
export const complaint = (node: string, needed: string): string | undefined => {
  const [major = 0, minor = 0] = numbersOf(node)
  const [leastMajor = 0, leastMinor = 0] = numbersOf(needed)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
    ? undefined
    : `needs Node ${leastMajor}.${leastMinor} or newer; this is ${node}`
}
