/** PostgreSQL's `bigint` comes as a bigint, a string or, inside JSON, a number; all of ours are safe integers. */
export type Int8 = bigint | string | number

/** PostgreSQL's `timestamptz` comes as a `Date`, or as text where a host has told its own driver to leave it. */
export type Timestamp = Date | string

export const toDate = (timestamp: Timestamp): Date =>
  typeof timestamp === "string" ? new Date(timestamp) : timestamp
