import { Schema } from "effect"

/**
 * A place in the log of changes of the database, such as `0/16B3748`: an LSN of PostgreSQL. All changes that were committed before it was
 * read lie before it. Text for other programs: compare it by `hasReached` only.
 */
export const LogPosition = Schema.String.check(
  Schema.isPattern(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/, {
    expected: "a position that an answer to a change had"
  })
).pipe(Schema.brand("LogPosition"))
export type LogPosition = typeof LogPosition.Type

/** Before all changes. */
export const firstPosition = LogPosition.make("0/0")

/** After all changes that there will ever be, so that no replica has it. */
export const furthestPosition = LogPosition.make("FFFFFFFF/FFFFFFFF")

/** The number of bytes of the log before a position. */
export const offsetOf = (position: LogPosition): bigint => {
  const [high = "", low = ""] = position.split("/")
  return BigInt(`0x${high}`) * 0x1_0000_0000n + BigInt(`0x${low}`)
}

/** Returns whether a server that has replayed the log to `replayed` has all changes before `position`. */
export const hasReached = (replayed: LogPosition, position: LogPosition): boolean =>
  offsetOf(replayed) >= offsetOf(position)
