import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue } from "effect"
import { TestClock } from "effect/testing"
import { Failure } from "../../../src/cli/support/Failure.ts"
import type { Start } from "../../../src/cli/support/StartupBanner.ts"
import { type StartedWorker, supervise } from "../../../src/cli/support/Workers.ts"

const facts: Start = { address: "http://a", admin: undefined, who: undefined, metricsAddress: undefined }

/** Workers without processes, and what has become of each. */
const stage = Effect.gen(function* () {
  const log: Array<string> = []
  const started: Array<{ readonly listen: Effect.Effect<unknown>; readonly end: Effect.Effect<unknown> }> = []
  const hangups = yield* Queue.unbounded<void>()
  const start = Effect.fnUntraced(function* (number: number) {
    const id = started.length
    const ready = yield* Deferred.make<Start, Failure>()
    const ended = yield* Deferred.make<string>()
    const end = Effect.andThen(
      Deferred.fail(ready, new Failure({ line: `${id} has ended` })),
      Deferred.succeed(ended, "exit code 1")
    )
    log.push(`start ${number} as ${id}`)
    started.push({ listen: Deferred.succeed(ready, facts), end })
    const retire = Effect.suspend(() => {
      log.push(`retire ${id}`)
      return end
    })
    return { ready: Deferred.await(ready), ended: Deferred.await(ended), retire } satisfies StartedWorker
  })
  const announced = Effect.sync(() => log.push("announced"))
  const running = yield* Effect.forkChild(supervise(2, start, Queue.take(hangups), () => announced))
  const settle = TestClock.adjust("1 millis")
  yield* settle
  const told = () => log.splice(0)
  const listen = (id: number) => Effect.andThen(started[id]?.listen ?? Effect.void, settle)
  const end = (id: number) => Effect.andThen(started[id]?.end ?? Effect.void, settle)
  const hangup = Effect.andThen(Queue.offer(hangups, undefined), settle)
  return { end, hangup, listen, running, settle, told }
})

/** The same, with two workers that listen. */
const twoWorkers = Effect.tap(stage, ({ listen, told }) =>
  Effect.gen(function* () {
    yield* listen(0)
    yield* listen(1)
    told()
  })
)

describe("The primary", () => {
  it.effect("starts the first worker before the others, and announces them when all listen", () =>
    Effect.gen(function* () {
      const { listen, told } = yield* stage
      assert.deepStrictEqual(told(), ["start 1 as 0"])
      yield* listen(0)
      assert.deepStrictEqual(told(), ["start 2 as 1"])
      yield* listen(1)
      assert.deepStrictEqual(told(), ["announced"])
    })
  )

  it.effect("ends if a worker cannot start at first", () =>
    Effect.gen(function* () {
      const { end, listen, running } = yield* stage
      yield* listen(0)
      yield* end(1)
      assert.strictEqual((yield* Effect.flip(Fiber.join(running))).message, "1 has ended")
    })
  )

  it.effect("starts a worker again later and later, and ends after eight of those in a row", () =>
    Effect.gen(function* () {
      const { end, running, told } = yield* twoWorkers
      let id = 1
      for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
        yield* end(id)
        yield* TestClock.adjust((seconds - 1) * 1000)
        assert.deepStrictEqual(told(), [])
        yield* TestClock.adjust(1000)
        id += 1
        assert.deepStrictEqual(told(), [`start 2 as ${id}`])
      }
      yield* end(id)
      assert.strictEqual(
        (yield* Effect.flip(Fiber.join(running))).message,
        "WORKERS: worker 2 ended 9 times in a row, the last time with exit code 1"
      )
    })
  )

  it.effect("forgets failures of a worker that has served for a minute", () =>
    Effect.gen(function* () {
      const { end, listen, told } = yield* twoWorkers
      for (let id = 1; id < 30; id++) {
        yield* TestClock.adjust("1 minute")
        yield* end(id)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(told(), [`start 2 as ${id + 1}`])
        yield* listen(id + 1)
      }
    })
  )

  it.effect("replaces one worker after the other, each when the new one listens", () =>
    Effect.gen(function* () {
      const { hangup, listen, settle, told } = yield* twoWorkers
      yield* hangup
      assert.deepStrictEqual(told(), ["start 1 as 2"])
      yield* listen(2)
      assert.deepStrictEqual(told(), ["retire 0", "start 2 as 3"])
      yield* hangup
      yield* listen(3)
      yield* settle
      assert.deepStrictEqual(told(), ["retire 1", "start 1 as 4"])
    })
  )

  it.effect("keeps the old workers if a new one cannot start", () =>
    Effect.gen(function* () {
      const { end, hangup, listen, told } = yield* twoWorkers
      yield* hangup
      yield* end(2)
      assert.deepStrictEqual(told(), ["start 1 as 2"])
      yield* hangup
      assert.deepStrictEqual(told(), ["start 1 as 3"])
      yield* listen(3)
      assert.deepStrictEqual(told(), ["retire 0", "start 2 as 4"])
    })
  )

  it.effect("replaces a worker that is about to start after that, since it would not hear of it", () =>
    Effect.gen(function* () {
      const { end, hangup, listen, told } = yield* twoWorkers
      yield* end(0)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(told(), ["start 1 as 2"])
      yield* hangup
      assert.deepStrictEqual(told(), [])
      yield* listen(2)
      assert.deepStrictEqual(told(), ["start 1 as 3"])
      yield* listen(3)
      assert.deepStrictEqual(told(), ["retire 2", "start 2 as 4"])
    })
  )
})
