import { Effect } from "effect"
import type { Page } from "../../../domain/shared/Page.ts"
import type { ModelShop } from "../ModelShop.ts"
import type { World } from "../World.ts"
import { mostly } from "./Step.ts"

export const limit = mostly([1, 2, 3, 100, undefined], [0, 101])

/**
 * Selects the start of a list: usually the first page, sometimes the cursor of another list or an invalid cursor.
 */
export const start = mostly(["the start"], ["another cursor", "no cursor"])
type Start = "the start" | "another cursor" | "no cursor"

/** Reads one page of a list, and stores how to get the next page. */
export const listing = <A, E>(
  world: World,
  read: (page: {
    readonly cursor: string | undefined
    readonly limit: number | undefined
  }) => Effect.Effect<Page<A>, E, ModelShop>
) => {
  const turn = (
    cursor: string | undefined,
    limit: number | undefined
  ): Effect.Effect<unknown, E, ModelShop> =>
    Effect.map(read({ cursor, limit }), ({ items, nextCursor }) => {
      if (nextCursor !== null) {
        world.cursors.push({ cursor: nextCursor, nextPage: (limit) => turn(nextCursor, limit) })
      }
      return { items, more: nextCursor !== null }
    })
  return (start: Start, limit: number | undefined) => {
    const another = world.cursors.at(-1)?.cursor
    return turn(start === "the start" ? undefined : start === "no cursor" ? "bm9uZQ" : another, limit)
  }
}

/** Maximum number of pages. It exceeds what a sequence can create, so that an endless list is detected. */
const maxPages = 100

/** Reads all items of a list, page by page. */
export const everything = <A, E>(
  read: (page: { readonly cursor: string | undefined }) => Effect.Effect<Page<A>, E, ModelShop>
): Effect.Effect<ReadonlyArray<A>, E, ModelShop> =>
  Effect.gen(function* () {
    const all: Array<A> = []
    let cursor: string | undefined
    for (let pages = 0; pages < maxPages; pages++) {
      const { items, nextCursor } = yield* read({ cursor })
      all.push(...items)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    return all
  })
