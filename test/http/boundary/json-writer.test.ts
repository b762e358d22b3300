import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema, SchemaGetter } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { Api } from "../../../src/http/api/index.ts"
import { jsonWriter } from "../../../src/http/boundary/JsonWriter.ts"
import { int, pick } from "../../../src/testing/Generators.ts"

interface Endpoint {
  readonly method: string
  readonly path: string
  readonly success: ReadonlySet<Schema.Top>
}

const groups = Api.groups as unknown as Record<string, { readonly endpoints: Record<string, Endpoint> }>

/** The bodies that endpoints answer with. */
const bodies = Object.values(groups).flatMap(({ endpoints }) =>
  Object.values(endpoints).map(({ method, path, success }) => {
    const [schema] = success
    if (schema === undefined || success.size > 1) throw new Error(`${method} ${path}: expected one answer`)
    const body = HttpApiSchema.isWithHeaders(schema) ? schema.schema : schema
    return { call: `${method} ${path}`, body: body as Schema.Codec<unknown, unknown> }
  })
)

/** Answers without a body. */
const left = new Set(bodies.filter(({ body }) => body.ast._tag === "Void").map(({ call }) => call))

const paths = (value: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  typeof value === "object" && value !== null && !(value instanceof Date)
    ? Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...paths(inner, [...path, key])])
    : []

const replace = (value: unknown, [key, ...rest]: ReadonlyArray<string>, by: unknown): unknown => {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((one, i) => (String(i) === key ? replace(one, rest, by) : one))
  const own = value as Record<string, unknown>
  return { ...own, [key]: replace(own[key], rest, by) }
}

/** Values that no schema of an answer has. */
const broken = [undefined, Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN), Symbol("x"), () => 1]

for (const { call, body } of bodies) {
  if (left.has(call)) continue
  describe(`the answer of ${call}`, () => {
    const write = jsonWriter(body)
    const encode = Schema.encodeUnknownResult(Schema.toCodecJson(body))
    const valid = Arbitrary.schema(Schema.toType(body))

    it.prop("is written just as its schema encodes it", { value: valid }, ({ value }) => {
      const encoded = Result.getOrThrow(encode(value))
      assert.strictEqual(write(value), JSON.stringify(encoded))
    })

    it.prop(
      "is left to its schema if it breaks it",
      { value: valid, at: int(0, 10_000), by: pick(broken) },
      ({ value, at, by }) => {
        const all = paths(value)
        const path = all[at % Math.max(1, all.length)] ?? []
        const other = replace(value, path, by)
        const encoded = encode(other)
        const expected = Result.isSuccess(encoded) ? JSON.stringify(encoded.success) : undefined
        const written = write(other)
        if (written !== undefined) assert.strictEqual(written, expected, `${path.join("/")}: ${String(by)}`)
      }
    )

    it.prop("never has a member that its schema does not declare", { value: valid }, ({ value }) => {
      if (typeof value !== "object" || value === null) return
      assert.strictEqual(write({ passwordHash: "secret", ...value }), write(value))
    })
  })
}

describe("a value that breaks a check of its schema", () => {
  it("is left to encoding, which refuses it", () => {
    const write = jsonWriter(Schema.Struct({ stock: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)) }))
    assert.strictEqual(write({ stock: 0 }), '{"stock":0}')
    assert.isUndefined(write({ stock: -1 }))
    assert.isUndefined(write({ stock: 0.5 }))
  })
})

describe("a schema that the writer does not know", () => {
  it("is left to encoding", () => {
    assert.isUndefined(jsonWriter(Schema.Struct({ at: Schema.BigInt }))({ at: 1n }))
    assert.isUndefined(jsonWriter(Schema.Struct({ n: Schema.NumberFromString }))({ n: 1 }))
  })

  it("is left to encoding if that makes another value of the same type", () => {
    const shouted = Schema.String.pipe(
      Schema.decodeTo(Schema.String, {
        decode: SchemaGetter.transform((text: string) => text.toLowerCase()),
        encode: SchemaGetter.transform((text: string) => text.toUpperCase())
      })
    )
    const renamed = Schema.Struct({ name: Schema.String }).pipe(Schema.encodeKeys({ name: "title" }))
    for (const [schema, value] of [
      [Schema.Struct({ code: shouted }), { code: "a" }],
      [Schema.Struct({ code: Schema.optionalKey(shouted) }), { code: "a" }],
      [Schema.Array(shouted), ["a"]],
      [renamed, { name: "a" }]
    ] as const)
      assert.isUndefined(jsonWriter(schema)(value), JSON.stringify(value))
  })
})
