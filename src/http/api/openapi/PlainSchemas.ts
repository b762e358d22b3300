import { Predicate } from "effect"

/** Returns a list without a description of its first items that repeats that of all items. */
const withoutPrefix = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { prefixItems, ...rest } = schema
  const isList =
    Array.isArray(prefixItems) &&
    prefixItems.every((item) => JSON.stringify(item) === JSON.stringify(rest.items))
  return isList ? rest : schema
}

/** Returns a schema with the members of its `allOf`, if no keyword stands twice then. */
const withoutAllOf = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { allOf, ...rest } = schema
  if (!Array.isArray(allOf) || !allOf.every(Predicate.isObject)) return schema
  const keywords = [rest, ...allOf].flatMap(Object.keys)
  return new Set(keywords).size === keywords.length ? Object.assign(rest, ...allOf) : schema
}

const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (!Predicate.isObject(value)) return value
  const schema = withoutAllOf(withoutPrefix(value))
  return Object.fromEntries(Object.entries(schema).map(([name, inner]) => [name, plain(inner)]))
}

/**
 * Describes lists with a first item by `minItems` alone, and a value by one schema. Generators of clients read `prefixItems` as a
 * tuple, and the members of `allOf` as values of any type.
 */
export const describePlainly = (document: Record<string, unknown>): Record<string, unknown> =>
  plain(document) as Record<string, unknown>
