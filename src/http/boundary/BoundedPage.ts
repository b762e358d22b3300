import { Effect, Result } from "effect"
import { type InvalidInput, invalidAt } from "../../domain/shared/InvalidInput.ts"
import { defaultLimit, type Page } from "../../domain/shared/Page.ts"

/** Items that are read at once. Most pages hold no more. */
const firstRead = 50

/** Returns whether a page is one read, and another one at most if it ends early. */
export const isOneRead = ({ limit = defaultLimit }: PageQuery): boolean => limit <= firstRead

/** Size of the items of a page as JSON, in bytes, that ends it early. */
export const pageBudget = 256 * 1024

const utf8 = new TextEncoder()

/** The size of an item in an answer. */
const bytesOf = (item: unknown): number => utf8.encode(JSON.stringify(item)).length

/**
 * An upper bound of that size in bytes, many times as fast to get as the JSON: a character of a text takes at most six bytes, as a control
 * character does. `Object.keys` takes a sixth of the time of `for … in`.
 */
export const sizeAtMost = (value: unknown): number => {
  if (typeof value === "string") return 6 * value.length + 2
  if (typeof value !== "object" || value === null || value instanceof Date) return 32
  if (Array.isArray(value)) return value.reduce((size: number, item) => size + 1 + sizeAtMost(item), 2)
  let size = 2
  for (const name of Object.keys(value))
    size += 6 * name.length + 4 + sizeAtMost(value[name as keyof typeof value])
  return size
}

interface PageQuery {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/**
 * Reads a page that ends before its items exceed `budget` bytes, but has at least one item. Its cursor continues where it ends.
 *
 * A page of 50 items is one read. A larger one reads that many items first, and then as many as fit if they are as large as the largest
 * of these. Items that do not fit are read and not sent: their encoding is what would hold up all other requests.
 */
export const withinBytes =
  <Query extends PageQuery, A, E, R>(
    read: (query: Query) => Effect.Effect<Page<A>, E, R>,
    budget: number = pageBudget
  ) =>
  (query: Query): Effect.Effect<Page<A>, E, R> =>
    Effect.gen(function* () {
      const { limit = defaultLimit } = query
      const items: Array<A> = []
      let { cursor } = query
      let total = 0
      let largest = 1
      for (;;) {
        const room = items.length === 0 ? firstRead : Math.floor((budget - total) / largest)
        const take = Math.min(limit - items.length, room)
        if (take < 1) return { items, nextCursor: cursor ?? null }
        const page = yield* read({ ...query, limit: take, cursor })
        const isWhole = page.nextCursor === null || page.items.length === limit
        if (items.length === 0 && isWhole && sizeAtMost(page.items) <= budget) return page
        const before = items.length
        for (const item of page.items) {
          const bytes = bytesOf(item)
          if (items.length > 0 && total + bytes > budget) break
          total += bytes
          largest = Math.max(largest, bytes)
          items.push(item)
        }
        const fitting = items.length - before
        if (fitting < page.items.length) {
          if (fitting === 0) return { items, nextCursor: cursor ?? null }
          // The cursor behind an item is known to the service alone, which makes it for the last item of a page.
          const cut = yield* read({ ...query, limit: fitting, cursor })
          return { items: [...items.slice(0, before), ...cut.items], nextCursor: cut.nextCursor }
        }
        if (page.nextCursor === null || items.length === limit) {
          return { items, nextCursor: page.nextCursor }
        }
        cursor = page.nextCursor
      }
    })

/** A list without a limit. `nextCursor` is there only if the rest would have exceeded the size of an answer. */
interface Part<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor?: string
}

/**
 * Returns what follows the item `cursor` of a whole list, until it exceeds `budget` bytes, but at least one item. Fails with
 * `InvalidInput` if the list has no such item.
 */
export const partOf = <A>(
  all: ReadonlyArray<A>,
  keyOf: (item: A) => string,
  cursor: string | undefined,
  budget: number = pageBudget
): Result.Result<Part<A>, InvalidInput> => {
  const last = cursor === undefined ? -1 : all.findIndex((item) => keyOf(item) === cursor)
  if (cursor !== undefined && last === -1) {
    return Result.fail(invalidAt("/cursor", "Expected a cursor that was returned for the same query"))
  }
  if (cursor === undefined && sizeAtMost(all) <= budget) return Result.succeed({ items: all })
  const items: Array<A> = []
  let total = 0
  for (const item of all.slice(last + 1)) {
    total += bytesOf(item)
    const before = items.at(-1)
    if (before !== undefined && total > budget) return Result.succeed({ items, nextCursor: keyOf(before) })
    items.push(item)
  }
  return Result.succeed({ items })
}
