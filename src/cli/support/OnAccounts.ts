import { Effect, type Option } from "effect"
import type { ShopName } from "../../domain/shops/ShopName.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import type { Accounts } from "../../services/Accounts.ts"
import type { ServiceTokens } from "../../services/ServiceTokens.ts"
import { Failure, report } from "./Failure.ts"
import { accounts, keptDatabase, logging, requireReadable, unreachable } from "./Layers.ts"
import { settings } from "./Settings.ts"
import { ofShop } from "./ShopFlags.ts"

/**
 * Runs work on the accounts and the service tokens of the database that the settings select, or of a shop in it. A refusal is one line on standard error,
 * and exit code 1.
 */
export const onAccounts = <A>(
  work: Effect.Effect<A, Error, Accounts | ServiceTokens>,
  shop: Option.Option<ShopName>
) =>
  Effect.flatMap(
    Effect.map(settings, (all) => ofShop(all, shop)),
    (read) =>
      Effect.andThen(requireReadable(read), work).pipe(
        Effect.mapError((error) => {
          if (error instanceof StoreUnavailable) return unreachable(read)(error)
          return error instanceof Failure ? error : new Failure({ line: error.message })
        }),
        Effect.provide(accounts(read)),
        Effect.provide(keptDatabase(read)),
        Effect.provide(logging(read))
      )
  ).pipe(report)
