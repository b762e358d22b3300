import os from "node:os"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import bcrypt from "bcrypt"
import { Cause, Effect, Exit, Fiber, Redacted } from "effect"
import { layer } from "../../src/adapters/bcrypt.ts"
import { HasherBusy } from "../../src/ports/errors.ts"
import { PasswordHasher } from "../../src/ports/PasswordHasher.ts"
import { password } from "../../src/testing/Generators.ts"

const hash = (password: string) => PasswordHasher.use((hasher) => hasher.hash(Redacted.make(password)))
const verify = (password: string, hash: string) =>
  PasswordHasher.use((hasher) => hasher.verify(Redacted.make(password), hash))

/** Lets every fiber go as far as it can. */
const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
})

const machine = (cores: number, threadPoolSize: string | undefined) => {
  vi.spyOn(os, "availableParallelism").mockReturnValue(cores)
  vi.stubEnv("UV_THREADPOOL_SIZE", threadPoolSize)
}

/** Jobs that end only when told to, in place of bcrypt's; `running` lists the passwords on a thread. */
const controlledJobs = () => {
  const running: Array<string> = []
  const ends: Array<() => void> = []
  vi.spyOn(bcrypt, "hash").mockImplementation((password) => {
    running.push(String(password))
    return new Promise<string>((resolve) => {
      ends.push(() => {
        running.splice(running.indexOf(String(password)), 1)
        resolve(`hash of ${password}`)
      })
    })
  })
  return {
    running,
    endOldest: Effect.andThen(
      Effect.sync(() => ends.shift()?.()),
      settle
    )
  }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

describe("bcrypt hashes", () => {
  it.effect.prop(
    "verify the password that they were made of, and no other",
    [password, password],
    ([secret, other]) =>
      Effect.gen(function* () {
        const hashed = yield* hash(secret)
        assert.isTrue(yield* verify(secret, hashed))
        assert.strictEqual(yield* verify(other, hashed), other === secret)
      }).pipe(Effect.provide(layer({ cost: 4 }))),
    { timeout: 300_000, arbitrary: { runs: 50 } }
  )

  it.effect("are salted, and carry a cost of 12 unless told otherwise", () =>
    Effect.gen(function* () {
      assert.match(yield* Effect.provide(hash("password"), layer()), /^\$2b\$12\$.{53}$/)
      const [first, second] = yield* Effect.provide(
        Effect.all([hash("password"), hash("password")]),
        layer({ cost: 5 })
      )
      assert.match(first, /^\$2b\$05\$.{53}$/)
      assert.notStrictEqual(first, second)
    })
  )

  it.effect("are never of a password cut at 72 bytes", () =>
    Effect.gen(function* () {
      const longest = "é".repeat(36)
      assert.isFalse(yield* verify(`${longest}!`, yield* hash(longest)))
      const exit = yield* Effect.exit(hash(`${longest}!`))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    }).pipe(Effect.provide(layer({ cost: 4 })))
  )

  it.effect.each([
    "",
    "$",
    "$2",
    "password",
    "$2b$04$tooshort",
    `$2b$99$${"a".repeat(53)}`,
    `$2b$04$${"a".repeat(54)}`,
    `$3b$04$${"a".repeat(53)}`,
    `$2b$04$${"a".repeat(52)}\0`
  ])("that are malformed verify nothing: %j", (malformed) =>
    Effect.gen(function* () {
      const native = vi.spyOn(bcrypt, "compare")
      assert.isFalse(yield* verify("password", malformed))
      assert.strictEqual(native.mock.calls.length, 0)
    }).pipe(Effect.provide(layer({ cost: 4 })))
  )

  it.effect("of another cost are to be renewed, and a mismatch takes as long as with new ones [L5]", () =>
    Effect.gen(function* () {
      const cheap = yield* Effect.provide(hash("password"), layer({ cost: 4 }))
      yield* Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        const own = yield* hash("password")
        assert.deepStrictEqual(
          [cheap, own, "garbage"].map((one) => hasher.needsRehash?.(one)),
          [true, false, false]
        )
        const compared = vi.spyOn(bcrypt, "compare")
        const hashes = vi.spyOn(bcrypt, "hash")
        const workOf = (attempt: Effect.Effect<boolean, unknown, PasswordHasher>) =>
          Effect.map(attempt, () => {
            const costs = [
              ...compared.mock.calls.map(([, hash]) => Number(String(hash).slice(4, 6))),
              ...hashes.mock.calls.map(([, cost]) => Number(cost))
            ]
            vi.clearAllMocks()
            return costs.reduce((sum, cost) => sum + 2 ** cost, 0)
          })
        assert.strictEqual(yield* workOf(verify("wrong", own)), 2 ** 7)
        assert.strictEqual(yield* workOf(verify("wrong", cheap)), 2 ** 7)
        assert.strictEqual(yield* workOf(verify("password", cheap)), 2 ** 4)
      }).pipe(Effect.provide(layer({ cost: 7 })))
    })
  )

  it.effect.each([3, 16, 4.5, Number.NaN])("are not made at a cost of %d", (cost) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(hash("password"), layer({ cost })))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    })
  )

  it.live("leave the event loop free", () =>
    Effect.gen(function* () {
      let ticks = 0
      const timer = setInterval(() => ticks++, 5)
      yield* verify("password", yield* hash("password"))
      clearInterval(timer)
      assert.isAbove(ticks, 5)
    }).pipe(Effect.provide(layer({ cost: 11 })))
  )
})

describe("bcrypt jobs", () => {
  it.live.each([
    { cores: 8, threadPoolSize: undefined, atOnce: 3 },
    { cores: 8, threadPoolSize: "6", atOnce: 5 },
    { cores: 2, threadPoolSize: "6", atOnce: 2 },
    { cores: 8, threadPoolSize: "1", atOnce: 1 },
    { cores: 8, threadPoolSize: "many", atOnce: 1 },
    { cores: 1, threadPoolSize: undefined, atOnce: 1 }
  ])("leave a thread and the cores alone: $atOnce of $cores cores and $threadPoolSize threads", (given) =>
    Effect.gen(function* () {
      machine(given.cores, given.threadPoolSize)
      const jobs = controlledJobs()
      yield* Effect.gen(function* () {
        for (let n = 0; n < 10; n++) yield* Effect.forkScoped(hash(`${n}`))
        for (let ended = 0; ended <= 10 - given.atOnce; ended++) {
          yield* settle
          assert.strictEqual(jobs.running.length, given.atOnce)
          yield* jobs.endOldest
        }
        while (jobs.running.length > 0) yield* jobs.endOldest
      }).pipe(Effect.provide(layer()))
    })
  )

  it.live("beyond the queue are refused at once, and taken again when there is room", () =>
    Effect.gen(function* () {
      machine(1, "4")
      const jobs = controlledJobs()
      yield* Effect.gen(function* () {
        const taken = yield* Effect.forEach(["1", "2", "3"], (n) => Effect.forkScoped(hash(n)))
        yield* settle
        const wellFormed = `$2b$04$${"a".repeat(53)}`
        assert.instanceOf(yield* Effect.flip(hash("4")), HasherBusy)
        assert.instanceOf(yield* Effect.flip(verify("4", wellFormed)), HasherBusy)
        yield* jobs.endOldest
        const later = yield* Effect.forkScoped(hash("5"))
        for (let n = 0; n < 3; n++) yield* jobs.endOldest
        const hashes = yield* Effect.forEach([...taken, later], Fiber.join)
        assert.deepStrictEqual(hashes, ["hash of 1", "hash of 2", "hash of 3", "hash of 5"])
      }).pipe(Effect.provide(layer({ maxQueue: 2 })))
    })
  )

  it.live("wait in a queue of 100 unless told otherwise", () =>
    Effect.gen(function* () {
      machine(1, "4")
      const jobs = controlledJobs()
      yield* Effect.gen(function* () {
        const names = Array.from({ length: 101 }, (_, n) => `${n}`)
        const taken = yield* Effect.forEach(names, (name) => Effect.forkScoped(hash(name)))
        yield* settle
        assert.instanceOf(yield* Effect.flip(hash("one more")), HasherBusy)
        for (const _ of names) yield* jobs.endOldest
        yield* Effect.forEach(taken, Fiber.join)
      }).pipe(Effect.provide(layer()))
    })
  )

  it.live("keep their thread until they have ended, although their caller was interrupted", () =>
    Effect.gen(function* () {
      machine(1, "4")
      const jobs = controlledJobs()
      yield* Effect.gen(function* () {
        const first = yield* Effect.forkScoped(hash("first"))
        yield* settle
        const second = yield* Effect.forkScoped(hash("second"))
        yield* Effect.forkScoped(Fiber.interrupt(first))
        yield* settle
        assert.deepStrictEqual(jobs.running, ["first"])
        yield* jobs.endOldest
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(first)))
        assert.deepStrictEqual(jobs.running, ["second"])
        yield* jobs.endOldest
        assert.strictEqual(yield* Fiber.join(second), "hash of second")
      }).pipe(Effect.provide(layer()))
    })
  )

  it.live("that wait leave the queue when their caller is interrupted", () =>
    Effect.gen(function* () {
      machine(1, "4")
      const jobs = controlledJobs()
      yield* Effect.gen(function* () {
        const running = yield* Effect.forkScoped(hash("running"))
        const waiting = yield* Effect.forkScoped(hash("waiting"))
        yield* settle
        yield* Fiber.interrupt(waiting)
        const next = yield* Effect.forkScoped(hash("next"))
        yield* settle
        assert.deepStrictEqual(jobs.running, ["running"])
        yield* jobs.endOldest
        assert.deepStrictEqual(jobs.running, ["next"])
        yield* jobs.endOldest
        assert.strictEqual(yield* Fiber.join(running), "hash of running")
        assert.strictEqual(yield* Fiber.join(next), "hash of next")
      }).pipe(Effect.provide(layer({ maxQueue: 1 })))
    })
  )

  it.live("that fail free their thread", () =>
    Effect.gen(function* () {
      machine(1, "4")
      vi.spyOn(bcrypt, "hash").mockImplementationOnce(() => Promise.reject(new Error("out of memory")))
      const exit = yield* Effect.exit(hash("password"))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.isTrue(yield* verify("password", yield* hash("password")))
    }).pipe(Effect.provide(layer({ cost: 4, maxQueue: 0 })))
  )
})
