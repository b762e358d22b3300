import { Ajv2020 } from "ajv/dist/2020.js"
import formats from "ajv-formats"
import type { Attempt, Description } from "./Requests.ts"
import type { Reply } from "./Wire.ts"

const escape = (name: string) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))

/** Problems that no endpoint declares, because no endpoint was reached. */
const elsewhere = new Set([
  "not-found",
  "method-not-allowed",
  "headers-too-large",
  "invalid-request",
  "unsupported-media-type",
  "payload-too-large"
])

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Problem {
  readonly code?: string
  readonly status?: number
  readonly errors?: ReadonlyArray<{ readonly message: string }>
}

/** What the server itself says: the paths of faults, also in the detail, are made of names that the request has. */
const ownWordsOf = (text: string, problem: Problem) =>
  problem.errors === undefined ? text : problem.errors.map(({ message }) => message).join("\n")

/** Holds answers against the document: what is wrong with one, if anything. */
export const judgeOf = (description: Description) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(description, "api")

  const declared = ({ endpoint }: Attempt, { status, type }: Reply) => {
    if (endpoint === undefined) return undefined
    const { path, method } = endpoint
    const operation = description.paths[path]?.[method.toLowerCase()]
    const response = operation?.responses[String(status)] as { content?: Record<string, object> } | undefined
    if (response === undefined || (status !== 204 && response.content?.[type ?? ""] === undefined))
      return undefined
    const place = `api#/paths/${escape(path)}/${method.toLowerCase()}/responses/${status}/content/${escape(type ?? "")}/schema`
    return status === 204 ? () => true : ajv.compile({ $ref: place })
  }

  return (attempt: Attempt, reply: Reply): string | undefined => {
    const { status, type, text } = reply
    const problem = json(text) as Problem | undefined
    if (status >= 500) return `a ${status}`
    if (status >= 400) {
      if (type !== "application/problem+json" || problem?.status !== status)
        return "a refusal that is no problem document"
      if (/\bat .*:\d+|\.ts\b|node_modules|SELECT |INSERT |commerce\./.test(ownWordsOf(text, problem)))
        return "a refusal that tells too much"
    }
    const fits = declared(attempt, reply)
    if (fits?.(json(text)) || (status >= 400 && elsewhere.has(problem?.code ?? ""))) return undefined
    return fits === undefined
      ? `an undeclared ${status} ${problem?.code}`
      : "an answer that does not fit the document"
  }
}
