import { Effect } from "effect"
import { ProductSort } from "../../domain/catalog/ProductListing.ts"
import { Analytics } from "../../services/Analytics.ts"
import { Catalog } from "../../services/Catalog.ts"
import { Orders } from "../../services/Orders.ts"
import { Payments } from "../../services/Payments.ts"
import { Verification } from "../../services/Verification.ts"
import { Vouchers } from "../../services/Vouchers.ts"
import type { ModelShop } from "./ModelShop.ts"
import { readFeed } from "./steps/Feed.ts"
import { everything } from "./steps/Listings.ts"
import type { World } from "./World.ts"

type Ask = Effect.Effect<unknown, unknown, ModelShop>

const each = <A>(
  ids: ReadonlyArray<string>,
  ask: (id: string) => Effect.Effect<A, unknown, ModelShop>
): Ask => Effect.forEach(ids, ask)

/** A sequence may leave a payment pending and put the clock forward by days, which breaks `outcome` and no other invariant. */
const verified: Ask = Effect.map(
  Verification.use(({ verify }) => verify()),
  ({ violations }) => {
    const others = violations.filter(({ invariant }) => invariant !== "outcome")
    return { ok: others.length === 0, violations: others }
  }
)

/** Reads everything that a shop can return after a sequence, with a name for each request. */
export const finalState = (world: World): ReadonlyArray<readonly [asked: string, Ask]> => [
  [
    "all categories",
    everything((page) => Catalog.use((catalog) => catalog.categories({ ...page, limit: 2 })))
  ],
  ["each product", each(world.known.product, (id) => Catalog.use((catalog) => catalog.product(id)))],
  ...ProductSort.literals.map(
    (sort) =>
      [
        `all products by ${sort}`,
        everything((page) => Catalog.use((catalog) => catalog.products({ ...page, sort, limit: 3 })))
      ] as const
  ),
  ["all orders", everything((page) => Orders.use((orders) => orders.list({ ...page, limit: 3 })))],
  ["each order", each(world.known.order, (id) => Orders.use((orders) => orders.get(id)))],
  ["each history", each(world.known.order, (id) => Orders.use((orders) => orders.history(id)))],
  ["all payments", each(world.known.order, (id) => Payments.use((payments) => payments.list(id)))],
  [
    "all payment operations",
    each(world.known.order, (id) => Payments.use((payments) => payments.operations(id)))
  ],
  [
    "the money of each order",
    each(world.known.order, (id) => Payments.use(({ refundable }) => refundable(id)))
  ],
  ["all vouchers", everything((page) => Vouchers.use((vouchers) => vouchers.list({ ...page, limit: 2 })))],
  ["each voucher", each(world.known.voucher, (id) => Vouchers.use((vouchers) => vouchers.get(id)))],
  ["the feed", readFeed(world, undefined, 3)],
  ["the summary", Analytics.use((analytics) => analytics.summary())],
  [
    "the sales of each day in Auckland",
    Analytics.use((analytics) => analytics.sales({ interval: "day", timeZone: "Pacific/Auckland" }))
  ],
  ["the top products", Analytics.use((analytics) => analytics.topProducts({ limit: 3 }))],
  ["whether every invariant holds", verified]
]
