/** A `bigint` column arrives as a bigint, a string or, inside JSON, a number. All values are safe integers. */
export type Int8 = bigint | string | number

/** A `timestamptz` arrives as a `Date`, or as text from a driver that is configured to return text. */
export type Timestamp = Date | string

export const toDate = (timestamp: Timestamp): Date =>
  typeof timestamp === "string" ? new Date(timestamp) : timestamp
