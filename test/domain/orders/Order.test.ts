import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Result, Schema } from "effect"
import { asPlaced, Metadata, Quantity } from "../../../src/domain/orders/Order.ts"
import { placeOrder } from "../../../src/domain/orders/PlaceOrder.ts"
import { history, int, metadata, pick } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn, untouched } from "../support.ts"

describe("a quantity", () => {
  it.prop("is a whole number from 1 to 1,000,000", { quantity: int(-10, 1_000_010) }, ({ quantity }) => {
    strictEqual(accepts(Quantity, quantity), quantity >= 1 && quantity <= 1_000_000)
    assertFalse(accepts(Quantity, quantity + 0.5))
  })

  it.each([
    [0, false],
    [1, true],
    [1_000_000, true],
    [1_000_001, false]
  ])("%d: %s", (quantity, valid) => {
    strictEqual(accepts(Quantity, quantity), valid)
  })
})

describe("metadata", () => {
  it.prop("is an object of strings and comes out as it went in", { metadata }, ({ metadata }) => {
    const json: unknown = JSON.parse(JSON.stringify(metadata))
    deepStrictEqual(Schema.decodeUnknownSync(Metadata)(json), metadata)
  })

  it.prop(
    "is at most 4096 bytes of JSON",
    { letter: pick(["a", "é", "漢", "🛒", '"', "\u0001"]), room: int(-3, 3) },
    ({ letter, room }) => {
      const size = (text: string) => Buffer.byteLength(JSON.stringify({ note: text }))
      const many = letter.repeat(Math.floor((4096 - 11) / (size(letter) - 11)))
      const padded = many + "x".repeat(Math.max(0, 4096 - size(many) - room))
      strictEqual(accepts(Metadata, { note: padded }), size(padded) <= 4096)
    }
  )

  it.each([
    ["U+0000", "a\u0000"],
    ["a lone surrogate", "a\ud83d"],
    ["more than 200 code points", "🛒".repeat(201)]
  ])("is refused, and not cut, for a key with %s", (_, key) => {
    deepStrictEqual(faultsIn(Metadata, { [key]: "value", other: "value" }), [""])
  })

  it("may have a key of 200 code points", () => {
    assertTrue(accepts(Metadata, { ["🛒".repeat(200)]: "" }))
  })

  it.each([1, null, true, {}, [], "\u0000", "\udc00"])("never holds the value %o", (value) => {
    deepStrictEqual(faultsIn(Metadata, { note: value }), ["/note"])
  })

  it.each([null, "text", 7, ["a"]])("is never %o", (input) => {
    deepStrictEqual(faultsIn(Metadata, input), [""])
  })

  it("keeps a key named __proto__ as a key", () => {
    const decoded = Schema.decodeUnknownSync(Metadata)(JSON.parse(`{"__proto__": "x"}`))
    deepStrictEqual(Object.entries(decoded), [["__proto__", "x"]])
  })
})

describe("an order as it was placed", () => {
  it.prop("is what placing answered, whatever happened since", { history }, ({ history }) => {
    const { draft, products, order, events } = history
    const { at, actor } = events[0]
    const placed = Result.getOrThrow(placeOrder(draft, products, { id: order.id, at, actor }))
    deepStrictEqual(untouched(order, asPlaced), placed.order)
  })
})
