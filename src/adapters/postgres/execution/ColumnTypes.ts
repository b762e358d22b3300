/** A `bigint` column arrives as a bigint, a string or, inside JSON, a number. All values are safe integers. */
export type Int8 = bigint | string | number

/** A time that `epochMillis` has selected. */
export type Timestamp = Int8

export const toDate = (timestamp: Timestamp): Date => new Date(Number(timestamp))

/**
 * Selects a `timestamptz` as milliseconds since 1970. Its text would depend on the session's `DateStyle` and `TimeZone`, which
 * belong to the host.
 */
export const epochMillis = (
  expression: string,
  name = expression.slice(expression.indexOf(".") + 1)
): string => `(date_part('epoch', ${expression}) * 1000)::int8 AS ${name}`
