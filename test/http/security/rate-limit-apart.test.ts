import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { AuthRateLimit, makeRateLimit } from "../../../src/http/security/RateLimit.ts"

const login = HttpServerRequest.fromWeb(new Request("http://shop.example/auth/login", { method: "POST" }))

const from = (n: number) =>
  login.modify({ remoteAddress: Option.some(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`) })

it.effect("attempts on an account are remembered, however many other addresses try their luck [A1]", () =>
  Effect.gen(function* () {
    const attempt = yield* makeRateLimit
    const onTarget = (n: number) => Effect.result(attempt("log in", from(n), "ada@example.com"))
    for (let n = 0; n < 3; n++) assert.strictEqual((yield* onTarget(n))._tag, "Success")
    for (let n = 100; n < 20_200; n++) yield* attempt("refresh", from(n))
    assert.strictEqual((yield* onTarget(70_000))._tag, "Failure")
  }).pipe(Effect.provideService(AuthRateLimit, { limit: 3, window: "1 hour" }), Effect.scoped)
)

it.effect("an address is remembered, however many accounts it tries through other addresses [A1]", () =>
  Effect.gen(function* () {
    const attempt = yield* makeRateLimit
    const fromTarget = (n: number) => Effect.result(attempt("log in", from(1), `${n}@example.com`))
    for (let n = 0; n < 3; n++) assert.strictEqual((yield* fromTarget(n))._tag, "Success")
    for (let n = 100; n < 20_050; n++)
      yield* attempt("log in", from(n % 15_000), `${n}@example.org`).pipe(Effect.ignore)
    assert.strictEqual((yield* fromTarget(4))._tag, "Failure")
  }).pipe(Effect.provideService(AuthRateLimit, { limit: 3, window: "1 hour" }), Effect.scoped)
)
