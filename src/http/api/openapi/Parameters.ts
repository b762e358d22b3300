import { Record } from "effect"

/** Description of each parameter. A parameter means the same in all operations. */
const descriptions: Readonly<Record<string, string>> = {
  id: "Id of the resource, a UUID",
  limit:
    "Maximum number of items to return, 1 to 100. A page ends earlier if it would exceed 256 KiB. Defaults to 20, for top products to 10.",
  cursor: "The `nextCursor` of the previous page. All other parameters must be unchanged.",
  categoryId: "Selects products of this category.",
  q: "Selects products that contain all search words. A search word matches the beginning of a word in the name or SKU. Case, accents and width are ignored, and hyphens and apostrophes may be left out; other punctuation and symbols separate words. In scripts without spaces it matches inside a text too. A query without words, such as `%`, finds nothing.",
  inStock: "`true` selects products in stock, `false` products out of stock.",
  sort: "Sort order. Defaults to `newest`.",
  status: "Selects orders with this status.",
  stage: "Selects orders in this stage.",
  customerId: "Selects orders of this customer, by the exact id. Requires an admin.",
  from: "Selects orders placed at or after this time (RFC 3339).",
  to: "Selects orders placed before this time (RFC 3339).",
  interval: "Length of an interval. Weeks begin on Monday.",
  timeZone: "IANA time zone in which intervals begin, such as Europe/Berlin. Defaults to UTC.",
  "idempotency-key":
    "Idempotency key, 1 to 255 visible ASCII characters. Use a new key for each operation. A repeated request with the same key returns the first response."
}

/** Types of parameters that are not text. Effect describes every query parameter as a string. */
const schemas: Readonly<Record<string, object>> = {
  limit: { type: "integer", minimum: 1, maximum: 100 },
  inStock: { type: "boolean" }
}

interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string }>
}

const describe = (operation: Operation): Operation =>
  operation.parameters === undefined
    ? operation
    : {
        ...operation,
        parameters: operation.parameters.map((parameter) => ({
          description: descriptions[parameter.name],
          ...parameter,
          ...(schemas[parameter.name] && { schema: schemas[parameter.name] })
        }))
      }

/** Adds descriptions and types to the parameters of an OpenAPI document. */
export const describeParameters = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, Record.map(describe))
})
