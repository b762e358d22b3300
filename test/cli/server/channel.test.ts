import { EventEmitter } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { type OfPrimary, type OfWorker, openChannel } from "../../../src/cli/support/Channel.ts"

/** A primary and a worker, and what goes from one to the other. */
const connected = Effect.gen(function* () {
  const [primary, worker] = [new EventEmitter(), new EventEmitter()]
  const peer = (from: EventEmitter, to: EventEmitter) => ({
    send: (message: unknown) => queueMicrotask(() => to.emit("message", structuredClone(message))),
    onMessage: (listener: (message: unknown) => void) => void from.on("message", listener)
  })
  const askPrimary = yield* openChannel<OfWorker, OfPrimary>(peer(worker, primary), "5 seconds", {
    measure: () => Effect.succeed("of the worker"),
    retire: () => Effect.never
  })
  const askWorker = yield* openChannel<OfPrimary, OfWorker>(peer(primary, worker), "4 seconds", {
    count: ({ key, tokens }) => Effect.succeed([tokens, key.length] as const),
    metrics: () => Effect.succeed("of all"),
    ready: () => Effect.never
  })
  return { askPrimary, askWorker, primary, worker }
})

const start = { address: "http://a", admin: undefined, who: undefined, metricsAddress: undefined }

describe("A channel", () => {
  it.effect("answers both ends, whose questions may have the same number", () =>
    Effect.gen(function* () {
      const { askPrimary, askWorker } = yield* connected
      const attempt = {
        what: "attempts by account",
        shop: undefined,
        key: "ada",
        tokens: 2,
        refill: 1,
        limit: undefined
      } as const
      const answers = yield* Effect.all(
        [askPrimary("metrics", null), askWorker("measure", null), askPrimary("count", attempt)],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(answers, [
        Option.some("of all"),
        Option.some("of the worker"),
        Option.some([2, 3] as const)
      ])
    })
  )

  it.effect("waits for an answer as long as each end says", () =>
    Effect.gen(function* () {
      const { askPrimary, askWorker } = yield* connected
      const short = yield* Effect.forkChild(askWorker("retire", null))
      const long = yield* Effect.forkChild(askPrimary("ready", start))
      yield* TestClock.adjust("4 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.join(short)))
      assert.isUndefined(long.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* Fiber.join(long)))
    })
  )

  it.effect("passes over what it does not know", () =>
    Effect.gen(function* () {
      const { askPrimary, primary, worker } = yield* connected
      const strange = [
        "text",
        null,
        {},
        { id: 7, answer: 5 },
        { id: 7, kind: "invented", question: null },
        { id: "x" }
      ]
      for (const message of strange) for (const end of [primary, worker]) end.emit("message", message)
      assert.deepStrictEqual(yield* askPrimary("metrics", null), Option.some("of all"))
    })
  )
})
