/** What clients can fill is filled with 20,000 of the longest that they can send, and measured in bytes. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import * as Jose from "../../../src/adapters/jose.ts"
import { layerSettings } from "../../../src/http/index.ts"
import { makeRateLimit } from "../../../src/http/security/RateLimit.ts"
import { TokenIssuer } from "../../../src/ports/TokenIssuer.ts"
import { createCommerce } from "../../../src/promise/index.ts"

const entries = 20_000

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const usedBytes = () => {
  collect()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

/** What is still in memory after the work, in megabytes. `kept` is alive until then. */
const growth = <A, E, R>(kept: object, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = usedBytes()
    yield* work
    const after = usedBytes()
    assert.isObject(kept)
    return (after - before) / 1e6
  })

const timeout = 120_000

describe("Memory that clients can fill", () => {
  it.effect(
    "is bounded for attempts on accounts with the longest emails [A1]",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const attempt = yield* makeRateLimit
          const request = HttpServerRequest.fromWeb(new Request("http://127.0.0.1/auth/login"))
          const from = request.modify({ remoteAddress: Option.some("192.0.2.1") })
          const hostile = Effect.forEach(
            Array.from({ length: entries }, (_, n) => n),
            (n) => Effect.ignore(attempt("log in", from, `${n}${"😀".repeat(240)}@example.com`)),
            { discard: true }
          )
          // 20,000 emails alone would take 20 MB.
          assert.isBelow(yield* growth({ attempt }, hostile), 10)
        })
      ).pipe(Effect.provide(layerSettings({ rateLimit: "100000 per hour" }))),
    timeout
  )

  it.effect(
    "is bounded for tokens",
    () =>
      Effect.gen(function* () {
        const issuer = yield* TokenIssuer
        const hostile = Effect.forEach(
          Array.from({ length: entries }, (_, n) => n),
          Effect.fnUntraced(function* (n) {
            const { token } = yield* issuer.access({ id: crypto.randomUUID() as never, role: "customer" })
            yield* issuer.verify(token)
            yield* Effect.ignore(issuer.verify(`${token}${" ".repeat(n % 1000)}=`))
          }),
          { discard: true }
        )
        assert.isBelow(yield* growth(issuer, hostile), 10)
      }).pipe(
        Effect.provide(Layer.orDie(Jose.layer({ secret: Redacted.make("a secret of at least 32 bytes!!!") })))
      ),
    timeout
  )

  it(
    "is bounded for methods, paths, headers and tokens of requests",
    async () => {
      const commerce = await createCommerce({
        database: { memory: true },
        http: { rateLimit: "5 per hour", requestLimit: "5 per hour" },
        logger: {}
      })
      const series = async () => (await Effect.runPromise(Metric.snapshot)).length
      const ask = async (n: number) => {
        const odd = `${n}${"x".repeat(500)}`
        const response = await commerce.handler(
          new Request(`http://127.0.0.1/${n % 2 === 0 ? odd : `products/${odd}?${odd}=1`}`, {
            method: n % 5 === 0 ? `M${n}` : "GET",
            headers: { authorization: `Bearer ${odd}`, "x-request-id": odd, "idempotency-key": odd }
          }),
          { remoteAddress: `10.${(n >> 14) & 127}.${(n >> 7) & 127}.${n & 127}` }
        )
        await response.text()
      }
      for (let n = 0; n < 1000; n++) await ask(n)
      const [before, known] = [usedBytes(), await series()]
      for (let n = 1000; n < entries; n++) await ask(n)
      assert.isBelow((usedBytes() - before) / 1e6, 15)
      assert.strictEqual(await series(), known)
      await commerce.close()
    },
    timeout
  )
})
