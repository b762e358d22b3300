import { setTimeout as pause } from "node:timers/promises"
import { Layer } from "effect"
import { describe, expect, test, vi } from "vitest"
import { Draining, LongPolling } from "../../../src/http/index.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { faulty } from "../../support/faulty.ts"
import type { Caller } from "../support/Caller.ts"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { advance, historyOf, newOrder, newProduct, orderIn, pay } from "../support/Given.ts"
import { open, suite, type TestShop } from "../support/Shop.ts"
import type { Account, FeedEvent, FeedPage, Tokens } from "../support/Types.ts"

const feed = (caller: Caller, query = "") => ok(caller.get<FeedPage>(`/feed${query}`))

/** Reads to the end, a few events at once. */
const readOn = async (caller: Caller, after: string | null, limit: number) => {
  const read: Array<FeedEvent> = []
  for (let position = after; ; ) {
    const page = await feed(caller, `?limit=${limit}${position === null ? "" : `&after=${position}`}`)
    expect(page.nextPosition).toBe(page.items.at(-1)?.position ?? position)
    if (page.items.length === 0) return read
    read.push(...page.items)
    position = page.nextPosition
  }
}

suite("The feed over HTTP", (shop) => {
  const { admin } = shop

  test("is empty at first, and then there is no position", async () => {
    for (const query of ["", "?after=latest", "?wait=0"]) {
      expect(await feed(admin, query)).toEqual({ items: [], nextPosition: null })
    }
  })

  test("has what the histories have, from any position, in pages of any size", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { stock: 100 })
    const orders = [
      await orderIn("COMPLETED", shop, customer, [mug, 1]),
      await orderIn("FAILED", shop, customer, [mug, 1]),
      await orderIn("CREATED", shop, customer, [mug, 1])
    ]
    const histories = await Promise.all(
      orders.map(async (order) =>
        (await historyOf(shop, order)).map((event) => ({ ...event, orderId: order.id }))
      )
    )
    const all = await readOn(admin, null, 100)
    expect(all.map(({ position: _, ...event }) => event)).toEqual(histories.flat())
    for (const limit of [1, 2, 3]) expect(await readOn(admin, null, limit)).toEqual(all)
    for (const [index, { position }] of all.entries()) {
      expect(await readOn(admin, position, 100)).toEqual(all.slice(index + 1))
    }
  })

  test("can be read from now on", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    await newOrder(customer, [mug, 1])
    const { items, nextPosition } = await feed(admin, "?after=latest")
    expect(items).toEqual([])
    const later = await newOrder(customer, [mug, 1])
    expect(await readOn(admin, nextPosition, 100)).toMatchObject([{ orderId: later.id, event: "placed" }])
  })

  test("answers a position of no event with 410", async () => {
    const position = "1:4711:01890000-0000-7000-8000-000000000000:1"
    for (const wait of ["", "&wait=1"]) {
      const answer = await admin.get(`/feed?after=${position}${wait}`)
      expectProblem(answer, 410, "position-unknown", { position })
    }
  })

  test("makes nobody wait who may not read it", async () => {
    const customer = await shop.newCustomer()
    expectProblem(await shop.nobody.get("/feed?wait=25"), 401, "unauthenticated")
    expectProblem(await customer.get("/feed?wait=25"), 403, "forbidden")
  })

  test.each([
    ["after=", "/after"],
    ["after=Latest", "/after"],
    ["after=1", "/after"],
    ["limit=0", "/limit"],
    ["limit=101", "/limit"],
    ["wait=26", "/wait"],
    ["wait=-1", "/wait"],
    ["wait=01", "/wait"],
    ["wait=0.5", "/wait"],
    ["wait=", "/wait"],
    ["cursor=x", "/cursor"]
  ])("does not understand %s", async (query, path) => {
    expectFaults(await admin.get(`/feed?${query}`), path)
  })
})

describe("A reader of the feed that waits", () => {
  let polls = 0
  const stores = faulty(OrderStore, (store) => ({
    ...store,
    feed: (after, take) => {
      polls += 1
      return store.feed(after, take)
    }
  }))
  const draining = { isDraining: false }
  const exposure = Layer.mergeAll(
    Layer.succeed(LongPolling, { maxWaiting: 10, every: "50 millis" }),
    Layer.succeed(Draining, draining)
  )
  const shop: TestShop = open({ stores, exposure })
  const { admin } = shop

  /** A request of the admin that can be given up. */
  const leaving = async () => {
    const { email } = await ok(admin.get<Account>("/auth/me"))
    const { password } = admin
    const { accessToken } = await ok(shop.nobody.post<Tokens>("/auth/login", { email, password }))
    const headers = { authorization: `Bearer ${accessToken}` }
    return (query: string, signal: AbortSignal) => fetch(`${shop.url()}/feed${query}`, { headers, signal })
  }

  /** Waits until nobody asks the store any more. */
  const untilQuiet = () =>
    vi.waitFor(
      async () => {
        const before = polls
        await pause(300)
        expect(polls).toBe(before)
      },
      { timeout: 30_000 }
    )

  /** Waits until somebody waits. */
  const untilPolled = () => {
    const before = polls
    return vi.waitFor(() => expect(polls).toBeGreaterThan(before + 1), { timeout: 30_000 })
  }

  test("gets an event as soon as it is there, and every other reader too", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const fromStart = feed(admin, "?wait=25")
    await untilPolled()
    const order = await newOrder(customer, [mug, 1])
    const first = await fromStart
    expect(first.items).toMatchObject([{ orderId: order.id, sequence: 1 }])

    const after = `?after=${first.nextPosition}`
    const readers = ["", "", "&limit=1"].map((more) => feed(admin, `${after}&wait=25${more}`))
    const latest = feed(admin, "?after=latest&wait=25")
    await untilPolled()
    await pay(customer, order)
    for (const page of await Promise.all([...readers, latest])) {
      expect(page.items).toMatchObject([{ orderId: order.id, sequence: 2, event: "paid" }])
      expect(page.nextPosition).toBe(page.items[0]?.position)
    }
    await untilQuiet()
  })

  test("does not wait where there is an event, and gets as many as it wants", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const { nextPosition } = await feed(admin, "?after=latest")
    const order = await orderIn("PAID", shop, customer, [mug, 1])
    await advance(shop, order, "SHIPPED")
    const page = await feed(admin, `?after=${nextPosition}&wait=25&limit=2`)
    expect(page.items.map(({ event }) => event)).toEqual(["placed", "paid"])
  })

  test("gets an empty page and its position if nothing happens", async () => {
    const { nextPosition } = await feed(admin, "?after=latest")
    expect(nextPosition).not.toBeNull()
    const page = await feed(admin, `?after=${nextPosition}&wait=1`)
    expect(page).toEqual({ items: [], nextPosition })
  })

  test("shares its polls with all others at its position", async () => {
    const { nextPosition } = await feed(admin, "?after=latest")
    await untilQuiet()
    const before = polls
    await Promise.all(Array.from({ length: 10 }, () => feed(admin, `?after=${nextPosition}&wait=2`)))
    // Each asks once for itself. Ten who poll for themselves would ask 400 times.
    expect(polls - before).toBeLessThan(200)
    await untilQuiet()
  })

  test("leaves nothing behind when its client goes, and makes room for another", async () => {
    const get = await leaving()
    const client = new AbortController()
    // The request below may take the last place first.
    const wait = async (): Promise<string> => {
      const { status } = await get("?after=latest&wait=25", client.signal)
      return status === 429 ? wait() : "answered"
    }
    const gone = Array.from({ length: 10 }, () => wait().catch(() => "gone"))
    await vi.waitFor(
      async () => {
        const refused = await admin.get("/feed?after=latest&wait=1")
        expectProblem(refused, 429, "too-many-requests")
        expect(refused.headers.get("retry-after")).toBe("1")
      },
      { timeout: 30_000 }
    )
    expect((await feed(admin, "?after=latest")).items).toEqual([])
    client.abort()
    expect(new Set(await Promise.all(gone))).toEqual(new Set(["gone"]))
    await untilQuiet()
    const readers = Array.from({ length: 10 }, () => feed(admin, "?after=latest&wait=1"))
    expect((await Promise.all(readers)).flatMap(({ items }) => items)).toEqual([])
  })

  test("is answered when the server is about to stop, and none waits from then on [D6]", {
    // Less than the 25 seconds after which it would be answered anyway.
    timeout: 20_000
  }, async () => {
    const waiting = Array.from({ length: 5 }, () => feed(admin, "?after=latest&wait=25"))
    await untilPolled()
    draining.isDraining = true
    for (const { items, nextPosition } of await Promise.all(waiting)) {
      expect([items, nextPosition === null]).toEqual([[], false])
    }
    await untilQuiet()
    const before = polls
    expect((await feed(admin, "?after=latest&wait=25")).items).toEqual([])
    expect(polls).toBe(before + 1)
    draining.isDraining = false
  })
})
