import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  defineStages,
  IllegalStage,
  isStageTable,
  mayLeave,
  moveStage,
  type StageOf,
  stageOf,
  statusThatBegins,
  withStage
} from "../../../src/domain/fulfilment/Stage.ts"
import { InvalidInput } from "../../../src/domain/shared/InvalidInput.ts"

const stages = defineStages({
  PAID: {
    first: "new",
    moves: { new: ["picked"], picked: ["packed", "new"], packed: [] },
    leaves: ["packed"]
  },
  SHIPPED: { first: "on its way", moves: { "on its way": ["at the door"], "at the door": [] } }
})

const words = ["new", "picked", "packed", "on its way", "at the door"] satisfies Array<StageOf<typeof stages>>
const order = (status: "CREATED" | "PAID" | "SHIPPED", stage?: string) => ({
  id: "an order",
  status,
  ...(stage !== undefined && { stage })
})

describe("a stage", () => {
  it("moves as declared, and in no other way", () => {
    for (const status of ["CREATED", "PAID", "SHIPPED"] as const) {
      const moves: Readonly<Record<string, ReadonlyArray<string>>> =
        status === "CREATED" ? {} : stages[status].moves
      for (const from of Object.keys(moves)) {
        for (const to of [...words, "lost"]) {
          const expected = moves[from]?.includes(to)
            ? Result.succeed(to)
            : Result.fail(new IllegalStage({ orderId: "an order", from, to }))
          assert.deepStrictEqual(moveStage(stages, order(status, from), to), expected)
        }
      }
    }
  })

  it("of an order that was not moved is the first of its status", () => {
    for (const to of [...words, "lost"]) {
      assert.deepStrictEqual(
        moveStage(stages, order("PAID"), to),
        moveStage(stages, order("PAID", "new"), to)
      )
    }
    assert.strictEqual(stageOf(stages, order("PAID")), "new")
    assert.strictEqual(stageOf(stages, order("CREATED")), undefined)
    assert.deepStrictEqual(withStage(stages, order("PAID")), order("PAID", "new"))
    assert.strictEqual(statusThatBegins(stages, "new"), "PAID")
    assert.strictEqual(statusThatBegins(stages, "picked"), undefined)
    assert.isFalse(mayLeave(stages, "PAID", stageOf(stages, order("PAID"))))
  })

  it("that was forgotten by a new deployment may become any of its status", () => {
    for (const from of ["forgotten", "on its way"]) {
      for (const to of ["new", "picked", "packed"]) {
        assert.deepStrictEqual(moveStage(stages, order("PAID", from), to), Result.succeed(to))
      }
      assert.isTrue(Result.isFailure(moveStage(stages, order("PAID", from), "at the door")))
      assert.isTrue(mayLeave(stages, "PAID", from))
    }
  })

  it("lets people ship only from where it may be left", () => {
    assert.deepStrictEqual(
      words.filter((word) => mayLeave(stages, "PAID", word)),
      ["packed", "on its way", "at the door"]
    )
    assert.isTrue(mayLeave(stages, "SHIPPED", "on its way"))
    assert.isTrue(mayLeave({}, "PAID", "new"))
  })

  it("is not one of Object's own names", () => {
    assert.isTrue(Result.isFailure(moveStage(stages, order("PAID", "new"), "constructor")))
    assert.isTrue(Result.isFailure(moveStage(stages, order("PAID"), "toString")))
  })
})

describe("a table of stages", () => {
  const faults = (table: unknown) => {
    try {
      defineStages(table as never)
      return []
    } catch (error) {
      assert.instanceOf(error, InvalidInput)
      return error.errors.map(({ path }) => path)
    }
  }

  it("is refused at run time where the compiler could not see it, with every fault", () => {
    assert.deepStrictEqual(faults({ LOST: { first: "a", moves: { a: [] } } }), ["/LOST"])
    assert.deepStrictEqual(faults({ PAID: { first: "b", moves: { a: ["c"] }, leaves: ["d"] } }), [
      "/PAID/first",
      "/PAID/leaves/0",
      "/PAID/moves/a/0"
    ])
    const twice = { PAID: { first: "a", moves: { a: [] } }, SHIPPED: { first: "a", moves: { a: [] } } }
    assert.deepStrictEqual(faults(twice), ["/SHIPPED/moves/a"])
    assert.deepStrictEqual(faults({ PAID: { first: " ", moves: { " ": [] } } }), ["/PAID/moves/ "])
  })

  it("is refused if it has another shape", () => {
    assert.deepStrictEqual(faults(null), [""])
    assert.deepStrictEqual(faults([]), [""])
    assert.deepStrictEqual(faults({ PAID: {} }), ["/PAID/first", "/PAID/moves"])
    assert.deepStrictEqual(faults({ PAID: undefined }), ["/PAID"])
    assert.deepStrictEqual(faults({ PAID: { first: "a", moves: { a: "a" } } }), ["/PAID/moves/a"])
    assert.deepStrictEqual(faults({ PAID: { first: "a", moves: { a: [] }, leave: ["a"] } }), ["/PAID/leave"])
  })

  it("may have words that are names of Object", () => {
    const table = JSON.parse(
      `{"PAID": {"first": "__proto__", "moves": {"__proto__": ["toString"], "toString": []}}}`
    )
    assert.deepStrictEqual(faults(table), [])
    assert.deepStrictEqual(moveStage(table, order("PAID"), "toString"), Result.succeed("toString"))
    assert.isTrue(Result.isFailure(moveStage(table, order("PAID"), "constructor")))
  })

  it("is known from other values", () => {
    assert.isTrue(isStageTable(stages))
    assert.isTrue(isStageTable({}))
    for (const other of [null, "PAID", { PAID: {} }, { PAID: { first: "a", moves: { a: "b" } } }]) {
      assert.isFalse(isStageTable(other))
    }
    assert.isFalse(isStageTable({ PAID: { first: "b", moves: { a: [] } } }))
  })

  it("is refused by the compiler", () => {
    // @ts-expect-error "b" is no stage of PAID
    assert.throws(() => defineStages({ PAID: { first: "b", moves: { a: [] } } }))
    // @ts-expect-error "b" is no stage of PAID
    assert.throws(() => defineStages({ PAID: { first: "a", moves: { a: ["b"] } } }))
    // @ts-expect-error "b" is no stage of PAID
    assert.throws(() => defineStages({ PAID: { first: "a", moves: { a: [] }, leaves: ["b"] } }))
    // @ts-expect-error "leave" is no member
    assert.throws(() => defineStages({ PAID: { first: "a", moves: { a: [] }, leave: ["a"] } }))
    const one = { first: "a", moves: { a: [] } } as const
    // @ts-expect-error "PIAD" is no status
    assert.throws(() => defineStages({ PAID: one, PIAD: { first: "b", moves: { b: [] } } }))
  })
})
