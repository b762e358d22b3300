import { Result, Schema } from "effect"
import { fingerprint } from "./Idempotency.ts"
import { Integer } from "./Integer.ts"
import { type InvalidInput, invalidAt } from "./InvalidInput.ts"

/** A page of a listing, and where the next one starts: an opaque cursor, `null` at the end. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

export const Page = <Item extends Schema.Constraint>(item: Item) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String) })

/** The largest number of items that a page may have. */
export const maxLimit = 100
/** How many items a page has at most: 1 to 100. */
export const Limit = Integer(1, maxLimit)
/** Where a page starts: what the page before gave as `nextCursor`. */
export const Cursor = Schema.String.check(Schema.isMaxLength(4096, { expected: "at most 4096 characters" }))
/** How many items a page has at most, if nobody says. */
export const defaultLimit = 20

/** What every listing takes besides its filters. */
export const paging = { limit: Schema.optional(Limit), cursor: Schema.optional(Cursor) }

/**
 * Keyset pages: a cursor holds the sort key of the last item and the query that it belongs to, and is refused
 * with any other query. `Key` is what the sort compares by; nothing of a cursor is trusted before it has decoded.
 */
export const keyset = <Key, I>(key: Schema.Codec<Key, I>) => {
  const json = Schema.fromJsonString(Schema.Tuple([Schema.String, key]))
  const codec = Schema.StringFromBase64Url.pipe(Schema.decodeTo(json))
  const decode = Schema.decodeResult(codec)
  const encode = Schema.encodeSync(codec)
  return (query: unknown) => {
    const belongsTo = fingerprint(query)
    return {
      after: (cursor: string | undefined): Result.Result<Key | undefined, InvalidInput> => {
        if (cursor === undefined) return Result.succeed(undefined)
        const decoded = decode(cursor)
        return Result.isSuccess(decoded) && decoded.success[0] === belongsTo
          ? Result.succeed(decoded.success[1])
          : Result.fail(invalidAt("/cursor", "Expected a cursor of this very query"))
      },
      /** `items` are one more than the limit if there is another page. */
      page: <A>(items: ReadonlyArray<A>, limit: number, keyOf: (item: A) => Key): Page<A> => {
        const shown = items.slice(0, limit)
        const last = shown.at(-1)
        const more = items.length > limit && last !== undefined
        return { items: shown, nextCursor: more ? encode([belongsTo, keyOf(last)]) : null }
      }
    }
  }
}
