import { PgTypes } from "@effect/sql-pg"

/**
 * A parameter that every driver sends as it is: text, of which PostgreSQL takes the type from the statement. A boolean
 * stays one, because postgres.js sends the text "true" as false.
 */
export type HostParameter = string | boolean | null

const toText = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value))

const toElement = (value: unknown) =>
  value === null ? "NULL" : `"${toText(value).replaceAll(/["\\]/g, "\\$&")}"`

/** An array becomes a literal, since drivers differ in what they make of arrays. */
export const toParameter = (value: unknown): HostParameter => {
  if (value === null || value === undefined) return null
  if (typeof value === "boolean") return value
  return Array.isArray(value) ? `{${value.map(toElement).join()}}` : toText(value)
}

const { bool, float4, float8, int2, int4, int8, json, jsonb, oid, timestamptz } = PgTypes.OID

const readers = new Map<number, (text: string) => unknown>([
  [bool, (text) => text === "t"],
  [int8, BigInt],
  ...[int2, int4, oid, float4, float8].map((type) => [type, Number] as const),
  ...[json, jsonb].map((type) => [type, (text: string): unknown => JSON.parse(text)] as const),
  [timestamptz, (text) => new Date(text)]
])

const asText = (text: string) => text

/** How the text of a PostgreSQL type is read, by the type's OID: as our own client reads it. */
export const readerOf = (type: number): ((text: string) => unknown) => readers.get(type) ?? asText
