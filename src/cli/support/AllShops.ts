import { Cause, Console, Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import * as Postgres from "../../adapters/postgres/index.ts"
import { type Failure, fail } from "./Failure.ts"
import { unreachable } from "./Layers.ts"
import type { Settings } from "./Settings.ts"
import { ofShop } from "./ShopFlags.ts"

/** Shops that a command works on at once. */
const atOnce = 4

/**
 * Does work in every shop, a few at once, and prints a line for each to standard error as it ends, such as `37/1000 acme: …`. A shop that
 * fails stops no other. Fails in the end if any has failed, and lists them.
 */
export const inEachShop = Effect.fnUntraced(function* (
  read: Settings,
  work: (shop: Settings) => Effect.Effect<string, Failure, SqlClient.SqlClient>
) {
  const shops = yield* Effect.mapError(Postgres.listShops(read.database.schema), unreachable(read))
  const failed: Array<string> = []
  let ended = 0
  yield* Effect.forEach(
    shops,
    (name) =>
      work(ofShop(read, Option.some(name))).pipe(
        Effect.catchCause((cause) => {
          if (Cause.hasInterrupts(cause)) return Effect.failCause(cause)
          failed.push(name)
          const failure = Cause.findErrorOption(cause)
          return Option.isSome(failure)
            ? Effect.succeed(`failed: ${failure.value.line}`)
            : // Such as a table that is missing. The other shops have theirs.
              Effect.as(
                Effect.annotateLogs(Effect.logError("Unexpected error in a shop", cause), { shop: name }),
                "failed: an unexpected error"
              )
        }),
        Effect.flatMap((result) => Console.error(`${++ended}/${shops.length} ${name}: ${result}`))
      ),
    { concurrency: Math.min(atOnce, read.database.pool), discard: true }
  )
  if (failed.length > 0) {
    return yield* fail(`${failed.length} of ${shops.length} shops failed: ${failed.sort().join(", ")}`)
  }
  yield* Console.log(shops.length === 1 ? "1 shop" : `${shops.length} shops`)
})
