import type { Dice } from "./Dice.ts"
import { hostileBodies, hostileHeaders, hostileInUrl } from "./Hostile.ts"
import { type JsonSchema, type Known, valuesOf } from "./Values.ts"

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

export interface Operation {
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Record<string, { readonly schema: JsonSchema }> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** As much of an OpenAPI document as is needed to use the API. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** Bytes to send, and the endpoint that they reach, if any. */
export interface Attempt {
  readonly endpoint: { readonly path: string; readonly method: string } | undefined
  readonly bytes: Buffer
}

const methods = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"]

/** Makes requests from the description of an API: a third as described, a third nearly so, a third hostile. */
export const requestsOf = (
  dice: Dice,
  { paths, components }: Description,
  known: Known,
  tokens: ReadonlyArray<string>
) => {
  const write = valuesOf(dice, components.schemas, known)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
  )

  const shortestFirst = operations.toSorted((a, b) => a.path.length - b.path.length)
  const patterns = shortestFirst.map(({ path, method }) => {
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]*")}/?$`)
    return { path, method, pattern }
  })
  const reached = (method: string, target: string) => {
    const [asked = ""] = target.split("?")
    return patterns.find((one) => one.method === method && one.pattern.test(asked))
  }

  const inUrl = (schema: JsonSchema, name: string, hostile: boolean): string => {
    if (hostile && dice.once(2)) return dice.pick(hostileInUrl)
    const text = write(schema, name, 0)
    return encodeURIComponent(text.startsWith('"') ? JSON.parse(text) : text)
  }

  return (): Attempt => {
    const { path, method, operation } = dice.pick(operations)
    const mood = dice.below(3)
    const hostile = mood === 2
    const parameters = operation.parameters ?? []
    const of = (place: string) =>
      parameters.filter((parameter) => parameter.in === place && (parameter.required || dice.once(2)))

    let target = path
    for (const { name, schema } of of("path")) {
      target = target.replace(`{${name}}`, inUrl(schema, name, hostile))
    }
    const query = of("query").map(({ name, schema }) => `${name}=${inUrl(schema, name, hostile)}`)
    if (hostile && dice.once(4)) query.push(`${dice.pick(hostileInUrl)}=${dice.pick(hostileInUrl)}`)
    if (query.length > 0) target += `?${query.join("&")}`

    const headers = of("header").map(({ name, schema }) => `${name}: ${JSON.parse(write(schema, name, 0))}`)
    if (!hostile || dice.once(2)) headers.push(`Authorization: Bearer ${dice.pick(tokens)}`)
    if (hostile) headers.push(dice.pick(hostileHeaders))

    const schema = operation.requestBody?.content["application/json"]?.schema
    const spoil = mood === 0 ? 0 : mood === 1 ? 8 : 3
    const body =
      hostile && dice.once(4)
        ? dice.pick(hostileBodies)
        : schema === undefined
          ? Buffer.alloc(0)
          : Buffer.from(write(schema, "", spoil))
    const asked = hostile && dice.once(8) ? dice.pick(methods) : method
    if (body.length > 0 && !headers.some((header) => /^content-type/i.test(header))) {
      headers.push("Content-Type: application/json")
    }
    const content =
      hostile && dice.once(6) && body.length > 0
        ? { headers: ["Transfer-Encoding: chunked"], bytes: chunked(body) }
        : { headers: [`Content-Length: ${body.length}`], bytes: body }
    const head = [
      `${asked} ${target} HTTP/1.1`,
      "Host: shop.example",
      "Connection: close",
      ...headers,
      ...content.headers,
      "",
      ""
    ]
    return {
      endpoint: reached(asked, target),
      bytes: Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), content.bytes])
    }
  }
}

const chunked = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")])
