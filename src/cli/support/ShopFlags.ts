import { type Effect, Option, Schema } from "effect"
import { Flag } from "effect/cli"
import { schemaOf } from "../../adapters/postgres/index.ts"
import { ShopName } from "../../domain/shops/ShopName.ts"
import { type Failure, fail } from "./Failure.ts"
import type { Settings } from "./Settings.ts"

const decode = Schema.decodeUnknownOption(ShopName)

/** The flag that names a shop. */
export const shop = Flag.String("shop").pipe(
  Flag.filterMap(decode, () => "Expected a name such as acme: up to 40 of a-z, 0-9 and -"),
  Flag.withMetavar("name"),
  Flag.withDescription("A shop by its name; the one in DATABASE_SCHEMA itself if absent"),
  Flag.optional
)

/** The flags of a command that also works on all shops. */
export const shopFlags = {
  shop,
  allShops: Flag.Boolean("all-shops").pipe(
    Flag.withDescription(
      "All shops, four at a time, with progress. Goes on after a failure, and lists what has failed. Exit code 1 then"
    ),
    Flag.withDefault(false)
  )
}

/** Returns the settings of the shop that a flag names. */
export const ofShop = (read: Settings, shop: Option.Option<ShopName>): Settings => {
  if (Option.isNone(shop)) return read
  const base = read.database.schema
  return {
    ...read,
    shop: { base, name: shop.value },
    database: { ...read.database, schema: schemaOf(base, shop.value) }
  }
}

/** Runs a command on all shops, or on the one that a flag names. */
export const onShops = <A, E, R, B, E2, R2>(
  { allShops, shop }: { readonly allShops: boolean; readonly shop: Option.Option<ShopName> },
  read: Settings,
  onAll: (read: Settings) => Effect.Effect<A, E, R>,
  onOne: (read: Settings) => Effect.Effect<B, E2, R2>
): Effect.Effect<A | B, E | E2 | Failure, R | R2> => {
  if (!allShops) return onOne(ofShop(read, shop))
  return Option.isSome(shop) ? fail("--all-shops: Expected none, because --shop names one") : onAll(read)
}
