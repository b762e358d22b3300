import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result } from "effect"
import { type Advanced, advance } from "../../../src/domain/orders/AdvanceOrder.ts"
import { IllegalTransition, type Step } from "../../../src/domain/orders/Lifecycle.ts"
import { attribution, createdOrder, history, order, pick } from "../../../src/testing/Generators.ts"
import { legal, untouched } from "../support.ts"

const step = pick(["paid", "declined", "expired", "shipped", "completed"] satisfies ReadonlyArray<Step>)
const units = (items: Advanced["restocked"]) =>
  items.map(({ productId, quantity }) => ({ productId, quantity }))

describe("advancing an order", () => {
  it.prop(
    "changes its status, version and time, and nothing else of it",
    { order, step, attribution },
    ({ order, step, attribution }) => {
      const found = legal.find(
        (line) => line.event === step && line.from === order.status && line.to !== line.from
      )
      const decided = untouched(order, (order) => advance(order, step, attribution))
      if (found === undefined) {
        const to = legal.find((line) => line.event === step && line.to !== line.from)?.to ?? "CREATED"
        assertFailure(decided, new IllegalTransition({ orderId: order.id, from: order.status, to }))
        return
      }
      const version = order.version + 1
      const { stage, ...unstaged } = order
      assertSuccess(decided, {
        ...(stage !== undefined && { stageBefore: stage }),
        order: { ...unstaged, status: found.to, version, updatedAt: attribution.at },
        event: { sequence: version, event: step, from: order.status, to: found.to, ...attribution },
        restocked: found.to === "FAILED" ? order.items : [],
        released: []
      })
    }
  )

  it.prop(
    "makes a legal path out of any steps, and its version counts its events",
    { history, steps: Arbitrary.array(step), attribution },
    ({ history, steps, attribution }) => {
      let { order } = history
      const events = [...history.events]
      for (const step of steps) {
        const decided = advance(order, step, attribution)
        if (Result.isFailure(decided)) continue
        order = decided.success.order
        events.push(decided.success.event)
      }
      strictEqual(order.version, events.length)
      strictEqual(order.status, events.at(-1)?.to)
      for (const [index, { sequence, event, from, to }] of events.entries()) {
        strictEqual(sequence, index + 1)
        strictEqual(from, events[index - 1]?.to ?? null)
        assertTrue(legal.some((line) => line.event === event && line.from === from && line.to === to))
      }
    }
  )

  it.prop(
    "gives all units back once if the order fails, and none otherwise",
    { order: createdOrder, steps: Arbitrary.array(step), attribution },
    ({ order, steps, attribution }) => {
      const back: Array<Advanced["restocked"][number]> = []
      let now = order
      for (const step of steps) {
        const decided = advance(now, step, attribution)
        if (Result.isFailure(decided)) continue
        now = decided.success.order
        back.push(...decided.success.restocked)
      }
      deepStrictEqual(units(back), now.status === "FAILED" ? units(order.items) : [])
    }
  )
})
