import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { blocksOf } from "../../docs/blocks.ts"
import type { FeedEvent, FeedPage } from "../../http/support/Types.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { adminToken, ask, must, newCustomerToken, type Order, serve, stockUp } from "../Api.ts"
import { times } from "../support.ts"

const newDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-commerce-feed-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

/** The interpreter itself: a signal to a shim that starts it would not reach it. */
const python = (() => {
  try {
    return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()
  } catch {
    return undefined
  }
})()

/** The reader of the guide, as it is printed there. */
const program = () => {
  const [block] = blocksOf("docs/feed.md").filter(({ language }) => language === "python")
  return block?.code ?? assert.fail("docs/feed.md has no program")
}

/** What a reader has written down: whole lines only, since it may be writing. */
const linesOf = (file: string): ReadonlyArray<FeedEvent> => {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}

const named = (events: ReadonlyArray<FeedEvent>) =>
  events.map(({ orderId, sequence, event }) => `${orderId} ${sequence} ${event}`)

/** The whole feed, as pages of a hundred. */
const wholeFeed = Effect.fnUntraced(function* (url: string, token: string) {
  const events: Array<FeedEvent> = []
  for (let position: string | null = null; ; ) {
    const path: string = `/feed${position === null ? "" : `?after=${position}`}`
    const page: FeedPage = yield* must<FeedPage>(200, url, { method: "GET", path, token })
    if (page.items.length === 0) return events
    events.push(...page.items)
    position = page.nextPosition
  }
})

describe("the feed over HTTP", () => {
  it.live.skipIf(python === undefined)(
    "is followed by the reader of the guide, which is killed again and again: each event once, in order [O5]",
    () =>
      Effect.gen(function* () {
        const server = yield* serve({ DATABASE_URL: Redacted.value(yield* freshDatabase) })
        const { url } = server
        const token = yield* adminToken(url)
        const products = yield* stockUp(
          url,
          token,
          times(5).map(() => 1000)
        )
        const directory = yield* newDirectory
        const [script, file] = [join(directory, "reader.py"), join(directory, "events.ndjson")]
        writeFileSync(script, program())

        let kills = 0
        /** Starts the reader, kills it a moment after it has read something, and starts it again. */
        const killedAgain = Effect.forever(
          Effect.gen(function* () {
            const before = linesOf(file).length
            const child = spawn(python ?? "", [script], {
              cwd: directory,
              env: { PATH: process.env.PATH, SHOP: url, TOKEN: token },
              stdio: "ignore"
            })
            const end = once(child, "exit")
            yield* Effect.sleep("5 millis").pipe(
              Effect.repeat({ while: () => linesOf(file).length === before }),
              Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => Effect.void }),
              Effect.andThen(Effect.sleep((kills * 37) % 200)),
              Effect.ensuring(Effect.sync(() => child.kill("SIGKILL")))
            )
            yield* Effect.promise(() => end)
            kills += 1
            // As if it had been killed in the middle of a line.
            if (kills % 2 === 0) appendFileSync(file, '{"sequence": 1, "ev')
          })
        )
        const reading = yield* Effect.forkChild(killedAgain)

        const customers = yield* Effect.all(times(6).map(() => newCustomerToken(url)))
        const buy = Effect.fnUntraced(function* (customer: string, n: number) {
          const product = products[n % products.length]
          const items = [{ productId: product?.id, quantity: 1 }]
          const order = yield* must<Order>(201, url, {
            method: "POST",
            path: "/orders",
            token: customer,
            body: { items }
          })
          const paymentMethod = n % 4 === 0 ? "sim_decline" : "sim_approve"
          yield* must(201, url, {
            method: "POST",
            path: `/orders/${order.id}/payments`,
            token: customer,
            body: { paymentMethod }
          })
          if (n % 2 === 1) {
            yield* must(200, url, {
              method: "PATCH",
              path: `/orders/${order.id}`,
              token,
              body: { status: "SHIPPED" }
            })
          }
          return n % 2 === 1 ? 3 : 2
        })
        const counts = yield* Effect.forEach(
          customers,
          (customer, i) => Effect.forEach(times(20), (n) => buy(customer, i + n)),
          { concurrency: "unbounded" }
        )
        const expected = counts.flat().reduce((sum, count) => sum + count, 0)

        yield* Effect.sleep("50 millis").pipe(
          Effect.repeat({ while: () => linesOf(file).length < expected }),
          Effect.timeoutOrElse({ duration: "60 seconds", orElse: () => Effect.void })
        )
        yield* Fiber.interrupt(reading)
        const read = linesOf(file)
        const feed = yield* wholeFeed(url, token)
        assert.lengthOf(feed, expected)
        assert.deepStrictEqual(named(read), named(feed))
        assert.strictEqual(new Set(named(read)).size, expected)
        for (const id of new Set(read.map(({ orderId }) => orderId))) {
          const own = read.filter(({ orderId }) => orderId === id)
          assert.deepStrictEqual(
            own.map(({ sequence }) => sequence),
            own.map((_, index) => index + 1)
          )
        }
        assert.isAbove(kills, 3)
        const unknown = yield* ask(url, {
          method: "GET",
          path: `/feed?after=1:1:${read[0]?.orderId}:9`,
          token
        })
        assert.strictEqual(unknown.status, 410)
      }).pipe(Effect.scoped),
    300_000
  )
})
