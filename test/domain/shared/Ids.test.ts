import { describe, it } from "@effect/vitest"
import { assertFalse, assertSuccess } from "@effect/vitest/utils"
import { Arbitrary, type Schema } from "effect"
import {
  AccountId,
  CategoryId,
  CustomerId,
  OrderId,
  PaymentId,
  ProductId,
  SessionId
} from "../../../src/domain/shared/Ids.ts"
import { decoder } from "../../../src/domain/shared/InvalidInput.ts"
import { customerId } from "../../../src/testing/Generators.ts"
import { accepts } from "../support.ts"

const ids: Record<string, Schema.Codec<string, string>> = {
  AccountId,
  CategoryId,
  ProductId,
  OrderId,
  PaymentId,
  SessionId
}
const uuid = "0198c0de-0000-7abc-8def-0123456789ab"

describe.each(Object.entries(ids))("%s", (_, id) => {
  it.prop(
    "comes in in any case and is lower case from then on",
    { value: Arbitrary.schema(OrderId) },
    ({ value }) => {
      assertSuccess(decoder(id)(value.toUpperCase()), value)
      assertSuccess(decoder(id)(value), value)
    }
  )

  it.each([
    ["nothing", ""],
    ["a number", 7],
    ["too short", uuid.slice(1)],
    ["too long", `${uuid}0`],
    ["without dashes", uuid.replaceAll("-", "")],
    ["in braces", `{${uuid}}`],
    ["as a URN", `urn:uuid:${uuid}`],
    ["with a letter that is no digit", uuid.replace("a", "g")],
    ["with a full-width digit", uuid.replace("0", "０")],
    ["with white space around it", ` ${uuid}\n`]
  ])("is refused: %s", (_, input) => {
    assertFalse(accepts(id, input))
  })
})

describe("CustomerId", () => {
  it.prop(
    "is any storable text of 1 to 255 characters, kept as it is",
    { value: customerId },
    ({ value }) => {
      assertSuccess(decoder(CustomerId)(value), value)
    }
  )

  it.each([
    "user_2abc",
    "17",
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "0198C0DE-0000-7ABC-8DEF-0123456789AB",
    " Ünï e\u0301 ",
    "🛒".repeat(255)
  ])("keeps %j", (value) => {
    assertSuccess(decoder(CustomerId)(value), value)
  })

  it.each([
    ["nothing", ""],
    ["a number", 17],
    ["too long", "x".repeat(256)],
    ["U+0000", "user\u0000"],
    ["a lone surrogate", "user\ud800"]
  ])("is refused: %s", (_, input) => {
    assertFalse(accepts(CustomerId, input))
  })
})
