import { Effect } from "effect"
import type { Page } from "../../../domain/shared/Page.ts"
import type { ModelShop } from "../ModelShop.ts"
import type { World } from "../World.ts"
import { mostly } from "./Step.ts"

export const limit = mostly([1, 2, 3, 100, undefined], [0, 101])

/** Mostly from the start; now and then with the cursor of some other listing, or with none that anybody made. */
export const start = mostly(["the start"], ["another cursor", "no cursor"])
type Start = "the start" | "another cursor" | "no cursor"

/** Reads pages of a listing, and remembers how it goes on. */
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
        world.cursors.push({ cursor: nextCursor, goOn: (limit) => turn(nextCursor, limit) })
      }
      return { items, more: nextCursor !== null }
    })
  return (start: Start, limit: number | undefined) => {
    const another = world.cursors.at(-1)?.cursor
    return turn(start === "the start" ? undefined : start === "no cursor" ? "bm9uZQ" : another, limit)
  }
}

/** More pages than any play can fill: where a shop never comes to an end, we do. */
const pagesAtMost = 100

/** All items of a listing, page by page. */
export const everything = <A, E>(
  read: (page: { readonly cursor: string | undefined }) => Effect.Effect<Page<A>, E, ModelShop>
): Effect.Effect<ReadonlyArray<A>, E, ModelShop> =>
  Effect.gen(function* () {
    const all: Array<A> = []
    let cursor: string | undefined
    for (let pages = 0; pages < pagesAtMost; pages++) {
      const { items, nextCursor } = yield* read({ cursor })
      all.push(...items)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    return all
  })
