import { Effect, Option, Result } from "effect"
import { InsufficientStock, maxStock, ProductNotFound } from "../../../domain/catalog/Product.ts"
import {
  type Draft,
  PriceChanged,
  ProductUnavailable,
  placeOrder
} from "../../../domain/orders/PlaceOrder.ts"
import { vouchersOnly } from "../../../domain/pricing/Pricing.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId, ProductId } from "../../../domain/shared/Ids.ts"
import { AmountOverflow, MixedCurrencies, maxPriceMinor } from "../../../domain/shared/Money.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { type Placing, placing as placings } from "../../Generators.ts"
import {
  category,
  newAttribution,
  newCustomer,
  newId,
  newLabel,
  newPlacement,
  order,
  product,
  samples,
  shop
} from "../Given.ts"
import { agrees, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder, readProduct } from "../operations/ShopSnapshot.ts"

/** Returns the same draft with new ids, and adds its products to the store. */
const stocked = Effect.fnUntraced(function* ({ draft, products }: Placing) {
  const { id: categoryId } = yield* category
  const ids = new Map<ProductId, ProductId>()
  for (const id of [...products.keys(), ...draft.items.map((line) => line.productId)]) {
    if (!ids.has(id)) ids.set(id, yield* newId(ProductId))
  }
  const renamed = (id: ProductId) => ids.get(id) ?? id
  const added = yield* Effect.forEach([...products.values()], (own) =>
    Effect.flatMap(newLabel, (sku) =>
      product({ ...own, id: renamed(own.id), categoryId, sku: own.sku === null ? null : sku })
    )
  )
  const items = draft.items.map(({ productId, quantity }) => ({ productId: renamed(productId), quantity }))
  const adjustments = draft.adjustments?.map((request) =>
    request.kind !== "fee" && request.on?.items !== undefined
      ? { ...request, on: { ...request.on, items: request.on.items.map(renamed) } }
      : request
  )
  const own: Draft = {
    ...draft,
    items,
    customerId: yield* newCustomer,
    ...(adjustments !== undefined && { adjustments })
  }
  return { draft: own, products: new Map(added.map((product) => [product.id, product])) }
})

/** Checks that a placement ends as the domain decides. */
export const placesAsDecided = Effect.fnUntraced(function* (generated: Placing) {
  const store = yield* OrderStore
  const { draft, products } = yield* stocked(generated)
  const attribution = { id: yield* newId(OrderId), ...(yield* newAttribution) }
  const decision = placeOrder(draft, products, attribution)
  const placed = Option.getOrUndefined(Result.getSuccess(decision))
  const answer = store.place({ draft, price: vouchersOnly, ...attribution, idempotency: undefined })
  yield* agrees(
    answer,
    Result.map(decision, ({ order }) => firstTime(order))
  )
  yield* same(yield* store.get(attribution.id), Option.fromUndefinedOr(placed?.order))
  yield* same(yield* store.history(attribution.id), placed === undefined ? [] : [placed.event])
  for (const { id, stock, ...rest } of products.values()) {
    const taken = placed?.order.items.find((item) => item.productId === id)?.quantity ?? 0
    yield* same(yield* readProduct(id), { ...rest, id, stock: stock - taken })
  }
})

export const placingLaws: ReadonlyArray<Law> = [
  law(
    "a draft becomes the order that the domain decides, or is refused as the domain refuses it and nothing changes [S2]",
    Effect.gen(function* () {
      yield* Effect.forEach(yield* samples(placings, 40), placesAsDecided, { discard: true })
    })
  ),

  law(
    "every refusal states its reason and changes nothing",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(5, 5)
      const [some] = own.products
      const dear = yield* product({ price: { amount: maxPriceMinor, currency: "EUR" }, stock: maxStock })
      const dollars = yield* product({ price: { amount: 1, currency: "USD" }, stock: 5 })
      const inactive = yield* product({ active: false, stock: 5 })
      const unknown = { id: yield* newId(ProductId) }
      const shortage = { productId: some.id, requested: 6, available: 5 }
      const total = { amount: some.price.amount, currency: "EUR" }
      const cheap = { amount: total.amount + 1, currency: "EUR" }
      const cases = [
        [unknown, 1, new ProductNotFound({ productId: unknown.id })],
        [inactive, 1, new ProductUnavailable({ productId: inactive.id })],
        [dollars, 1, new MixedCurrencies({ currencies: ["EUR", "USD"] })],
        [dear, 1_000_000, new AmountOverflow()],
        [some, 5, new InsufficientStock({ shortages: [shortage] })]
      ] as const
      for (const [wrong, quantity, refusal] of cases) {
        const placement = yield* newPlacement(own, [
          [some, 1],
          [wrong, quantity]
        ])
        yield* changesNothing(own, refused(store.place(placement), refusal))
      }
      const repriced = yield* newPlacement(own, [[some, 1]])
      const expecting = { ...repriced, draft: { ...repriced.draft, expectedTotal: cheap } }
      yield* changesNothing(own, refused(store.place(expecting), new PriceChanged({ total })))
      yield* checkIntegrity(own)
    })
  ),

  law(
    "all shortages are listed, each with the available stock",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(3, 10, 0)
      const lines = own.products.map((product) => [product, 4] as const)
      const shortages = own.products
        .filter(({ stock }) => stock < 4)
        .map(({ id: productId, stock: available }) => ({ productId, requested: 4, available }))
      const placement = yield* newPlacement(own, lines)
      yield* changesNothing(own, refused(store.place(placement), new InsufficientStock({ shortages })))
    })
  ),

  law(
    "an order keeps name, SKU and price after later changes of its products [S4]",
    Effect.gen(function* () {
      const catalog = yield* CatalogStore
      const own = yield* shop(10)
      const [ordered] = own.products
      const placed = yield* order(own, [[ordered, 2]])
      const { at } = yield* newAttribution
      const change = { name: "renamed", sku: yield* newLabel, active: false, description: null }
      yield* catalog.changeProduct(
        ordered.id,
        { ...change, price: { amount: 1, currency: "JPY" } },
        at,
        undefined
      )
      yield* catalog.adjustStock(ordered.id, { delta: -8, reason: null, at, actor: "thief" }, undefined)
      yield* same(yield* readOrder(placed.id), placed)
      yield* checkIntegrity(own, [2])
    })
  ),

  law(
    "an unknown order id finds nothing",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const id = yield* newId(OrderId)
      yield* same(yield* store.get(id), Option.none())
      yield* same(yield* store.history(id), [])
    })
  )
]
