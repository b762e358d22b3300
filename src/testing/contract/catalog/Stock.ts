import { Effect } from "effect"
import {
  adjust,
  InsufficientStock,
  maxStock,
  type Product,
  ProductNotFound
} from "../../../domain/catalog/Product.ts"
import { ProductId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { stockAdjustment } from "../../Generators.ts"
import {
  newAttribution,
  newFulfilmentAttempt,
  newId,
  order,
  orderIn,
  paid,
  product,
  samples,
  shop
} from "../Given.ts"
import { agrees, concurrently, type Law, law, refused, same } from "../Law.ts"
import { checkIntegrity, readProduct } from "../operations/ShopSnapshot.ts"

/** Checks that an adjustment ends as the domain decides, given the number of units that orders hold. */
const adjusts = Effect.fnUntraced(function* (product: Product, delta: number, heldUnits: number) {
  const store = yield* CatalogStore
  const before = yield* readProduct(product.id)
  const attribution = yield* newAttribution
  const decision = adjust(before, delta, heldUnits, attribution.at)
  const answer = store.adjustStock(product.id, { delta, reason: null, ...attribution }, undefined)
  yield* agrees(
    Effect.map(answer, ({ value }) => value),
    decision
  )
  yield* same(yield* readProduct(product.id), decision._tag === "Success" ? decision.success : before)
})

/** Adjusts one product concurrently. */
const race = Effect.fnUntraced(function* (id: ProductId, deltas: ReadonlyArray<number>) {
  const store = yield* CatalogStore
  const attribution = yield* newAttribution
  return yield* concurrently(
    deltas.map((delta) => store.adjustStock(id, { delta, reason: "a race", ...attribution }, undefined))
  )
})

export const stockLaws: ReadonlyArray<Law> = [
  law(
    "the stock is adjusted as the domain decides",
    Effect.gen(function* () {
      const adjusted = yield* product({ stock: 50 })
      for (const { delta } of yield* samples(stockAdjustment, 30)) yield* adjusts(adjusted, delta, 0)
    })
  ),

  law(
    "the stock of an unknown product cannot be adjusted",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const productId = yield* newId(ProductId)
      const adjustment = { delta: 1, reason: null, ...(yield* newAttribution) }
      yield* refused(store.adjustStock(productId, adjustment, undefined), new ProductNotFound({ productId }))
    })
  ),

  law(
    "the sum of stock and units in orders stays within the maximum, so that restocking always succeeds [S6]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(maxStock)
      const [full] = own.products
      const first = yield* order(own, [[full, 5]])
      const second = yield* order(own, [[full, 7]])
      yield* adjusts(full, 1, 12)
      yield* adjusts(full, -2, 12)
      yield* adjusts(full, 3, 12)
      yield* adjusts(full, 2, 12)
      yield* paid(first, "APPROVED")
      yield* adjusts(full, 1, 12)
      yield* paid(second, "DECLINED")
      yield* adjusts(full, 1, 5)
      yield* store.advance(first.id, "shipped", yield* newAttribution, undefined)
      yield* adjusts(full, 1, 5)
      const request = { items: [{ productId: full.id, quantity: 5 }] }
      yield* store.fulfil(first.id, { kind: "return", request }, yield* newFulfilmentAttempt, undefined)
      yield* same((yield* readProduct(full.id)).stock, maxStock)
      yield* adjusts(full, 1, 0)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "units in failed orders do not count as held",
    Effect.gen(function* () {
      const own = yield* shop(maxStock)
      const [full] = own.products
      for (const status of ["PAID", "SHIPPED", "COMPLETED", "FAILED"] as const) {
        yield* orderIn(status, own, [[full, 2]])
      }
      yield* adjusts(full, -3, 6)
      yield* adjusts(full, 4, 6)
      yield* adjusts(full, 3, 6)
    })
  ),

  law(
    "twenty concurrent removals of a unit from a stock of ten: ten succeed",
    Effect.gen(function* () {
      const { id: productId } = yield* product({ stock: 10 })
      const [, refusals] = yield* race(
        productId,
        Array.from({ length: 20 }, () => -1)
      )
      const shortage = new InsufficientStock({ shortages: [{ productId, requested: 1, available: 0 }] })
      yield* same(
        refusals,
        Array.from({ length: 10 }, () => shortage)
      )
      yield* same((yield* readProduct(productId)).stock, 0)
    })
  ),

  law(
    "concurrent adjustments all count",
    Effect.gen(function* () {
      const { id } = yield* product({ stock: 100 })
      yield* race(id, [1, 2, 3, 4, 5, 10, -1, -2, -3, -4, -5])
      yield* same((yield* readProduct(id)).stock, 110)
    })
  )
]
