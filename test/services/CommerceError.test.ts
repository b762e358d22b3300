import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { runInNewContext } from "node:vm"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Arbitrary } from "effect"
import { PriceChanged } from "../../src/domain/orders/PlaceOrder.ts"
import { problemTypes } from "../../src/http/api/ProblemTypes.ts"
import { type CommerceError, commerceErrors, isCommerceError } from "../../src/services/CommerceError.ts"
import { money } from "../../src/testing/Generators.ts"
import { bundle } from "../support/bundle.ts"

const rows = Object.entries(commerceErrors)

/** The schema of money draws too few currencies that exist. */
const priceChanged = Arbitrary.map(money, (total) => new PriceChanged({ total }))

describe("the table of errors", () => {
  for (const [tag, { error }] of rows) {
    it.prop(
      `has ${tag} under its own tag, and every such error is one`,
      { sample: error === PriceChanged ? priceChanged : error },
      ({ sample }) => {
        assert.strictEqual(sample._tag, tag)
        assert.instanceOf(sample, Error)
        assert.isTrue(isCommerceError(sample))
      }
    )
  }

  it("has every problem of the HTTP API, which shows fields that the error has", () => {
    for (const [tag, { shows = [] }] of Object.entries<{ status: number; shows?: ReadonlyArray<string> }>(
      problemTypes
    )) {
      const row = rows.find(([name]) => name === tag)
      assert.isDefined(row, tag)
      assert.includeMembers(Object.keys(row?.[1].error.fields ?? {}), [...shows])
    }
  })
})

describe("isCommerceError", () => {
  /** An error of another copy of the package: of no class of this one. */
  const foreign = (tag: string, fields: object = {}) =>
    Object.assign(new Error("foreign"), { _tag: tag }, fields)

  it("knows the errors of another copy of the package", () => {
    assert.isTrue(isCommerceError(foreign("InvalidCredentials")))
    assert.isTrue(isCommerceError(foreign("SkuTaken", { sku: "T-1" })))
    assert.isTrue(isCommerceError(foreign("StoreUnavailable", { outcome: "unknown", cause: "x" })))
  })

  it.each([
    ["a plain error", new Error("defect")],
    ["an error with a tag that is none of ours", foreign("SqlError", { sql: "SELECT" })],
    ["an error with the name of a method as its tag", foreign("toString")],
    ["an error that lacks the fields of its tag", foreign("InsufficientStock", { shortages: "some" })],
    ["a value that only looks like an error", { _tag: "EmailTaken", email: "a@b", message: "" }],
    ["nothing", undefined],
    ["a string", "EmailTaken"]
  ])("does not know %s", (_, value) => {
    assert.isFalse(isCommerceError(value))
  })

  it("knows an error of another realm, as a test runner has", () => {
    const source = 'Object.assign(new Error("foreign"), { _tag: "InvalidCredentials" })'
    const foreign: unknown = runInNewContext(source)
    assert.notInstanceOf(foreign, Error)
    assert.isTrue(isCommerceError(foreign))
  })

  it("narrows to a union that can be told apart by its tag", () => {
    const shortagesOf = (error: CommerceError) => (error._tag === "InsufficientStock" ? error.shortages : [])
    const error: unknown = new commerceErrors.InsufficientStock.error({ shortages: [] })
    assert.deepStrictEqual(isCommerceError(error) && shortagesOf(error), [])
  })
})

describe("an error of another bundle", () => {
  let directory: string
  let copy: { readonly commerceErrors: Readonly<Record<string, { readonly error: unknown }>> }
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "effect-commerce-copy-"))
    await bundle({ copy: "src/services/CommerceError.ts" }, directory)
    copy = await import(pathToFileURL(join(directory, "copy.js")).href)
  })
  afterAll(() => rm(directory, { recursive: true }))

  for (const [tag, { error }] of rows) {
    it.prop(
      `is known: ${tag}`,
      { sample: error === PriceChanged ? priceChanged : error },
      ({ sample }) => {
        const Foreign = copy.commerceErrors[tag]?.error as new (fields: object) => Error
        const fields = Object.keys(error.fields).filter((field) => field in sample)
        const foreign = new Foreign(
          Object.fromEntries(fields.map((field) => [field, Reflect.get(sample, field)]))
        )
        assert.isFalse(foreign instanceof (error as unknown as typeof Foreign))
        assert.isTrue(isCommerceError(foreign))
      },
      { arbitrary: { runs: 5 } }
    )
  }
})
