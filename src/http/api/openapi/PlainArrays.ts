const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value)) return value
  const { prefixItems, ...rest } = value
  const isList =
    Array.isArray(prefixItems) &&
    prefixItems.every((item) => JSON.stringify(item) === JSON.stringify(rest.items))
  return Object.fromEntries(
    Object.entries(isList ? rest : value).map(([name, inner]) => [name, plain(inner)])
  )
}

/** Describes lists with a first item by `minItems` alone: generators of clients read `prefixItems` as a tuple. */
export const describeLists = (document: Record<string, unknown>): Record<string, unknown> =>
  plain(document) as Record<string, unknown>
