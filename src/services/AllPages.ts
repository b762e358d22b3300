import { Effect, Option, Stream } from "effect"
import { maxLimit, type Page } from "../domain/shared/Page.ts"

/** Returns every item of a listing as a stream. Reads the next page only when its first item is asked for. */
export const allPages = <A, E>(
  read: (page: { readonly limit: number; readonly cursor: string | undefined }) => Effect.Effect<Page<A>, E>
): Stream.Stream<A, E> =>
  Stream.paginate(undefined as string | undefined, (cursor) =>
    Effect.map(
      read({ limit: maxLimit, cursor }),
      ({ items, nextCursor }) => [items, Option.fromNullOr(nextCursor)] as const
    )
  )
