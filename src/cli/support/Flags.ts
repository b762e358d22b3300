import { Flag } from "effect/cli"
import { whole } from "./Terminal.ts"
import { integer } from "./Variables.ts"

/** A flag for a number from 1 to the most, which is written as in the environment: in digits. */
export const integerFlag = (name: string, most: number, fallback: number, description: string) => {
  const { expected, read } = integer(1, most)
  return Flag.String(name).pipe(
    Flag.filterMap(read, () => `Expected ${expected}`),
    Flag.withMetavar("integer"),
    Flag.withDefault(fallback),
    Flag.withDescription(`${description}; ${whole(fallback)} if absent`)
  )
}
