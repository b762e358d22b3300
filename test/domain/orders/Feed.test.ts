import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary } from "effect"
import { FeedPosition, fromPosition, toPosition } from "../../../src/domain/orders/Feed.ts"
import { OrderId } from "../../../src/domain/shared/Ids.ts"
import { int, pick, text } from "../../../src/testing/Generators.ts"
import { accepts } from "../support.ts"

const key = Arbitrary.all({
  epoch: int(1, 999_999_999),
  transaction: Arbitrary.map(int(0, Number.MAX_SAFE_INTEGER), String),
  orderId: Arbitrary.schema(OrderId),
  sequence: int(1, 999_999_999)
})

describe("a position of the feed", () => {
  it.prop("says exactly where an event stands", { key }, ({ key }) => {
    assertTrue(accepts(FeedPosition, toPosition(key)))
    deepStrictEqual(fromPosition(toPosition(key)), { ...key })
  })

  it.prop(
    "is nothing else",
    { key, text: text(60), more: pick([" ", "\n", ":", ":1", "x"]) },
    ({ key, text, more }) => {
      assertFalse(accepts(FeedPosition, text))
      assertFalse(accepts(FeedPosition, toPosition(key) + more))
      assertFalse(accepts(FeedPosition, more + toPosition(key)))
      assertFalse(accepts(FeedPosition, toPosition({ ...key, orderId: "" })))
    }
  )
})
