import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import * as Jose from "../../src/adapters/jose.ts"
import * as Memory from "../../src/adapters/memory/index.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { PasswordHasher } from "../../src/ports/PasswordHasher.ts"
import { Accounts } from "../../src/services/Accounts.ts"

const plain = Layer.succeed(
  PasswordHasher,
  PasswordHasher.of({
    hash: (password) => Effect.sync(() => `plain ${Redacted.value(password)}`),
    verify: (password, hash) => Effect.sync(() => hash === `plain ${Redacted.value(password)}`)
  })
)

const accounts = Accounts.layer().pipe(
  Layer.provide([
    Memory.layer,
    plain,
    Jose.layer({ secret: Redacted.make("a secret of 32 bytes or more, for tests") })
  ])
)

/** One password as three systems type it: composed, decomposed, and with spaces of other kinds. */
const spellings = ["Pässwörd für mich", "Pässwörd für mich".normalize("NFD"), "Pässwörd\u00a0für\u3000mich"]

describe("a password", () => {
  for (const [i, registered] of spellings.entries()) {
    for (const typed of spellings) {
      it.effect(`registered as ${JSON.stringify(registered)} logs in as ${JSON.stringify(typed)}`, () =>
        Effect.gen(function* () {
          const service = yield* Accounts
          const email = `${i}@example.com`
          const { id: accountId } = yield* service.register({ email, password: registered })
          assert.strictEqual((yield* service.login({ email, password: typed })).tokenType, "Bearer")
          const newPassword = `${registered} neu`
          yield* service.changePassword({ accountId, currentPassword: typed, newPassword })
          yield* service.login({ email, password: `${typed} neu` })
          const old = yield* Effect.flip(service.login({ email, password: typed }))
          assert.strictEqual(old._tag, "InvalidCredentials")
        }).pipe(Effect.provide(accounts))
      )
    }
  }

  it.effect(
    "is hashed again at the next login if new hashes have other parameters, and sessions go on [L5]",
    () => {
      const hashed: Array<string> = []
      /** Hashes of another cost than `cost` are to be renewed. */
      const costing = (cost: number) =>
        Layer.succeed(
          PasswordHasher,
          PasswordHasher.of({
            hash: (password) =>
              Effect.sync(() => {
                hashed.push(Redacted.value(password))
                return `${cost} ${Redacted.value(password)}`
              }),
            verify: (password, hash) => Effect.sync(() => hash.endsWith(` ${Redacted.value(password)}`)),
            needsRehash: (hash) => !hash.startsWith(`${cost} `)
          })
        )
      const at = (cost: number) =>
        Accounts.layer().pipe(
          Layer.provide([
            costing(cost),
            Jose.layer({ secret: Redacted.make("a secret of 32 bytes or more, for tests") })
          ])
        )
      const ann = { email: "ann@example.com", password: "long enough" }
      return Effect.gen(function* () {
        const store = yield* AccountStore
        const before = yield* Effect.gen(function* () {
          const service = yield* Accounts
          yield* service.register(ann)
          return yield* service.login(ann)
        }).pipe(Effect.provide(at(8)))
        hashed.length = 0
        yield* Effect.gen(function* () {
          const service = yield* Accounts
          yield* Effect.flip(service.login({ ...ann, password: "wrong enough" }))
          assert.notInclude(hashed, ann.password)
          yield* service.login(ann)
          const known = yield* store.credentials(ann.email)
          assert.strictEqual(Option.getOrThrow(known).passwordHash, "12 long enough")
          yield* service.login(ann)
          assert.deepStrictEqual(
            hashed.filter((password) => password === ann.password),
            [ann.password]
          )
          yield* service.refresh(before.refreshToken)
        }).pipe(Effect.provide(at(12)))
      }).pipe(Effect.provide(Memory.layer))
    }
  )

  it.effect("belongs to an address however invisible characters spell it", () =>
    Effect.gen(function* () {
      const service = yield* Accounts
      yield* service.register({ email: "ann@example.com", password: "long enough" })
      const taken = yield* Effect.flip(
        service.register({ email: "ＡＮＮ@example.com", password: "long enough" })
      )
      assert.strictEqual(taken._tag, "EmailTaken")
      const refused = yield* Effect.flip(
        service.register({ email: "an\u200bn@example.com", password: "long enough" })
      )
      assert.strictEqual(refused._tag, "InvalidInput")
      yield* service.login({ email: "an\u200bn@example.com", password: "long enough" })
    }).pipe(Effect.provide(accounts))
  )
})
