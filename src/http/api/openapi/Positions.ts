/** Positions of the log of changes in requests and answers, for shops whose reads are answered by a replica. */
import { Record } from "effect"

/** The header of a position. An answer to a change has it, and a read that must see this change sends it. */
export const positionHeader = "commerce-position"

/** The position of the examples. */
export const examplePosition = "0/16B3748"

const parameter = {
  name: positionHeader,
  in: "header",
  required: false,
  schema: { type: "string", pattern: "^[0-9A-F]{1,8}/[0-9A-F]{1,8}$" }
}

const header = {
  description:
    "The position of the change, for `Commerce-Position` of reads that must see it. It is opaque, and absent without a replica.",
  required: false,
  schema: { type: "string" },
  example: examplePosition
}

/** Reads that a replica may answer. */
const replicated: ReadonlySet<string> = new Set([
  "/categories",
  "/products",
  "/products/{id}",
  "/orders",
  "/feed",
  "/analytics/summary",
  "/analytics/sales",
  "/analytics/top-products"
])

interface Response {
  readonly headers?: object
}

interface Operation {
  readonly parameters?: ReadonlyArray<object>
  readonly responses?: Readonly<Record<string, Response>>
}

const declareHeader = (response: Response, status: string): Response =>
  status.startsWith("2")
    ? { ...response, headers: { ...response.headers, [positionHeader]: header } }
    : response

const declare = (operation: Operation, method: string, path: string): Operation => {
  if (method !== "get")
    return { ...operation, responses: Record.map(operation.responses ?? {}, declareHeader) }
  return replicated.has(path)
    ? { ...operation, parameters: [...(operation.parameters ?? []), parameter] }
    : operation
}

/** Declares the header of positions in an OpenAPI document. */
export const declarePositions = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, (operations, path) =>
    Record.map(operations, (operation, method) => declare(operation, method, path))
  )
})
