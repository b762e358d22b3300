import { Record } from "effect"
import { examplePosition } from "./Positions.ts"
import * as story from "./Story.ts"

/** Description of each parameter. A parameter means the same in all operations. */
const descriptions: Readonly<Record<string, string>> = {
  id: "Id of the resource, a UUID",
  limit:
    "Maximum number of items to return, 1 to 100. A page ends earlier if it would exceed 256 KiB. Defaults to 20, for top products to 10, for the feed to 100.",
  cursor: "The `nextCursor` of the previous page. All other parameters must be unchanged.",
  categoryId: "Selects products of this category.",
  q: "Selects products that contain all search words. A search word matches the beginning of a word in the name or SKU. Case, accents and width are ignored, and hyphens and apostrophes may be left out; other punctuation and symbols separate words. In scripts without spaces it matches inside a text too. A query without words, such as `%`, finds nothing.",
  inStock: "`true` selects products in stock, `false` products out of stock.",
  active:
    "`true` selects active products, `false` inactive ones, `any` both. Defaults to `true`. All but `true` require an admin.",
  sort: "Sort order. Defaults to `newest`.",
  email: "Selects the account that has this email, ignoring case.",
  status: "Selects orders with this status.",
  stage: "Selects orders in this stage.",
  customerId: "Selects orders of this customer, by the exact id. Requires an admin.",
  from: "Selects orders placed at or after this time (RFC 3339).",
  to: "Selects orders placed before this time (RFC 3339).",
  interval: "Length of an interval. Weeks begin on Monday.",
  timeZone: "IANA time zone in which intervals begin, such as Europe/Berlin. Defaults to UTC.",
  after:
    "The `nextPosition` of the previous request. Defaults to the start of the feed. `latest` starts after the last event that there is now.",
  wait: "Seconds to wait for an event if there is none, 0 to 25. Defaults to 0.",
  "if-none-match":
    "The `ETag` of an earlier answer, several of them, or `*`. If the answer is still the same, it is 304 without a body.",
  "commerce-position":
    "The `Commerce-Position` of an answer to a change. Every server then answers with this change, and a replica that has it may be read. Without a replica it has no effect.",
  "idempotency-key":
    "Idempotency key, 1 to 255 visible ASCII characters. Use a new key for each operation. A repeated request with the same key returns the first response."
}

/** An example of each parameter, of the story that the examples of bodies tell. Documentation pages fill forms with them. */
const examples: Readonly<Record<string, unknown>> = {
  limit: 20,
  cursor: "WyIyMDI2LTExLTIzIl0",
  categoryId: story.categoryId,
  q: "espresso",
  inStock: true,
  email: "ada@example.com",
  active: "any",
  after: `1:4711:${story.orderId}:1`,
  wait: 25,
  sort: "price",
  status: "PAID",
  stage: "packing",
  customerId: story.customerId,
  from: "2026-11-01T00:00:00Z",
  to: "2026-12-01T00:00:00Z",
  interval: "day",
  timeZone: "Europe/Berlin",
  "if-none-match": story.etag,
  "commerce-position": examplePosition,
  "idempotency-key": "8f14e45f-ea8b-4b0c-9d5b-3c1c0f7d7c11"
}

/** The id that a path begins with is that of its collection. */
const ids: Readonly<Record<string, string>> = {
  accounts: story.customerId,
  "service-tokens": story.serviceTokenId,
  categories: story.categoryId,
  products: story.productId,
  orders: story.orderId,
  payments: story.paymentId,
  vouchers: story.voucherId
}

const exampleOf = (name: string, path: string): unknown =>
  name === "id" ? ids[path.split("/")[1] ?? ""] : examples[name]

/** Types of parameters that are not text. Effect describes every query parameter as a string. */
const schemas: Readonly<Record<string, object>> = {
  limit: { type: "integer", minimum: 1, maximum: 100 },
  inStock: { type: "boolean" },
  wait: { type: "integer", minimum: 0, maximum: 25 },
  active: { type: "string", enum: ["true", "false", "any"] }
}

interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string }>
}

const describe = (operation: Operation, path: string): Operation =>
  operation.parameters === undefined
    ? operation
    : {
        ...operation,
        parameters: operation.parameters.map((parameter) => ({
          description: descriptions[parameter.name],
          example: exampleOf(parameter.name, path),
          ...parameter,
          ...(schemas[parameter.name] && { schema: schemas[parameter.name] })
        }))
      }

/** Adds descriptions, examples and types to the parameters of an OpenAPI document. */
export const describeParameters = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, (operations, path) =>
    Record.map(operations, (operation) => describe(operation, path))
  )
})
