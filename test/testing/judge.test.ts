import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Memory from "../../src/adapters/memory/index.ts"
import {
  fromJsonLines,
  judge,
  judgeShop,
  makeRecorder,
  readFinalState,
  runWorkload,
  toJsonLines
} from "../../src/testing/judge/index.ts"
import { shopOn } from "../../src/testing/model/index.ts"
import { scene, servicesUnderTest } from "./judge/scene.ts"
import { tamperings, trueHistories } from "./judge/tamperings.ts"

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
