import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import { Draft } from "../../../src/domain/orders/PlaceOrder.ts"
import { AdjustmentRequest } from "../../../src/domain/pricing/Adjustment.ts"
import { decoder, faultsOf } from "../../../src/domain/shared/InvalidInput.ts"
import { hasOnlyKnownMembers } from "../../../src/domain/shared/KnownMembers.ts"
import {
  adjustmentRequests,
  int,
  metadata,
  oneOf,
  pick,
  placeable,
  placing,
  struct
} from "../../../src/testing/Generators.ts"

const strict = { onExcessProperty: "error" } as const

/** Each kind of schema beside the others. */
const Mixed = Schema.Struct({
  leaf: Schema.optional(Schema.String),
  either: Schema.Union([Schema.Number, Schema.Struct({ leaf: Schema.Int }), Schema.Null]),
  choice: Schema.Union([Schema.Struct({ a: Schema.Int }), Schema.Struct({ b: Schema.Int })]),
  list: Schema.Array(Schema.Struct({ leaf: Schema.String })),
  pair: Schema.Tuple([Schema.Int, Schema.Struct({ leaf: Schema.Int })]),
  counts: Schema.Record(Schema.String, Schema.Int),
  named: Schema.Record(Schema.String, Schema.Struct({ leaf: Schema.Int })),
  tagged: Schema.StructWithRest(Schema.Struct({ leaf: Schema.Int }), [
    Schema.Record(Schema.TemplateLiteral(["x-", Schema.String]), Schema.Int)
  ]),
  when: Schema.DateFromString
})

const mixed = Arbitrary.map(
  Arbitrary.all([int(0, 9), pick(["", "leaf"]), pick<unknown>([1, null, { leaf: 1 }])]),
  ([n, leaf, either]) => ({
    leaf,
    either,
    choice: n > 4 ? { a: n } : { b: n },
    list: Array.from({ length: n % 3 }, () => ({ leaf })),
    pair: [n, { leaf: n }],
    counts: { [leaf]: n },
    named: { [leaf]: { leaf: n } },
    tagged: { leaf: n, "x-1": n },
    when: "2026-01-01T00:00:00.000Z"
  })
)

const draft = Arbitrary.map(
  struct({ placing, metadata, adjustments: adjustmentRequests }),
  ({ placing: { draft }, metadata, adjustments }) => ({ ...draft, metadata, adjustments })
)

type Node = Record<string, unknown>

/** All objects and lists within a value. */
const nodesOf = (value: unknown): ReadonlyArray<Node> =>
  typeof value === "object" && value !== null ? [value as Node, ...Object.values(value).flatMap(nodesOf)] : []

const changes: ReadonlyArray<(node: Node, seed: number) => void> = [
  () => {},
  (node) => {
    node.unknown = 1
  },
  (node) => {
    Object.defineProperty(node, "__proto__", {
      value: { leaf: 1 },
      enumerable: true,
      configurable: true,
      writable: true
    })
  },
  (node, seed) => {
    const names = Object.keys(node)
    const name = names[seed % names.length]
    if (name !== undefined) node[name] = [undefined, null, "x", -1, 1.5, {}, [], [{}], { leaf: 1 }][seed % 9]
  },
  (node, seed) => {
    const names = Object.keys(node)
    const name = names[seed % names.length]
    if (name !== undefined) delete node[name]
  }
]

const changed = (value: unknown, seeds: ReadonlyArray<readonly [node: number, change: number]>): unknown => {
  const copy = structuredClone(value)
  for (const [seed, change] of seeds) {
    const nodes = nodesOf(copy)
    const node = nodes[seed % nodes.length]
    if (node !== undefined) changes[change]?.(node, seed)
  }
  return copy
}

const seeds = Arbitrary.array(Arbitrary.all([int(0, 1000), int(0, changes.length - 1)]), { maxLength: 3 })

describe("a strict decoding", () => {
  const cases: Record<string, readonly [Schema.Codec<unknown, unknown>, Arbitrary.Arbitrary<unknown>]> = {
    "a draft": [Draft, draft],
    "each kind of schema": [Mixed, mixed],
    "a list of unions": [Schema.Array(AdjustmentRequest), adjustmentRequests]
  }
  for (const [name, [schema, valid]] of Object.entries(cases)) {
    it.prop(
      `agrees with Effect's, and lists all faults: ${name}`,
      { valid: oneOf([valid]), seeds },
      ({ valid, seeds }) => {
        const input = changed(valid, seeds)
        const expected = Schema.decodeUnknownResult(schema, { errors: "all", ...strict })(input)
        const decoded = decoder(schema, strict)(input)
        deepStrictEqual(
          Result.mapError(decoded, ({ errors }) => errors),
          Result.mapError(expected, ({ issue }) => faultsOf(issue))
        )
      },
      { arbitrary: { runs: 500 } }
    )
  }
})

describe("the members of an input", () => {
  const known = hasOnlyKnownMembers(Draft.ast)

  it.prop("are all known in drafts without adjustments", { placing: placeable }, ({ placing: { draft } }) => {
    assertTrue(known(draft))
  })

  it("may be unknown in each of its objects", () => {
    const draft = { customerId: "c", items: [{ productId: "p", quantity: 1 }], expectedTotal: { amount: 1 } }
    assertTrue(known(draft))
    assertFalse(known({ ...draft, idempotencyKey: "k" }))
    assertFalse(known({ ...draft, items: [...draft.items, { productId: "p", quantity: 1, price: 1 }] }))
    assertFalse(known({ ...draft, expectedTotal: { amount: 1, tax: 1 } }))
  })
})
