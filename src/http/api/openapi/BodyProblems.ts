import { Record } from "effect"
import { contentType, type ProblemType } from "../Problem.ts"

/** Problems of a request body that are found before an endpoint decodes it. */
export const bodyProblems = {
  tooLarge: { status: 413, code: "payload-too-large", title: "Payload too large" },
  mediaType: { status: 415, code: "unsupported-media-type", title: "Unsupported media type" }
} as const satisfies Record<string, ProblemType>

const documented = ({ status, code, title }: ProblemType) => ({
  description: title,
  content: {
    [contentType]: {
      schema: {
        type: "object",
        properties: {
          type: { type: "string" },
          title: { type: "string", enum: [title] },
          status: { type: "integer", enum: [status] },
          detail: { type: "string" },
          code: { type: "string", enum: [code] }
        },
        required: ["type", "title", "status", "detail", "code"],
        additionalProperties: false
      }
    }
  }
})

const responses = Object.fromEntries(
  Object.values(bodyProblems).map((kind) => [kind.status, documented(kind)])
)

type Operation = { readonly requestBody?: unknown; readonly responses: object }

const declare = (operation: Operation): Operation =>
  operation.requestBody === undefined
    ? operation
    : { ...operation, responses: { ...operation.responses, ...responses } }

/** Adds the problems of request bodies to all operations with a body in an OpenAPI document. */
export const declareBodyProblems = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, Record.map(declare))
})
