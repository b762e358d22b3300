import { PgTypes } from "@effect/sql-pg"

/**
 * A parameter that every driver sends unchanged. PostgreSQL infers the type of text from the statement. Booleans
 * stay booleans, because postgres.js sends the text "true" as false.
 */
export type HostParameter = string | boolean | null

const toText = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value))

/** Elements are never null: a session with `array_nulls = off` would read NULL as a word. */
const toElement = (value: unknown) => {
  if (value === null || value === undefined) throw new Error("Expected an array without null")
  return `"${toText(value).replaceAll(/["\\]/g, "\\$&")}"`
}

/** Converts a value to a parameter. Arrays become array literals, since drivers serialize arrays differently. */
export const toParameter = (value: unknown): HostParameter => {
  if (value === null || value === undefined) return null
  if (typeof value === "boolean") return value
  return Array.isArray(value) ? `{${value.map(toElement).join()}}` : toText(value)
}

const { bool, float4, float8, int2, int4, int8, json, jsonb, oid } = PgTypes.OID

const parsers = new Map<number, (text: string) => unknown>([
  [bool, (text) => text === "t"],
  [int8, BigInt],
  ...[int2, int4, oid, float4, float8].map((type) => [type, Number] as const),
  ...[json, jsonb].map((type) => [type, (text: string): unknown => JSON.parse(text)] as const)
])

const asText = (text: string) => text

/** Returns the parser of a PostgreSQL type by its OID. It parses like the own client. */
export const parserOf = (type: number): ((text: string) => unknown) => parsers.get(type) ?? asText
