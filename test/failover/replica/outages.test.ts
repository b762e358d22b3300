import { execFile } from "node:child_process"
import path from "node:path"
import { setTimeout } from "node:timers/promises"
import { assert, describe } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Commerce } from "../../../src/promise/index.ts"
import { nameOf } from "../Name.ts"
import { isInstalled, standbyOf, until } from "../PostgresServer.ts"
import { failover } from "../support.ts"
import { adminOf, ask, customerOf, newProduct, openServer } from "./Shops.ts"
import { answered, caughtUp, gaugeOf, type Pair, pair, urlText } from "./support.ts"

/** The bound of the lag, in milliseconds. */
const bound = 1_000

const main = path.join(import.meta.dirname, "../../../src/cli/main.ts")

/** What the doctor says of the replica. */
const doctorOn = async ({ server, standby }: Pair) => {
  const env = {
    PATH: process.env.PATH,
    JWT_SECRET: "k3J9zQ1xW8vB5nM2pL7rT4yU6iO0aSdF",
    DATABASE_URL: urlText(server),
    DATABASE_REPLICA_URL: urlText(standby),
    DATABASE_REPLICA_MAX_LAG: "1 second"
  }
  const text = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, "doctor"],
      { env },
      (error, out, err) => (error === null ? resolve(out) : reject(new Error(out + err)))
    )
  )
  return text.split("\n").filter((line) => /replica/i.test(line))
}

const untilGauge = async (name: string, isWanted: (value: number | undefined) => boolean) => {
  for (let waited = 0; ; waited += 20) {
    const value = await Effect.runPromise(gaugeOf(name))
    if (isWanted(value)) return
    if (waited > 30_000) assert.fail(`${name} is ${value}`)
    await setTimeout(20)
  }
}

const inUse = () => untilGauge("commerce_replica_in_use", (value) => value === 1)
const leftOut = () => untilGauge("commerce_replica_in_use", (value) => value === 0)

interface Feed {
  readonly items: ReadonlyArray<{ readonly position: string }>
  readonly nextPosition: string | null
}

interface Listed {
  readonly items: ReadonlyArray<{ readonly id: string }>
}

/** Visitors, a customer, an admin and a reader of the feed, until they are stopped. Each answer is checked. */
const traffic = async (commerce: Commerce) => {
  const product = await newProduct(commerce)
  const [admin, customer] = [await adminOf(commerce), await customerOf(commerce)]
  const since = new Map<number, number>([[1, performance.now()]])
  const events: Array<string> = []
  let isStopped = false
  let [reads, slowest, oldest] = [0, 0, 0]

  const timed = async <A>(read: () => Promise<A>): Promise<A> => {
    const begun = performance.now()
    const answer = await read()
    reads += 1
    slowest = Math.max(slowest, performance.now() - begun)
    return answer
  }
  const loop = async (pause: number, run: () => Promise<unknown>) => {
    while (!isStopped) {
      await run()
      await setTimeout(pause)
    }
  }
  let amount = 1
  const visit = async () => {
    const begun = performance.now()
    const { body } = await timed(() => ask<typeof product>(commerce, "GET", `/products/${product.id}`))
    const next = since.get(body.price.amount + 1)
    if (next !== undefined) oldest = Math.max(oldest, begun - next)
  }
  const readFeed = async (limit: number) => {
    const after = events.at(-1)
    const query = after === undefined ? "" : `&after=${after}`
    const { body } = await timed(() =>
      ask<Feed>(commerce, "GET", `/feed?limit=${limit}${query}`, { token: admin })
    )
    events.push(...body.items.map(({ position }) => position))
    return body.items.length
  }
  const loops = [
    loop(20, async () => {
      await commerce.catalog.changeProduct({
        productId: product.id,
        price: { amount: amount + 1, currency: "EUR" }
      })
      amount += 1
      since.set(amount, performance.now())
    }),
    loop(2, visit),
    loop(2, visit),
    loop(5, () => timed(() => ask(commerce, "GET", "/products?limit=5"))),
    loop(30, () => timed(() => ask(commerce, "GET", "/analytics/summary", { token: admin }))),
    loop(5, () => readFeed(10)),
    loop(5, async () => {
      const body = { items: [{ productId: product.id, quantity: 1 }] }
      const placed = await ask<{ id: string }>(commerce, "POST", "/orders", { token: customer, body })
      const { position } = placed
      const listed = await timed(() =>
        ask<Listed>(commerce, "GET", "/orders?limit=1", { token: customer, position })
      )
      assert.strictEqual(listed.body.items[0]?.id, placed.body.id)
    })
  ]
  const all = Promise.all(loops)
  // A failure is seen where the loops are awaited.
  all.catch(() => {})
  return async () => {
    isStopped = true
    await all
    for (let found = 1; found > 0; ) found = await readFeed(100)
    const whole: Array<string> = []
    for await (const { position } of commerce.orders.follow({ every: "10 millis" })) {
      whole.push(position)
      if (whole.length >= events.length) break
    }
    assert.deepStrictEqual(events, whole)
    return { reads, slowest, oldest, events: events.length }
  }
}

describe.skipIf(!isInstalled)("a replica (needs Debian's postgresql)", () => {
  failover(
    "that is frozen, killed, late, started again or promoted fails no read, and none is older than the bound [D8]",
    Effect.gen(function* () {
      const both = yield* pair()
      const { server, standby } = both
      const commerce = yield* openServer(both, bound)
      yield* Effect.promise(async () => {
        const stop = await traffic(commerce)
        const measure = async () => {
          const before = (await Effect.runPromise(answered)).replica
          await setTimeout(500)
          return (await Effect.runPromise(answered)).replica - before
        }
        await inUse()
        assert.isAbove(await measure(), 10)
        const [healthy] = await doctorOn(both)
        assert.match(healthy ?? "", /^ok +The replica lags by [01]\.\d s$/)

        standby.machine.freeze()
        await leftOut()
        assert.strictEqual(await measure(), 0)
        // Connections that are silent for longer are closed anyway.
        await setTimeout(6_000)
        standby.machine.wake()
        await inUse()

        await standby.sql("SELECT pg_wal_replay_pause()")
        await leftOut()
        await untilGauge(
          "commerce_replica_lag_seconds",
          (lag) => lag !== undefined && lag > 2 * (bound / 1000)
        )
        assert.strictEqual(await measure(), 0)
        const [late] = await doctorOn(both)
        assert.match(late ?? "", /^warning +The replica lags by more than 1 s, so it is left out/)
        // The recovery that goes on may cancel this statement too.
        await standby.sql("SELECT pg_wal_replay_resume()").catch(() => {})
        await inUse()

        await standby.machine.kill()
        await leftOut()
        const [gone] = await doctorOn(both)
        assert.match(gone ?? "", /^warning +DATABASE_REPLICA_URL: the replica cannot be examined/)
        await standby.start()
        await inUse()
        assert.isAbove(await measure(), 10)

        await until(server, caughtUp, "t").catch(() => {})
        await standby.promote()
        await leftOut()
        assert.strictEqual(await measure(), 0)
        const [promoted] = await doctorOn(both)
        assert.match(
          promoted ?? "",
          /^warning +The replica is left out: it is not a standby: it was promoted/
        )
        await setTimeout(2 * bound)
        assert.strictEqual(await measure(), 0)

        const figures = await stop()
        const counts = await Effect.runPromise(answered)
        console.log(
          `outages of a replica: ${figures.reads} reads without an error, the slowest ${Math.round(figures.slowest)} ms, the oldest answer ${Math.round(figures.oldest)} ms old; ` +
            `${figures.events} events read; answered by the replica ${counts.replica}, by the primary ${counts.primary}, after a failure ${counts.afterFailure}`
        )
        assert.isAtMost(figures.oldest, bound)
        assert.isBelow(figures.slowest, 5_000)
        assert.isAbove(counts.afterFailure, 0)
        assert.deepStrictEqual((await commerce.verify()).violations, [])
      })
    })
  )

  failover(
    "behind a name that leads to a second one with older data is read only where it was asked [D8]",
    Effect.gen(function* () {
      const { server, standby } = yield* pair()
      const late = yield* standbyOf(server)
      const name = yield* nameOf(standby)
      const commerce = yield* openServer({ server, standby: { ...standby, url: name.url } }, bound)
      yield* Effect.promise(async () => {
        const { id } = await newProduct(commerce)
        await until(late, `SELECT count(*) FROM commerce.products WHERE id = '${id}'`, "1")
        await late.sql("SELECT pg_wal_replay_pause()")
        await commerce.catalog.changeProduct({ productId: id, name: "cup" })
        const before = (await Effect.runPromise(answered)).replica
        while ((await Effect.runPromise(answered)).replica === before) {
          await commerce.replica.catalog.product(id)
          await setTimeout(20)
        }
        await setTimeout(2 * bound)
        name.pointTo(late)
        for (let round = 0; round < 40; round++) {
          // Different reads, so that each needs a connection.
          const pages = Array.from({ length: 8 }, (_, n) =>
            commerce.replica.catalog.products({ limit: n + 1 })
          )
          for (const { items } of await Promise.all(pages)) assert.strictEqual(items[0]?.name, "cup")
          await setTimeout(20)
        }
      })
    })
  )

  failover(
    "that does not follow the primary is never read: another server, another database, another timeline [D8]",
    Effect.gen(function* () {
      const [one, two] = [yield* pair(), yield* pair()]
      const promoted = yield* standbyOf(one.server)
      const other = { ...one.standby, url: Redacted.make(urlText(one.standby).replace(/postgres$/, "other")) }
      yield* Effect.promise(async () => {
        await one.server.sql("CREATE DATABASE other TEMPLATE postgres", "template1")
        await until(one.server, caughtUp, "t")
        await until(one.standby, "SELECT count(*) FROM pg_database WHERE datname = 'other'", "1")
        await promoted.promote()
      })
      const before = (yield* answered).replica
      const strangers: ReadonlyArray<Pair> = [
        { server: one.server, standby: two.standby },
        { server: one.server, standby: one.server },
        { server: one.server, standby: other },
        { server: promoted, standby: one.standby }
      ]
      for (const stranger of strangers) {
        const commerce = yield* openServer(stranger, 5_000)
        yield* Effect.promise(async () => {
          const { id } = await newProduct(commerce)
          for (let round = 0; round < 40; round++) {
            await commerce.replica.catalog.product(id)
            await setTimeout(25)
          }
        })
      }
      assert.strictEqual((yield* answered).replica, before)
    })
  )
})
