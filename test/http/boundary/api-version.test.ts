import { createHash } from "node:crypto"
import { Predicate } from "effect"
import { expect, test } from "vitest"
import packageJson from "../../../package.json" with { type: "json" }
import { apiVersion, openApiDocument } from "../../../src/http/api/index.ts"

/** The fingerprint of the answers that have tags, by the `apiVersion` that is part of these tags. */
const fingerprints: Readonly<Record<string, string>> = {
  "0.1.0": "7072f24d9c18e7465a56a4bc307604da"
}

type Json = Readonly<Record<string, unknown>>

const { components, paths } = openApiDocument()

/** What describes a schema for people, and changes no answer. */
const words = new Set(["description", "title", "example", "examples"])

/** A schema with all that it refers to. Members keep their order, which is that of the answers. */
const wholeOf = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(wholeOf)
  if (!Predicate.isObject(schema)) return schema
  const { $ref, ...own } = schema as Json
  if (typeof $ref === "string") {
    const name = $ref.slice($ref.lastIndexOf("/") + 1)
    return wholeOf({ ...((components.schemas as Json)[name] as Json), ...own })
  }
  // The name of a member may be one of the words.
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) => {
      if (name === "properties") {
        return [[name, Object.entries(value as Json).map(([member, type]) => [member, wholeOf(type)])]]
      }
      return words.has(name) ? [] : [[name, wholeOf(value)]]
    })
  )
}

const answers = Object.entries(paths).flatMap(([path, operations]) => {
  const { responses } = operations.get ?? {}
  return responses !== undefined && "304" in responses
    ? [[path, wholeOf(responses["200"]?.content)] as const]
    : []
})

test("each release has another version of the API", () => {
  expect(apiVersion).toBe(packageJson.version)
})

test("answers that have tags are the same in one version of the API", () => {
  expect(answers.map(([path]) => path).sort()).toEqual([
    "/orders",
    "/orders/{id}",
    "/products",
    "/products/{id}"
  ])
  const fingerprint = createHash("sha256").update(JSON.stringify(answers)).digest("hex").slice(0, 32)
  expect(
    fingerprints[apiVersion],
    `The JSON of an answer with a tag has changed: readers who kept it would be told that it has not.
If ${apiVersion} is released, raise apiVersion (src/http/api/index.ts) and the version in package.json.
Then write here: "${apiVersion}": "${fingerprint}"`
  ).toBe(fingerprint)
})
