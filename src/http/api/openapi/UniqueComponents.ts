import { Predicate } from "effect"

const prefix = "#/components/schemas/"

/** Returns the name of the component that each doubled component repeats. Effect numbers what has the same identifier. */
const originals = (schemas: Readonly<Record<string, object>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(schemas).flatMap(([name, schema]) => {
      const original = name.replace(/_\d+$/, "")
      const isDoubled = original !== name && JSON.stringify(schemas[original]) === JSON.stringify(schema)
      return isDoubled ? [[name, original] as const] : []
    })
  )

/** Returns a union without repeated members. */
const unionOf = (members: ReadonlyArray<unknown>): Record<string, unknown> => {
  const unique = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()]
  const [only] = unique
  return unique.length === 1 && Predicate.isObject(only) ? only : { anyOf: unique }
}

/** Describes schemas with the same encoding once: generators of clients make a type of each component. */
export const uniteComponents = (document: Record<string, unknown>): Record<string, unknown> => {
  const components = document.components as { readonly schemas: Record<string, object> }
  const known = originals(components.schemas)
  const united = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(united)
    if (!Predicate.isObject(value)) return value
    const { anyOf, ...rest } = Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, united(inner)])
    )
    const original = typeof rest.$ref === "string" ? known.get(rest.$ref.slice(prefix.length)) : undefined
    if (original !== undefined) return { ...rest, $ref: `${prefix}${original}` }
    return Array.isArray(anyOf) ? { ...rest, ...unionOf(anyOf) } : rest
  }
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => !known.has(name)))
  return united({ ...document, components: { ...components, schemas } }) as Record<string, unknown>
}
