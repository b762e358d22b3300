import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Stream } from "effect"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import { CatalogStore } from "../../src/ports/CatalogStore.ts"
import { OrderStore } from "../../src/ports/OrderStore.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { newProduct, orderOf } from "../support/host.ts"

/** The services on memory, and how many pages they have asked of it. */
const shop = Effect.gen(function* () {
  const pages = yield* Ref.make(0)
  const counted = <A, E, R>(page: Effect.Effect<A, E, R>) =>
    Effect.andThen(
      Ref.update(pages, (n) => n + 1),
      page
    )
  const stores = Layer.unwrap(
    Effect.map(Effect.all([CatalogStore, OrderStore]), ([catalog, orders]) =>
      Layer.mergeAll(
        Layer.succeed(CatalogStore, {
          ...catalog,
          categories: (after, take) => counted(catalog.categories(after, take)),
          products: (listing) => counted(catalog.products(listing))
        }),
        Layer.succeed(OrderStore, { ...orders, list: (listing) => counted(orders.list(listing)) })
      )
    )
  )
  const services = Layer.mergeAll(Catalog.layer, Orders.layer).pipe(
    Layer.provide(stores),
    Layer.provide(memory)
  )
  return { pages, services: yield* Layer.build(services) }
})

const filled = Effect.fnUntraced(function* (products: number, orders: number) {
  const [catalog, ordering] = [yield* Catalog, yield* Orders]
  const first = yield* newProduct(1000)
  const { categoryId, price } = first
  for (let n = 1; n < products; n++) {
    yield* catalog.createProduct({ categoryId, name: `Mug ${n}`, price, stock: n % 2 })
  }
  const customerId = crypto.randomUUID()
  for (let n = 0; n < orders; n++) yield* ordering.place(orderOf(first.id, 1, customerId))
  yield* ordering.place(orderOf(first.id))
  return { catalog, ordering, customerId, first }
})

const ids = (rows: ReadonlyArray<{ readonly id: string }>) => rows.map(({ id }) => id)

describe("a list as a stream", () => {
  it.effect("has every row once, in the order of the pages", () =>
    Effect.gen(function* () {
      const { pages, services } = yield* shop
      yield* Effect.gen(function* () {
        const { catalog, ordering, customerId } = yield* filled(250, 200)
        const products = yield* Stream.runCollect(catalog.allProducts({ sort: "name" }))
        const names = products.map(({ name }) => name)
        assert.lengthOf(products, 250)
        assert.lengthOf([...new Set(ids(products))], 250)
        assert.deepStrictEqual(names, names.toSorted())
        assert.strictEqual(yield* Ref.getAndSet(pages, 0), 3)
        const { items } = yield* catalog.products({ sort: "name", limit: 100 })
        assert.deepStrictEqual(ids(products.slice(0, 100)), ids(items))
        yield* Ref.set(pages, 0)
        const orders = yield* Stream.runCollect(ordering.listAll({ customerId }))
        assert.lengthOf([...new Set(ids(orders))], 200)
        assert.isTrue(orders.every((order) => order.customerId === customerId))
        assert.strictEqual(yield* Ref.get(pages), 2)
        assert.lengthOf(yield* Stream.runCollect(ordering.listAll()), 201)
        const soldOut = yield* Stream.runCollect(catalog.allProducts({ inStock: false }))
        assert.lengthOf(soldOut, 124)
        const category = yield* catalog.createCategory({ name: "Tea" })
        assert.strictEqual((yield* Stream.runCollect(catalog.allCategories())).at(-1)?.id, category.id)
      }).pipe(Effect.provideContext(services))
    })
  )

  it.effect("asks for a page only when one of its rows is needed", () =>
    Effect.gen(function* () {
      const { pages, services } = yield* shop
      yield* Effect.gen(function* () {
        const { ordering } = yield* filled(1, 250)
        const asked = Effect.fnUntraced(function* (rows: number) {
          yield* Ref.set(pages, 0)
          yield* Stream.runDrain(Stream.take(ordering.listAll(), rows))
          return yield* Ref.get(pages)
        })
        assert.deepStrictEqual(
          [yield* asked(0), yield* asked(1), yield* asked(100), yield* asked(101), yield* asked(251)],
          [0, 1, 1, 2, 3]
        )
      }).pipe(Effect.provideContext(services))
    })
  )

  it.effect("fails for a filter that is wrong, and for members of a page", () =>
    Effect.gen(function* () {
      const { services } = yield* shop
      yield* Effect.gen(function* () {
        const [catalog, orders] = [yield* Catalog, yield* Orders]
        const paths = <A>(stream: Stream.Stream<A, { readonly _tag: string }>) =>
          Effect.map(Effect.flip(Stream.runDrain(stream)), (error) =>
            "errors" in error
              ? (error.errors as ReadonlyArray<{ path: string }>).map(({ path }) => path)
              : error._tag
          )
        assert.deepStrictEqual(yield* paths(orders.listAll({ customerId: "" })), ["/customerId"])
        assert.deepStrictEqual(yield* paths(orders.listAll({ limit: 5 } as never)), ["/limit"])
        assert.deepStrictEqual(yield* paths(catalog.allProducts({ sort: "stock" as never })), ["/sort"])
        assert.deepStrictEqual(yield* paths(catalog.allProducts({ cursor: "x" } as never)), ["/cursor"])
      }).pipe(Effect.provideContext(services))
    })
  )
})
