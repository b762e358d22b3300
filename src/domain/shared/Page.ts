import { Result, Schema } from "effect"
import { fingerprint } from "./Idempotency.ts"
import { Integer } from "./Integer.ts"
import { type InvalidInput, invalidAt } from "./InvalidInput.ts"

/** One page of a list. `nextCursor` is the opaque cursor of the next page, or `null` on the last page. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

/** Returns a text that no other page of the same query has, of the versions of its items, which have no line breaks. */
export const pageVersion = (versions: ReadonlyArray<string>, hasMore: boolean): string =>
  [...versions, hasMore].join("\n")

/** Returns the schema of a page of items. */
export const Page = <Item extends Schema.Constraint>(item: Item) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String) })

/** Maximum page size. */
export const maxLimit = 100
/** Maximum number of items on a page, 1 to 100. */
export const Limit = Integer(1, maxLimit)
/** Schema of a cursor: the `nextCursor` of the previous page. */
export const Cursor = Schema.String.check(Schema.isMaxLength(4096, { expected: "at most 4096 characters" }))
/** Page size if the query has no `limit`. */
export const defaultLimit = 20

/** Paging fields of every list query. */
export const paging = { limit: Schema.optional(Limit), cursor: Schema.optional(Cursor) }

/**
 * Implements keyset pagination. A cursor contains the sort key of the last item and a fingerprint of its query.
 *
 * A cursor comes from outside: it is decoded by the schema of the key before use. A cursor of another query is
 * refused, since its key has no meaning there.
 */
export const keyset = <Key, I>(key: Schema.Codec<Key, I>) => {
  const json = Schema.fromJsonString(Schema.Tuple([Schema.String, key]))
  const codec = Schema.StringFromBase64Url.pipe(Schema.decodeTo(json))
  const decode = Schema.decodeResult(codec)
  const encode = Schema.encodeSync(codec)
  return (query: unknown) => {
    const queryFingerprint = fingerprint(query)
    return {
      after: (cursor: string | undefined): Result.Result<Key | undefined, InvalidInput> => {
        if (cursor === undefined) return Result.succeed(undefined)
        const decoded = decode(cursor)
        return Result.isSuccess(decoded) && decoded.success[0] === queryFingerprint
          ? Result.succeed(decoded.success[1])
          : Result.fail(invalidAt("/cursor", "Expected a cursor that was returned for the same query"))
      },
      /** Builds a page. The store reads `limit + 1` items; the extra item shows that a next page exists. */
      page: <A>(items: ReadonlyArray<A>, limit: number, keyOf: (item: A) => Key): Page<A> => {
        const pageItems = items.slice(0, limit)
        const last = pageItems.at(-1)
        const hasMore = items.length > limit && last !== undefined
        return { items: pageItems, nextCursor: hasMore ? encode([queryFingerprint, keyOf(last)]) : null }
      }
    }
  }
}
