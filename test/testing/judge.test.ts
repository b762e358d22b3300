import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Memory from "../../src/adapters/memory/index.ts"
import { OrderNotFound } from "../../src/domain/orders/Order.ts"
import { OrderId } from "../../src/domain/shared/Ids.ts"
import { StoreUnavailable } from "../../src/ports/errors.ts"
import {
  fromJsonLines,
  judge,
  judgeShop,
  makeRecorder,
  type Recorder,
  readFinalState,
  runWorkload,
  toJsonLines
} from "../../src/testing/judge/index.ts"
import { shopOn } from "../../src/testing/model/index.ts"
import { scene, servicesUnderTest } from "./judge/scene.ts"
import { tamperings, trueHistories } from "./judge/tamperings.ts"

const another = "00000000-0000-7000-8000-00000000dead"

const seeds = process.env.TEST_SEED === undefined ? ["1", "2", "3", "4", "5", "6"] : [process.env.TEST_SEED]

describe("a shop in memory", () => {
  for (const seed of seeds) {
    it.live(`breaks no rule, whatever is asked (seed ${seed}) [V5]`, () =>
      Effect.gen(function* () {
        const shop = yield* servicesUnderTest
        const { history, recorded } = makeRecorder()
        const paymentMethods = ["sim_approve", "sim_approve", "sim_decline", "sim_cancel"]
        yield* runWorkload(recorded(shop), { seed, callers: 5, calls: 40, paymentMethods })
        assert.isAbove(history.length, 400)
        assert.deepStrictEqual(yield* judgeShop(history, shop), [])
      }).pipe(Effect.provide(shopOn(Memory.layer)))
    )
  }
})

describe("a shop that others use too", () => {
  it.live("breaks no rule: their orders in the feed are not judged [V5]", () =>
    Effect.gen(function* () {
      const shop = yield* servicesUnderTest
      const sell = (history: Recorder) => runWorkload(history.recorded(shop), { callers: 4, calls: 20 })
      const recorders = [makeRecorder(), makeRecorder(), makeRecorder()] as const
      yield* sell(recorders[0])
      yield* Effect.all([sell(recorders[1]), sell(recorders[2])], { concurrency: 2 })
      for (const { history } of recorders) assert.deepStrictEqual(yield* judgeShop(history, shop), [])
    }).pipe(Effect.provide(shopOn(Memory.layer)))
  )
})

describe("a history that", () => {
  for (const { does, tamper, breaks } of tamperings) {
    it.live(`${does} is found out [V5]`, () =>
      Effect.gen(function* () {
        const played = yield* scene
        const final = yield* readFinalState(played.history, played.shop)
        assert.deepStrictEqual(judge(played.history, final), [])
        const found = judge(tamper(played.history, played), final)
        assert.sameDeepMembers(
          found.map(({ rule, id }) => [rule, id]),
          breaks(played).map(([rule, id]) => [rule, id]),
          JSON.stringify(found, undefined, 2)
        )
      }).pipe(Effect.provide(shopOn(Memory.layer)))
    )
  }
})

describe("a history that", () => {
  for (const { does, tamper } of trueHistories) {
    it.live(`${does} is right [V5]`, () =>
      Effect.gen(function* () {
        const played = yield* scene
        const final = yield* readFinalState(played.history, played.shop)
        const tampered = tamper(played.history, played)
        assert.notDeepEqual(tampered, played.history)
        assert.deepStrictEqual(judge(tampered, final), [])
      }).pipe(Effect.provide(shopOn(Memory.layer)))
    )
  }
})

describe("a call of unknown outcome", () => {
  it.live("may have happened once, and not twice [V5]", () =>
    Effect.gen(function* () {
      const played = yield* scene
      const { created, green, black, shop } = played
      const unknown = trueHistories[0]?.tamper(played.history, played) ?? []
      const final = yield* readFinalState(unknown, shop)
      const again = final.orders
        .filter(({ order }) => order.id === created.id)
        .map(({ order }) => ({ order: { ...order, id: OrderId.make(another) }, events: [], payments: [] }))
      const found = judge(unknown, { ...final, orders: [...final.orders, ...again] })
      assert.sameDeepMembers(
        found.map(({ rule, id }) => [rule, id]),
        [
          ["refusal", another],
          ["stock", green.id],
          ["stock", black.id]
        ]
      )
    }).pipe(Effect.provide(shopOn(Memory.layer)))
  )
})

describe("clocks that differ", () => {
  it.live("make no call later than another, within their tolerance", () =>
    Effect.gen(function* () {
      const played = yield* scene
      const final = yield* readFinalState(played.history, played.shop)
      const stale = tamperings.find(({ does }) => does.startsWith("reads an earlier version"))
      const history = stale?.tamper(played.history, played) ?? []
      assert.lengthOf(judge(history, final), 1)
      assert.deepStrictEqual(judge(history, final, { clockTolerance: 60_000 }), [])
    }).pipe(Effect.provide(shopOn(Memory.layer)))
  )
})

describe("a recorded call", () => {
  const outage = (outcome: "notApplied" | "unknown") => new StoreUnavailable({ outcome, cause: "gone" })
  const ways: ReadonlyArray<readonly [does: string, type: string, call: Effect.Effect<unknown, unknown>]> = [
    ["succeeds", "ok", Effect.succeed(1)],
    ["is refused", "fail", Effect.fail(new OrderNotFound({ orderId: another }))],
    ["meets an outage that applied nothing", "fail", Effect.fail(outage("notApplied"))],
    ["meets an outage of unknown outcome", "info", Effect.fail(outage("unknown"))],
    ["meets a bug", "info", Effect.die(new Error("a bug"))],
    ["is interrupted", "info", Effect.interrupt],
    ["fails with an error that is not ours", "info", Effect.fail(new Error("socket hang up"))]
  ]
  for (const [does, type, call] of ways) {
    it.effect(`that ${does} is ${type}`, () =>
      Effect.gen(function* () {
        const { history, record, recordedPromises } = makeRecorder()
        yield* Effect.exit(record("orders.get", [another], call))
        assert.deepStrictEqual(
          history.map((event) => event.type),
          ["invoke", type]
        )
        const services = recordedPromises({ orders: { get: (_: string) => Effect.runPromise(call) } })
        yield* Effect.exit(Effect.promise(() => services.orders.get(another)))
        assert.deepStrictEqual(
          history.map((event) => event.type),
          ["invoke", type, "invoke", type]
        )
      })
    )
  }
})

describe("a history as JSON lines", () => {
  it.live("is the same when it is read again, without a last line that was cut off", () =>
    Effect.gen(function* () {
      const { history } = yield* scene
      const lines = toJsonLines(history)
      assert.deepStrictEqual(fromJsonLines(lines), JSON.parse(JSON.stringify(history)))
      assert.deepStrictEqual(fromJsonLines(lines.slice(0, -20)), fromJsonLines(lines).slice(0, -1))
      assert.throws(() => fromJsonLines(`{"type":"invoke"}\n${lines}`), /Line 1 is no event/)
      assert.notInclude(lines, "correct horse")
    }).pipe(Effect.provide(shopOn(Memory.layer)))
  )
})
