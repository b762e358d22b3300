import { Flag } from "effect/cli"
import { decodeText, integer } from "../../settings/SettingValue.ts"
import { whole } from "./Terminal.ts"

/** A flag for an integer from 1 to `most`, in digits like the environment variables. */
export const integerFlag = (name: string, most: number, fallback: number, description: string) => {
  const value = integer(1, most)
  return Flag.String(name).pipe(
    Flag.filterMap(decodeText(value), () => `Expected ${value.expected}`),
    Flag.withMetavar("integer"),
    Flag.withDefault(fallback),
    Flag.withDescription(`${description}; ${whole(fallback)} if absent`)
  )
}
