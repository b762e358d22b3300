/** In a module that an old Node can load, as everything is that `main.ts` imports before it has looked. */

const numbersOf = (version: string): ReadonlyArray<number> => (version.match(/\d+/g) ?? []).map(Number)

/** Why a version of Node cannot run us; nothing if it can. `needed`: as `engines` of a package.json says it, `>=22.19`. */
export const complaint = (node: string, needed: string): string | undefined => {
  const [major = 0, minor = 0] = numbersOf(node)
  const [leastMajor = 0, leastMinor = 0] = numbersOf(needed)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
    ? undefined
    : `needs Node ${leastMajor}.${leastMinor} or newer; this is ${node}`
}
