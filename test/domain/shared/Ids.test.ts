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
import { accepts } from "../support.ts"

const ids: Record<string, Schema.Codec<string, string>> = {
  AccountId,
  CustomerId,
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
