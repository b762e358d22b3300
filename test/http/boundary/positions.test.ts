import { Context, Effect, Layer } from "effect"
import { beforeEach, describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { type LogPosition, offsetOf } from "../../../src/domain/shared/LogPosition.ts"
import { Authenticate, CorsOrigins } from "../../../src/http/index.ts"
import { AnalyticsStore } from "../../../src/ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { StoreUnavailable } from "../../../src/ports/errors.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { ReadPreference, Replication } from "../../../src/ports/ReadPreference.ts"
import { endpoints } from "../support/Endpoints.ts"
import { expectProblem, ok } from "../support/Expect.ts"
import { newProduct } from "../support/Given.ts"
import { open } from "../support/Shop.ts"

const header = "commerce-position"
const position = "A/B1" as LogPosition

/** What reads of the stores have preferred. */
const preferences = new Set<ReadPreference>()

const spied = <Store extends object>(store: Store): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, method]) => [
      name,
      (...args: ReadonlyArray<unknown>) =>
        Effect.flatMap(ReadPreference, (preference) => {
          preferences.add(preference)
          return method(...args)
        })
    ])
  ) as Store

let isDown = false
const present = Effect.suspend(() =>
  isDown
    ? Effect.fail(new StoreUnavailable({ outcome: "notApplied", cause: new Error("down") }))
    : Effect.succeed(position)
)

/** Stores in memory that say that they have a replica. */
const stores = Layer.effectContext(
  Effect.gen(function* () {
    const context = yield* Effect.context<CatalogStore | OrderStore | AnalyticsStore>()
    return Context.make(CatalogStore, spied(Context.get(context, CatalogStore))).pipe(
      Context.add(OrderStore, spied(Context.get(context, OrderStore))),
      Context.add(AnalyticsStore, spied(Context.get(context, AnalyticsStore))),
      Context.add(Replication, { hasReplica: true, position: present })
    )
  })
).pipe(Layer.provideMerge(Memory.layer))

const reads = ["/categories", "/products", "/products/{id}", "/orders", "/feed"]
const reports = ["/analytics/summary", "/analytics/sales?interval=day", "/analytics/top-products"]

const preferred = () => {
  const [preference, ...others] = preferences
  expect(others).toEqual([])
  return preference
}

describe("With a replica", () => {
  const shop = open({ stores, exposure: Layer.succeed(CorsOrigins, ["https://shop.example"]) })
  let pathOf: (path: string) => string
  beforeEach(async () => {
    isDown = false
    const { id } = await newProduct(shop)
    pathOf = (path) => path.replace("{id}", id)
    preferences.clear()
  })

  test.each(["/categories", "/products", "/products/{id}"])(
    "visitors may read GET %s there",
    async (path) => {
      await ok(shop.nobody.get(pathOf(path)))
      expect(preferred()).toBe("replica")
    }
  )

  test.each(["/categories", "/products", "/products/{id}", "/orders"])(
    "accounts read GET %s at the primary, unless they say what they must see [D7]",
    async (path) => {
      for (const caller of [shop.admin, await shop.newCustomer()]) {
        preferences.clear()
        await ok(caller.get(pathOf(path)))
        expect(preferred()).toBe("primary")
        preferences.clear()
        await ok(caller.get(pathOf(path), { [header]: position }))
        expect(preferred()).toEqual({ replicaAfter: position })
      }
    }
  )

  test.each(["/feed", ...reports])("admins may read GET %s there, after what they say", async (path) => {
    await ok(shop.admin.get(path))
    expect(preferred()).toBe("replica")
    preferences.clear()
    await ok(shop.admin.get(path, { [header]: position }))
    expect(preferred()).toEqual({ replicaAfter: position })
  })

  test("all endpoints that take a position are these", () => {
    const declared = Object.entries(endpoints).flatMap(([call, endpoint]) =>
      "replicated" in endpoint ? [call] : []
    )
    expect(declared.sort()).toEqual([...reads, ...reports].map((path) => `GET ${path.split("?")[0]}`).sort())
  })

  test.each([...reads, ...reports])("GET %s refuses a position that is none", async (path) => {
    for (const wrong of ["", "0", "0/", "a/b", "0/123456789", `${position}, ${position}`, "0/1 ", "latest"]) {
      const answer = await shop.admin.get(pathOf(path), { [header]: wrong })
      // A client may not be able to send blanks at the ends.
      if (wrong === "0/1 ") expect(answer.status).toBe(200)
      else {
        expectProblem(answer, 400, "invalid-request")
        expect(answer.body).toMatchObject({ errors: [{ path: `/${header}` }] })
      }
    }
  })

  test("reads of one order, and of what only the primary has, stay there", async () => {
    const customer = await shop.newCustomer()
    const product = await newProduct(shop, { stock: 1 })
    const order = await customer.post<{ id: string }>("/orders", {
      items: [{ productId: product.id, quantity: 1 }]
    })
    preferences.clear()
    await ok(customer.get(`/orders/${order.body.id}`, { [header]: position }))
    await ok(shop.admin.get("/feed?after=latest"))
    expect(preferences).toContain("primary")
  })

  test("a reader of the feed asks there first, and waits at the primary", async () => {
    const { nextPosition } = await ok(shop.admin.get<{ nextPosition: string }>("/feed?after=latest"))
    preferences.clear()
    const query = nextPosition === null ? "" : `&after=${nextPosition}`
    await ok(shop.admin.get(`/feed?wait=1${query}`, { [header]: position }))
    expect([...preferences]).toEqual([{ replicaAfter: position }, "primary"])
  })

  test("answers to changes, and refusals of changes, have the position; other answers do not", async () => {
    const product = await newProduct(shop, { stock: 1 })
    const customer = await shop.newCustomer()
    const items = [{ productId: product.id, quantity: 1 }]
    const positionOf = ({ headers }: { readonly headers: Headers }) => headers.get(header)
    const placed = await customer.post<{ id: string }>("/orders", { items })
    expect([placed.status, positionOf(placed)]).toEqual([201, position])
    const refused = await customer.post("/orders", { items })
    expect([refused.status, positionOf(refused)]).toEqual([409, position])
    const changed = await shop.admin.patch(`/products/${product.id}`, { name: "Cup" })
    expect([changed.status, positionOf(changed)]).toEqual([200, position])
    for (const other of [
      await customer.post("/orders", { items: "none" }),
      await shop.nobody.post("/orders", { items }),
      await customer.post("/orders/none/expire"),
      await customer.get("/orders"),
      await shop.nobody.get("/products")
    ]) {
      expect(positionOf(other), other.request).toBe(null)
    }
  })

  test("a position that cannot be read lets the primary answer from now on", async () => {
    const product = await newProduct(shop, { stock: 1 })
    const customer = await shop.newCustomer()
    isDown = true
    const { headers, status } = await customer.post("/orders", {
      items: [{ productId: product.id, quantity: 1 }]
    })
    expect(status).toBe(201)
    const furthest = headers.get(header) as LogPosition
    expect(offsetOf(furthest)).toBe(2n ** 64n - 1n)
  })

  test("pages of other origins may send the header, and read it", async () => {
    const origin = "https://shop.example"
    const preflight = await fetch(`${shop.url()}/orders`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": header }
    })
    expect(preflight.headers.get("access-control-allow-headers")?.split(",")).toContain(header)
    const answer = await fetch(`${shop.url()}/products`, { headers: { origin } })
    expect(answer.headers.get("access-control-expose-headers")?.split(",")).toContain(header)
  })
})

describe("With a replica and users of the host", () => {
  const shop = open({
    stores,
    exposure: Layer.succeed(Authenticate, () => Effect.succeed(null))
  })

  test("a cookie is a credential", async () => {
    await newProduct(shop)
    preferences.clear()
    await ok(shop.nobody.get("/products"))
    expect(preferred()).toBe("replica")
    preferences.clear()
    await ok(shop.nobody.get("/products", { cookie: "session=1" }))
    expect(preferred()).toBe("primary")
  })
})

describe("Without a replica", () => {
  const shop = open({ stores: Memory.layer })

  test("answers have no position, and a position changes nothing", async () => {
    const product = await newProduct(shop, { stock: 1 })
    const customer = await shop.newCustomer()
    const placed = await customer.post("/orders", { items: [{ productId: product.id, quantity: 1 }] })
    expect([placed.status, placed.headers.has(header)]).toEqual([201, false])
    const [plain, after] = [
      await customer.get("/orders"),
      await customer.get("/orders", { [header]: position })
    ]
    expect([after.status, after.text]).toEqual([200, plain.text])
    expectProblem(await customer.get("/orders", { [header]: "none" }), 400, "invalid-request")
  })
})
