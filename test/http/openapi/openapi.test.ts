import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { calls, type Endpoint, endpoints } from "../support/Endpoints.ts"
import { open } from "../support/Shop.ts"

describe("The description of the API", () => {
  const shop = open({ stores: Memory.layer })

  const operations = async () =>
    Object.entries((await shop.document()).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const
      )
    )

  test("is OpenAPI 3.1, as JSON", async () => {
    const answer = await shop.nobody.get("/openapi.json")
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/)
    expect(answer.body).toMatchObject({ openapi: expect.stringMatching(/^3\.1\.\d+$/) })
  })

  test("describes lists as such: a generator of clients reads prefixItems as a tuple", async () => {
    const document = await shop.document()
    expect(JSON.stringify(document)).not.toContain("prefixItems")
    expect(document).toHaveProperty("components.schemas.Order.properties.items", {
      type: "array",
      items: { $ref: "#/components/schemas/OrderItem" },
      minItems: 1
    })
  })

  test("restricts a value in one schema: a generator of clients reads the members of allOf as values of any type", async () => {
    const document = await shop.document()
    const holders = Object.entries(document.components.schemas).filter(([, schema]) =>
      JSON.stringify(schema).includes('"allOf"')
    )
    expect(holders.map(([name]) => name)).toEqual([])
    expect(JSON.stringify(document.paths).includes('"allOf"')).toBe(false)
    const { delta } = (document.components.schemas.StockAdjustment as { properties: Record<string, object> })
      .properties
    expect(delta).toMatchObject({ type: "integer", minimum: -(10 ** 12), not: { const: 0 } })
    const { name } = (document.components.schemas.NewCategory as { properties: Record<string, object> })
      .properties
    expect(name).toMatchObject({ type: "string", minLength: 1, maxLength: 100, pattern: expect.any(String) })
  })

  test("names every operation by a name that programs can have", async () => {
    const names = (await operations()).map(([, { operationId = "" }]) => operationId)
    expect(names).toContain("ordersPlace")
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  test("has each component once, under one name, and no union of one with itself", async () => {
    const { components } = await shop.document()
    const shapes = Object.values(components.schemas).map((schema) => JSON.stringify(schema))
    expect(new Set(shapes).size).toBe(shapes.length)
    expect(Object.keys(components.schemas).filter((name) => /_\d+$/.test(name))).toEqual([])
    const unions = JSON.stringify(await shop.document()).matchAll(/"anyOf":\[((?:\{"\$ref":"[^"]+"\},?)+)\]/g)
    for (const [, union = ""] of unions) {
      const members = union.split(/(?<=\}),/)
      expect(new Set(members).size).toBe(members.length)
      expect(members.length).toBeGreaterThan(1)
    }
  })

  test("lists every endpoint of the contract that is there, and no other", async () => {
    expect((await operations()).map(([call]) => call).sort()).toEqual([...calls].sort())
  })

  test.each(calls)("%s: its success, its problems, and whether it needs a token", async (call) => {
    const operation = new Map(await operations()).get(call)
    const { who, status, location, once, elevates, conditional, replicated }: Endpoint = endpoints[call]
    const responses = operation?.responses ?? {}
    const success = Object.keys(responses).filter((code) => Number(code) < 400)
    expect(success).toEqual([`${status}`, ...(conditional ? ["304"] : [])])
    expect(responses[304]?.content).toBe(undefined)
    expect(Object.keys(responses[304]?.headers ?? {})).toEqual(conditional ? ["etag"] : [])
    expect(Object.keys(responses[status]?.content ?? {})).toEqual(status === 204 ? [] : ["application/json"])
    const headers = [
      ...(location ? ["location"] : []),
      ...(once ? ["idempotent-replayed"] : []),
      ...(conditional ? ["etag"] : []),
      ...(call.startsWith("GET ") ? [] : ["commerce-position"])
    ]
    expect(Object.keys(responses[status]?.headers ?? {}).sort()).toEqual(headers.sort())
    const proves = ["POST /auth/login", "POST /auth/refresh"].includes(call)
    expect("401" in responses).toBe(who !== "public" || proves || elevates === true)
    expect("413" in responses && "415" in responses).toBe(operation?.requestBody !== undefined)
    expect(JSON.stringify(operation).includes('"idempotency-key"')).toBe(once === true)
    expect(JSON.stringify(operation).includes('"if-none-match"')).toBe(conditional === true)
    const parameters = operation?.parameters ?? []
    expect(parameters.some(({ name }) => name === "commerce-position")).toBe(replicated === true)
    const bearer = [{ bearer: [] }]
    const optional = elevates === true ? [{}, ...bearer] : []
    expect(operation).toMatchObject({ security: who === "public" ? optional : bearer })
  })

  test("refers to nothing that it does not hold", async () => {
    const document = await shop.document()
    const names = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)
    const missing = [...names].map(([, name = ""]) => name.replace("#/components/schemas/", ""))
    expect(missing.filter((name) => !(name in document.components.schemas))).toEqual([])
    expect(missing.length).toBeGreaterThan(20)
  })
})

describe("The page that documents the API", () => {
  const shop = open({ stores: Memory.layer })

  /** The page, and what its own script says. */
  const shell = async () => {
    const answer = await shop.nobody.get("/docs")
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/)
    const scripts = Array.from(
      answer.text.matchAll(/<script defer src="(docs\/\w+\.js)">/g),
      ([, src]) => src
    )
    expect(scripts.length).toBe(2)
    const text = await (await fetch(`${shop.url()}/${scripts[1]}`)).text()
    return { html: answer.text.replaceAll(/<script defer src="docs\/\w+\.js">/g, ""), text }
  }

  test("loads nothing from another host", async () => {
    const { html, text } = await shell()
    expect(text).toContain('"withDefaultFonts":false')
    expect(html).toContain("<title>effect-commerce: API</title>")
    const others = html.replace(/<link rel="icon" href="data:[^"]*">/, "")
    expect(others).not.toMatch(/https?:|\/\/[a-z]|\bimport\b|@font-face|url\(/i)
    expect(others).not.toMatch(/<(link|img|iframe|script)[^>]*\b(src|href)=/i)
  })

  test("describes every endpoint", async () => {
    const { text } = await shell()
    for (const call of calls) expect(text).toContain(call.split(" ")[1])
  })
})
