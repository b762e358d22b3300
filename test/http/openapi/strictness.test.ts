import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import formats from "ajv-formats"
import { Arbitrary, Result, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { decoder } from "../../../src/domain/shared/InvalidInput.ts"
import { Api } from "../../../src/http/api/index.ts"
import { maxBody } from "../../../src/http/api/Request.ts"
import * as Generators from "../../../src/testing/AllGenerators.ts"
import { type Gen, int, pick } from "../../../src/testing/Generators.ts"

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: { readonly type?: string }
  readonly example?: unknown
}
interface Operation {
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> }
}

const document = OpenApi.fromApi(Api) as unknown as {
  readonly paths: Record<string, Record<string, Operation>>
}
const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
ajv.addSchema(document as never, "api")

const escape = (name: string) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))

/** What JSON Schema cannot say: bytes, sums over several items, codes that differ when normalized, a bound by another member, the lists of another authority. */
const inexpressible =
  /bytes|at most 100 products|units of a product in all|at most what has come back|an IANA time zone|of the years 1 to 9999|calendar|Expected different codes|a host that may exist/

/** Compares what the document says of a value with what the decoder says. */
const agree = (
  documented: boolean,
  decoded: Result.Result<unknown, { readonly errors: ReadonlyArray<{ readonly message: string }> }>,
  value: unknown
) => {
  const inexpressibleOnly =
    Result.isFailure(decoded) && decoded.failure.errors.every(({ message }) => inexpressible.test(message))
  if (documented && inexpressibleOnly) return
  const says = Result.isFailure(decoded) ? JSON.stringify(decoded.failure.errors) : "accepted"
  assert.strictEqual(Result.isSuccess(decoded), documented, `${JSON.stringify(value)}: ${says}`)
}

const texts = [
  "",
  " ",
  "\u0000",
  "\u0001",
  "a\tb",
  "a\nb",
  "\u200b",
  "a\u200bb",
  "a\u202eb",
  "a\u200db",
  "👩\u200d👧",
  "❤\ufe0f",
  "\u3164",
  "\u2800",
  "\uffff",
  "\ud800",
  "x".repeat(73),
  "🛒".repeat(64),
  "🛒".repeat(65),
  "x".repeat(256),
  "x".repeat(10_001),
  "EUR",
  "eur",
  "XQQ",
  "HRK",
  "EURO",
  "CLF",
  "a@b",
  "a@",
  "a@b@c",
  "a b@c",
  "a\u200b@c",
  "0198c0de-0000-7abc-8def-0123456789ab",
  "0198C0DE-0000-7ABC-8DEF-0123456789AB",
  "urn:uuid:0198c0de-0000-7abc-8def-0123456789ab",
  "0198c0de00007abc8def0123456789ab",
  "2026-02-28T09:30:00Z",
  "2026-02-28t09:30:00z",
  "2026-02-28T09:30:60Z",
  "2026-02-30T09:30:00Z",
  "2026-02-28T09:30:00",
  "2026-02-28",
  "2026-02-28T09:30:00.123456+05:30",
  "day",
  "any",
  "latest",
  "1:4711:0198c0de-0000-7abc-8def-0123456789ab:1",
  "1:4711:0198c0de-0000-7abc-8def-0123456789ab",
  "https://cdn.example/mug.jpg",
  "http://[::1]:65535/?a#b",
  "https://cdn.example:65536/",
  "https://ada:secret@cdn.example/",
  "https:///mug.jpg",
  "//cdn.example/mug.jpg",
  "javascript:alert(1)",
  "https://cdn.example/a b",
  'https://cdn.example/"onload=',
  "https://cdn.example/'onload=",
  "https://256.256.256.256/",
  `https://cdn.example/${"x".repeat(2028)}`,
  `https://cdn.example/${"x".repeat(2029)}`,
  "Europe/Berlin",
  "+01:00",
  "true",
  "1",
  "01",
  "100",
  "101",
  "1e1",
  "-price",
  "PAID",
  "SHIPPED"
]
const others = [
  null,
  true,
  0,
  -1,
  1.5,
  1,
  100,
  1_000_000,
  1_000_001,
  10 ** 12,
  10 ** 12 + 1,
  2 ** 53,
  [],
  {},
  [1],
  { a: "b" },
  { amount: 1, currency: "EUR" },
  { "": "" },
  { "\u0000": "" },
  { a: 1 }
]

type Path = ReadonlyArray<string | number>
const pathsOf = (value: unknown, path: Path = []): ReadonlyArray<Path> => [
  path,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, field]) => pathsOf(field, [...path, key]))
    : [])
]

/** Replaces the value at a path; `undefined` removes it. */
const replace = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((one, i) => (String(i) === key ? replace(one, rest, by) : one))
  const own = value as Record<string, unknown>
  const replaced = { ...own, [key]: replace(own[key], rest, by) }
  if (replaced[key] === undefined) delete replaced[key]
  return replaced
}

/** Generates a valid body, one with another value somewhere, without a member, or with one more. */
const bodies = (valid: Gen<unknown>): Gen<unknown> =>
  Arbitrary.map(
    Arbitrary.all([valid, int(0, 10_000), int(0, 9), pick([...texts, ...others])]),
    ([body, at, how, other]) => {
      const json: unknown = JSON.parse(JSON.stringify(body))
      const paths = pathsOf(json)
      const path = paths[at % paths.length] ?? []
      if (how === 0) return json
      if (how === 1) return replace(json, path.length === 0 ? ["none"] : path, undefined)
      if (how === 2) return replace(json, ["more"], other)
      return replace(json, path, other)
    }
  )

/** Requests of orders, most of them with codes of vouchers. */
const orderRequest = Arbitrary.map(
  Arbitrary.all([Generators.orderRequest, Arbitrary.array(Generators.voucherCode, { maxLength: 11 })]),
  ([request, codes]) => (codes.length === 0 ? request : { ...request, codes })
)

const valid: Readonly<Record<string, Gen<unknown>>> = {
  register: Generators.registration,
  login: Generators.login,
  refresh: Generators.refreshTokenRequest,
  logout: Generators.refreshTokenRequest,
  changePassword: Generators.passwordChange,
  requestPasswordReset: Generators.passwordResetRequest,
  resetPassword: Generators.newPassword,
  createServiceToken: Generators.serviceTokenRequest,
  createCategory: Generators.newCategory,
  renameCategory: Generators.categoryChange,
  createProduct: Generators.newProduct,
  changeProduct: Generators.productChange,
  adjustStock: Generators.stockAdjustment,
  place: orderRequest,
  advance: Arbitrary.map(pick(["SHIPPED", "COMPLETED"]), (status) => ({ status })),
  move: Arbitrary.map(Generators.stage, (stage) => ({ stage })),
  ship: Generators.shipmentRequest,
  cancel: Generators.cancellationRequest,
  returnItems: Generators.returnRequest,
  pay: Generators.paymentRequest,
  refund: Generators.refundRequest,
  recordOperation: Generators.operationRecord,
  recordPayment: Generators.paymentRecord,
  recordOutcome: Generators.outcomeRecord,
  quote: orderRequest,
  createVoucher: Generators.newVoucher,
  changeVoucher: Generators.voucherChange
}

const strict = { onExcessProperty: "error" } as const

interface Endpoint {
  readonly method: string
  readonly path: string
  readonly payload: ReadonlyMap<string, { readonly schemas: ReadonlyArray<Schema.Codec<unknown, unknown>> }>
  readonly query?: Schema.Codec<unknown, unknown>
  readonly headers?: Schema.Codec<unknown, unknown>
}

const groups = Api.groups as unknown as Record<string, { readonly endpoints: Record<string, Endpoint> }>
const endpoints = Object.values(groups)
  .flatMap((group) => Object.entries(group.endpoints))
  .filter(
    ([, { payload, query, headers }]) => payload.size > 0 || query !== undefined || headers !== undefined
  )

for (const [name, endpoint] of endpoints) {
  const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}")
  const method = endpoint.method.toLowerCase()
  const operation = document.paths[path]?.[method]
  const place = `api#/paths/${escape(path)}/${method}`

  describe(`${endpoint.method} ${path}`, () => {
    const schema = endpoint.payload.get("application/json")?.schemas[0]
    if (schema !== undefined) {
      const isDocumented = ajv.compile({
        $ref: `${place}/requestBody/content/${escape("application/json")}/schema`
      })
      const decode = decoder(Schema.toCodecJson(schema) as never, strict)
      const generator = valid[name]

      it("has a generator of bodies", () => assert.isDefined(generator))

      it.prop(
        "documents a body as strictly as it decodes it",
        { body: bodies(generator ?? pick([{}])) },
        ({ body }) => agree(isDocumented(body), decode(body), body),
        { arbitrary: { runs: 400 } }
      )
    }

    for (const [i, parameter] of (operation?.parameters ?? []).entries()) {
      const source =
        parameter.in === "query" ? endpoint.query : parameter.in === "header" ? endpoint.headers : undefined
      if (source === undefined) continue
      it(`documents ${parameter.name} as strictly as it decodes it`, () => {
        const isDocumented = ajv.compile({ $ref: `${place}/parameters/${i}/schema` })
        const decode = decoder(source as never)
        const required = parameter.name === "interval" || !path.endsWith("/sales") ? {} : { interval: "day" }
        for (const text of texts) {
          if (parameter.schema.type === "integer" && /^0\d/.test(text)) continue
          const typed =
            parameter.schema.type === "integer" && /^-?\d+$/.test(text)
              ? Number(text)
              : parameter.schema.type === "boolean" && /^(true|false)$/.test(text)
                ? text === "true"
                : text
          agree(isDocumented(typed), decode({ ...required, [parameter.name]: text }), text)
        }
      })
    }
  })
}

describe("the examples of parameters", () => {
  const cases = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters.map((parameter, i) => ({ path, method, i, ...parameter }))
    )
  )

  it.each(cases)("describe a valid $name of $method $path", ({ path, method, i, example }) => {
    const isValid = ajv.compile({ $ref: `api#/paths/${escape(path)}/${method}/parameters/${i}/schema` })
    assert.isDefined(example)
    assert.isTrue(isValid(example), JSON.stringify(isValid.errors))
  })
})

describe("the examples of schemas", () => {
  const { schemas } = (
    document as unknown as {
      readonly components: { schemas: Record<string, { readonly examples?: ReadonlyArray<unknown> }> }
    }
  ).components
  const cases = Object.entries(schemas).flatMap(([name, { examples = [] }]) =>
    examples.map((example) => ({ name, example }))
  )

  it("are there for what clients send, and for what the money of an order is", () => {
    const names = cases.map(({ name }) => name)
    for (const name of ["OrderRequest", "RefundRequest", "OperationRecord", "Payment", "Refundable"])
      assert.include(names, name)
  })

  it.each(cases)("describe a valid $name", ({ name, example }) => {
    const isValid = ajv.compile({ $ref: `api#/components/schemas/${name}` })
    assert.isTrue(isValid(example), JSON.stringify(isValid.errors))
  })
})

describe("the schemas of answers", () => {
  interface Documented {
    readonly properties?: Record<
      string,
      {
        readonly format?: string
        readonly pattern?: string
        readonly anyOf?: ReadonlyArray<{ pattern?: string }>
      }
    >
  }
  const { schemas } = (
    document as unknown as { readonly components: { schemas: Record<string, Documented> } }
  ).components
  const properties = (names: RegExp) =>
    Object.entries(schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).flatMap(([name, property]) =>
        names.test(name) ? [{ name: `${schema}.${name}`, property }] : []
      )
    )

  it("have a format for every time", () => {
    const times = properties(/^(createdAt|updatedAt|at|start)$/)
    assert.isAbove(times.length, 7)
    assert.deepStrictEqual(
      times.filter(({ property }) => property.format !== "date-time"),
      []
    )
  })

  it("have a pattern for every currency", () => {
    const currencies = properties(/^currency$/)
    assert.isAbove(currencies.length, 1)
    assert.deepStrictEqual(
      currencies.filter(
        ({ property: { anyOf, pattern = anyOf?.[0]?.pattern } }) =>
          pattern === undefined || new RegExp(pattern, "u").test("eur")
      ),
      []
    )
  })
})

describe("a body of the greatest length", () => {
  const fits = (body: unknown) => Buffer.byteLength(JSON.stringify(body)) <= maxBody
  const id = "00000000-0000-7000-8000-000000000000"
  const isPlaceable = ajv.compile({ $ref: "api#/components/schemas/OrderRequest" })
  const order = (lines: number) => ({
    items: Array.from({ length: lines }, () => ({ productId: id, quantity: 1_000_000 })),
    expectedTotal: { amount: Number.MAX_SAFE_INTEGER, currency: "EUR" },
    metadata: { a: "x".repeat(4096 - 8) }
  })
  const most = Array.from({ length: 1001 }, (_, n) => n).findLast((n) => isPlaceable(order(n))) ?? 0

  it("of an order is the greatest that the limit of bodies leaves", () => {
    assert.isTrue(fits(order(most)))
    assert.isFalse(fits(order(most + 20)))
  })

  it("of a product has room for every text that is allowed", () => {
    const isProduct = ajv.compile({ $ref: "api#/components/schemas/NewProduct" })
    const product = {
      categoryId: id,
      name: "🛒".repeat(200),
      description: "🛒".repeat(10_000),
      sku: "🛒".repeat(64),
      price: { amount: 10 ** 12, currency: "EUR" },
      stock: 10 ** 12
    }
    assert.isTrue(isProduct(product))
    assert.isTrue(fits(product))
  })
})
