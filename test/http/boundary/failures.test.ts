import { Effect, Layer, Option } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { AnalyticsStore } from "../../../src/ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { HasherBusy, StoreUnavailable } from "../../../src/ports/errors.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { PasswordHasher } from "../../../src/ports/PasswordHasher.ts"
import { StoreHealth } from "../../../src/ports/Stores.ts"
import { expectProblem, ok } from "../support/Expect.ts"
import { newProduct } from "../support/Given.ts"
import { newEmail, open } from "../support/Shop.ts"

const secret = "SELECT * FROM commerce.accounts -- /srv/shop/secret.ts:7"

/** The memory store, with something else in place of some of its parts. */
const but = <A>(broken: Layer.Layer<A, never, never>) => Layer.provideMerge(broken, Memory.layer)

const dies = () => Effect.die(new Error(secret))

const bug = but(
  Layer.succeed(
    AnalyticsStore,
    AnalyticsStore.of({ orderTotals: dies, dateRange: dies, orderTotalsFrom: dies, bestSellers: dies })
  )
)

describe("A bug", () => {
  const shop = open({ stores: bug })
  const summary = (headers = {}) => shop.admin.get("/analytics/summary", headers)

  test("is answered with 500, which tells nothing", async () => {
    const answer = await summary()
    expectProblem(answer, 500, "internal")
    expect(answer.text).not.toContain("SELECT")
    expect([...answer.headers.values()].join()).not.toContain("SELECT")
  })

  test("is logged with its cause and the id of the request", async () => {
    const answer = await summary({ "x-request-id": "bug-17" })
    expect(answer.headers.get("x-request-id")).toBe("bug-17")
    const entry = shop.logs().find((line) => line.includes("bug-17"))
    expect(JSON.parse(entry ?? "{}")).toMatchObject({ level: "ERROR", annotations: { requestId: "bug-17" } })
    expect(entry).toContain(secret)
    expect(entry).toContain("failures.test.ts")
  })

  test("in one request does no harm to others", async () => {
    const [broken, listed] = await Promise.all([summary(), shop.nobody.get("/products")])
    expect([broken.status, listed.status]).toEqual([500, 200])
  })
})

const nonsense = but(
  Layer.effect(
    CatalogStore,
    Effect.map(CatalogStore, (store) => ({
      ...store,
      product: (id) =>
        Effect.map(
          store.product(id),
          Option.map((product) => ({ ...product, stock: -1 }))
        )
    }))
  ).pipe(Layer.provide(Memory.layer))
)

describe("An answer that is not what the contract says", () => {
  const shop = open({ stores: nonsense })

  test("is a bug", async () => {
    const { id } = await newProduct(shop)
    expectProblem(await shop.nobody.get(`/products/${id}`), 500, "internal")
    expect(shop.logs().join()).toContain("stock")
  })
})

const down = Effect.fail(new StoreUnavailable({ outcome: "notApplied", cause: new Error(secret) }))

const unanswered = Effect.fail(new StoreUnavailable({ outcome: "unknown", cause: new Error(secret) }))
const orderOfOne = { items: [{ productId: "0197f3a0-0000-7000-8000-000000000000", quantity: 1 }] }

const outage = but(
  Layer.mergeAll(
    Layer.effect(
      OrderStore,
      Effect.map(OrderStore, (store) => ({ ...store, place: () => unanswered }))
    ).pipe(Layer.provide(Memory.layer)),
    Layer.succeed(StoreHealth, StoreHealth.of({ check: down, clockOffset: down })),
    Layer.effect(
      CatalogStore,
      Effect.map(CatalogStore, (store) => ({ ...store, products: () => down, addCategory: () => down }))
    ).pipe(Layer.provide(Memory.layer))
  )
)

describe("An outage of the store", () => {
  const shop = open({ stores: outage })

  test("is answered with 503 and when to try again, and tells nothing", async () => {
    for (const answer of [
      await shop.nobody.get("/products"),
      await shop.admin.post("/categories", { name: "Mugs" }),
      await shop.nobody.get("/health/ready")
    ]) {
      expectProblem(answer, 503, "unavailable")
      expect(answer.text).not.toContain("SELECT")
    }
  })

  test("says whether anything was applied", async () => {
    const nothing = await shop.nobody.get("/products")
    expect(nothing.body).toMatchObject({ outcome: "notApplied" })
    const unknown = await shop.admin.post("/orders", orderOfOne)
    expectProblem(unknown, 503, "unavailable")
    expect(unknown.body).toMatchObject({ outcome: "unknown" })
  })

  test("is logged with its cause and the id of the request", async () => {
    for (const path of ["/products", "/health/ready"]) {
      const id = `outage${path.replaceAll("/", ".")}`
      expectProblem(await shop.nobody.get(path, { "x-request-id": id }), 503, "unavailable")
      const entry = shop.logs().find((line) => line.includes(id))
      expect(JSON.parse(entry ?? "{}")).toMatchObject({ level: "ERROR", annotations: { requestId: id } })
      expect(entry).toContain(secret)
    }
  })

  test("is no reason to restart the process", async () => {
    expect(await ok(shop.nobody.get("/health/live"))).toEqual({ status: "ok" })
  })
})

const busy = Layer.succeed(
  PasswordHasher,
  PasswordHasher.of({
    hash: () => Effect.fail(new HasherBusy()),
    verify: () => Effect.fail(new HasherBusy())
  })
)

describe("Too many passwords at once", () => {
  const shop = open({ stores: Memory.layer, hasher: busy })

  test("are answered with 503 and when to try again", async () => {
    const body = { email: newEmail(), password: "long enough" }
    expectProblem(await shop.nobody.post("/auth/register", body), 503, "unavailable")
  })
})
