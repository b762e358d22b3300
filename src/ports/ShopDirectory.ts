import { Context, type Effect, type Layer } from "effect"
import type { ShopName, ShopNotFound } from "../domain/shops/ShopName.ts"
import type { DatabaseRefused, SchemaOutdated, SchemaTooNew, StoreUnavailable } from "./errors.ts"
import type { Stores } from "./Stores.ts"

/** Why the tables of a shop cannot be used. */
export type ShopRefused = DatabaseRefused | SchemaOutdated | SchemaTooNew | StoreUnavailable

/** The shops of an installation: which there are, where, and the stores of each. */
export class ShopDirectory extends Context.Service<
  ShopDirectory,
  {
    /** The names of all servers. An outage of one does not touch the others. */
    readonly servers: ReadonlyArray<string>
    /** Returns the server of a shop, whether the shop exists or not. */
    readonly serverOf: (shop: ShopName) => string
    /** Returns the shops of a server, sorted. */
    readonly list: (server: string) => Effect.Effect<ReadonlyArray<ShopName>, StoreUnavailable>
    /** Creates the tables of a shop, or updates them. Returns the names of the migrations that ran: empty if there was nothing to do. */
    readonly migrate: (shop: ShopName) => Effect.Effect<ReadonlyArray<string>, ShopRefused>
    /** The stores of a shop, with a lifetime of their own. Fails with `ShopNotFound` without creating anything. */
    readonly stores: (shop: ShopName) => Layer.Layer<Stores, ShopNotFound | ShopRefused>
  }
>()("effect-commerce/ports/ShopDirectory") {}
