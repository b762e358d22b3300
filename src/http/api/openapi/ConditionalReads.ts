import { etag } from "./Story.ts"

interface Operation {
  readonly parameters?: ReadonlyArray<object>
  readonly responses?: Readonly<Record<string, object>>
}

const headers = {
  etag: {
    description: "The version of the answer, for `If-None-Match`. It is opaque.",
    required: true,
    schema: { type: "string" },
    example: etag
  }
}

const ifNoneMatch = { name: "if-none-match", in: "header", required: false, schema: { type: "string" } }

/** Declares in an OpenAPI document that an operation answers conditional requests. */
export const declareConditional = (operation: Operation): Operation => ({
  ...operation,
  parameters: [...(operation.parameters ?? []), ifNoneMatch],
  responses: {
    ...operation.responses,
    200: { ...operation.responses?.[200], headers },
    304: { description: "Not modified: `If-None-Match` names the present `ETag`", headers }
  }
})
