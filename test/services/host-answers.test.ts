/** What the services do when a function of the host returns what its type forbids. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Redacted, References } from "effect"
import * as Bcrypt from "../../src/adapters/bcrypt.ts"
import * as Jose from "../../src/adapters/jose.ts"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import { PasswordHasher } from "../../src/ports/PasswordHasher.ts"
import { type Charge, PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { TokenIssuer } from "../../src/ports/TokenIssuer.ts"
import { layerClock, layerLogger } from "../../src/promise/Host.ts"
import { Accounts } from "../../src/services/Accounts.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { WrongAnswer } from "../../src/services/HostAnswer.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { newProduct, orderOf } from "../support/host.ts"

const wrongAnswerIn = (exit: Exit.Exit<unknown, unknown>): WrongAnswer => {
  assert.isTrue(Exit.isFailure(exit))
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  assert.instanceOf(error, WrongAnswer)
  return error as WrongAnswer
}

describe("a gateway", () => {
  it.effect.each<readonly [string, () => unknown]>([
    ["a promise", () => Promise.resolve(false)],
    ["a promise", () => Promise.reject(new Error("no connection"))],
    ["undefined", () => undefined],
    ["string", () => "no"],
    ["null", () => null]
  ])("whose `accepts` returns %s is a bug, and nothing is charged", ([kind, accepts]) => {
    const charges: Array<Charge> = []
    const gateway = Layer.succeed(PaymentGateway, {
      accepts: accepts as never,
      charge: (charge: Charge) => Effect.sync(() => charges.push(charge)).pipe(Effect.as("APPROVED" as const))
    })
    const services = Layer.mergeAll(Catalog.layer, Orders.layer, Payments.layer()).pipe(
      Layer.provide(gateway),
      Layer.provide(memory)
    )
    return Effect.gen(function* () {
      const product = yield* newProduct(1)
      const order = yield* (yield* Orders).place(orderOf(product.id))
      const payments = yield* Payments
      const exit = yield* Effect.exit(payments.pay({ orderId: order.id, paymentMethod: "card" }))
      assert.strictEqual(
        wrongAnswerIn(exit).message,
        `PaymentGateway.accepts returned ${kind}: expected true or false`
      )
      assert.deepStrictEqual([charges, yield* payments.list(order.id)], [[], []])
    }).pipe(Effect.provide(services))
  })
})

const secret = Redacted.make("a secret of at least 32 bytes for tests")
const password = "a long password"

describe("accounts", () => {
  const using = (wrong: { readonly hasher?: object; readonly tokens?: object }) => {
    const right = Layer.merge(Bcrypt.layer({ cost: 4 }), Layer.orDie(Jose.layer({ secret })))
    const hasher = Layer.effect(
      PasswordHasher,
      Effect.map(PasswordHasher, (port) => ({ ...port, ...wrong.hasher }))
    )
    const tokens = Layer.effect(
      TokenIssuer,
      Effect.map(TokenIssuer, (port) => ({ ...port, ...wrong.tokens }))
    )
    return Accounts.layer().pipe(
      Layer.provide(Layer.merge(hasher, tokens)),
      Layer.provide(right),
      Layer.provide(memory)
    )
  }
  const register = Accounts.use((service) => service.register({ email: "ada@example.com", password }))
  const logIn = Accounts.use((service) =>
    service.login({ email: "ada@example.com", password: "another one" })
  )
  const logInRightly = Accounts.use((service) => service.login({ email: "ada@example.com", password }))

  it.effect.each<readonly [string, Parameters<typeof using>[0], Effect.Effect<unknown, unknown, Accounts>]>([
    ["PasswordHasher.verify", { hasher: { verify: () => Effect.succeed("no") } }, logIn],
    ["PasswordHasher.verify", { hasher: { verify: () => Effect.succeed(Promise.resolve(false)) } }, logIn],
    ["PasswordHasher.verify", { hasher: { verify: () => Effect.succeed({}) } }, logIn],
    ["TokenIssuer.access", { tokens: { access: () => Effect.succeed("token") } }, logInRightly],
    ["TokenIssuer.refresh", { tokens: { refresh: Effect.succeed({ token: "x" }) } }, logInRightly],
    [
      "TokenIssuer.verify",
      {
        tokens: { verify: () => Effect.succeed({ id: "64b87dc1-972d-4882-bab3-9f1eaa53743a", role: "root" }) }
      },
      Accounts.use((service) => service.authenticate("x"))
    ],
    [
      "TokenIssuer.verify",
      { tokens: { verify: () => Effect.succeed(undefined) } },
      Accounts.use((service) => service.authenticate("x"))
    ],
    [
      "TokenIssuer.hashRefresh",
      { tokens: { hashRefresh: () => Promise.resolve("x") } },
      Accounts.use((service) => service.logout("a refresh token of some length"))
    ]
  ])("do not trust %s", ([name, wrong, call]) =>
    Effect.gen(function* () {
      yield* register
      assert.include(wrongAnswerIn(yield* Effect.exit(call)).message, `${name} returned `)
    }).pipe(Effect.provide(using(wrong)))
  )

  it.effect("store no hash that is none", () =>
    Effect.gen(function* () {
      assert.include(
        wrongAnswerIn(yield* Effect.exit(register)).message,
        "PasswordHasher.hash returned undefined"
      )
    }).pipe(Effect.provide(using({ hasher: { hash: () => Effect.succeed(undefined) } })))
  )
})

describe("a clock of the host's", () => {
  it.effect.each<readonly [string, () => unknown]>([
    ["a promise", () => Promise.reject(new Error("no time"))],
    ["string", () => "2026-01-01"],
    ["number", () => Number.NaN],
    ["object", () => new Date(Number.NaN)],
    ["undefined", () => undefined]
  ])("that returns %s is a bug, and nothing is written", ([kind, time]) => {
    const services = Layer.provide(Catalog.layer, memory)
    return Effect.gen(function* () {
      const catalog = yield* Catalog
      const create = Effect.provide(catalog.createCategory({ name: "Mugs" }), layerClock(time as never))
      assert.strictEqual(
        wrongAnswerIn(yield* Effect.exit(create)).message,
        `clock returned ${kind}: expected a Date, or milliseconds since 1970`
      )
      assert.deepStrictEqual((yield* catalog.categories()).items, [])
    }).pipe(Effect.provide(services), Effect.provideService(References.MinimumLogLevel, "None"))
  })
})

describe("a log of the host's", () => {
  it.effect("may return promises that reject", () =>
    Effect.gen(function* () {
      const rejections: Array<unknown> = []
      const onRejection = (reason: unknown) => rejections.push(reason)
      process.on("unhandledRejection", onRejection)
      const logger = { warn: () => Promise.reject(new Error("the log is full")) as never }
      yield* Effect.provide(Effect.logWarning("something"), layerLogger(logger))
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      process.off("unhandledRejection", onRejection)
      assert.deepStrictEqual(rejections, [])
    })
  )
})
