import { isDeepStrictEqual } from "node:util"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Schema } from "effect"
import {
  fingerprint,
  firstTime,
  IdempotencyKey,
  replayed,
  resultOf
} from "../../../src/domain/shared/Idempotency.ts"
import { idempotencyKey, int, metadata, oneOf, pick, placing } from "../../../src/testing/Generators.ts"
import { accepts, shuffle } from "../support.ts"

/** The same JSON with the keys of all its objects in another order. */
const reordered = (json: Schema.Json, seed: number): Schema.Json => {
  if (typeof json !== "object" || json === null) return json
  if (Array.isArray(json)) return json.map((item) => reordered(item, seed))
  return Object.fromEntries(
    shuffle(Object.entries(json), seed).map(([key, value]) => [key, reordered(value, seed)])
  )
}

// So little to choose from that two are often equal, and never -0, which JSON does not know.
const leaf: Arbitrary.Arbitrary<Schema.Json> = pick([0, 1, "1", "", null, true, "a"])
const key = pick(["a", "b", "__proto__", "10", "9"])
const branch = (item: Arbitrary.Arbitrary<Schema.Json>): Arbitrary.Arbitrary<Schema.Json> =>
  oneOf([
    item,
    Arbitrary.array(item, { maxLength: 2 }),
    Arbitrary.map(Arbitrary.array(Arbitrary.all([key, item]), { maxLength: 3 }), (entries) =>
      Object.fromEntries(entries)
    )
  ])
const tiny = branch(branch(leaf))

describe("a fingerprint", () => {
  it.prop(
    "is the same for equal requests and for no others",
    { a: tiny, b: tiny },
    ({ a, b }) => {
      strictEqual(fingerprint(a) === fingerprint(b), isDeepStrictEqual(a, b))
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "does not depend on the order of keys",
    { json: Arbitrary.schema(Schema.Json), seed: int(0, 1e6) },
    ({ json, seed }) => {
      strictEqual(fingerprint(reordered(json, seed)), fingerprint(json))
    }
  )

  it.prop("depends on the order of a list", { a: tiny, b: tiny }, ({ a, b }) => {
    strictEqual(fingerprint([a, b]) === fingerprint([b, a]), isDeepStrictEqual(a, b))
  })

  it.prop("keeps all that it was made of", { metadata }, ({ metadata }) => {
    deepStrictEqual(JSON.parse(fingerprint(metadata)), metadata)
  })

  it.prop("does not tell an absent field from an undefined one", { placing }, ({ placing: { draft } }) => {
    strictEqual(fingerprint({ ...draft, note: undefined }), fingerprint(draft))
  })

  it.prop("changes with any quantity", { placing, which: int(0, 9) }, ({ placing: { draft }, which }) => {
    const items = draft.items.map((line, index) =>
      index === which % draft.items.length ? { ...line, quantity: line.quantity + 1 } : line
    )
    assertFalse(fingerprint({ ...draft, items }) === fingerprint(draft))
  })
})

describe("an idempotency key", () => {
  it.prop("is 1 to 255 visible ASCII characters", { idempotencyKey }, ({ idempotencyKey }) => {
    assertTrue(accepts(IdempotencyKey, idempotencyKey))
    for (const char of [" ", "\n", "é", "\u007f", "\u0000"]) {
      assertFalse(accepts(IdempotencyKey, idempotencyKey + char))
    }
  })

  it.each([
    ["", false],
    ["!", true],
    ["~".repeat(255), true],
    ["~".repeat(256), false]
  ])("%s is one: %s", (key, valid) => {
    strictEqual(accepts(IdempotencyKey, key), valid)
  })
})

describe("an answer", () => {
  it("says whether it was given before", () => {
    deepStrictEqual(firstTime("order"), { value: "order", replayed: false })
    deepStrictEqual(replayed("order"), { value: "order", replayed: true })
    strictEqual(resultOf(replayed("order")), "order")
  })
})
