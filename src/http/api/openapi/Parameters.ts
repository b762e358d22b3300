import { Record } from "effect"

/** What a parameter means, which is the same wherever it is taken. */
const meanings: Readonly<Record<string, string>> = {
  id: "The id of what it is about, a UUID",
  limit: "How many items are answered at most: 1 to 100; if it is absent 20, and 10 of the top products",
  cursor: "The `nextCursor` of the page before, with the very same query",
  categoryId: "Only products of this category",
  q: "Only products that have all these words, each as the beginning of a word of name or SKU, whatever the case; punctuation and symbols only separate them",
  inStock: "Only products that are in stock, or only those that are not",
  sort: "What the products are sorted by; the newest first if it is absent",
  status: "Only orders with this status",
  customerId: "Only orders of this customer; for admins",
  from: "Only what was placed at this time or later (RFC 3339)",
  to: "Only what was placed before this time (RFC 3339)",
  interval: "Sales of each day, of each week, which begins on Monday, or of each month",
  timeZone:
    "The IANA time zone, such as Europe/Berlin, in which days, weeks and months begin; UTC if it is absent",
  "idempotency-key":
    "1 to 255 visible ASCII characters, new for each thing that is to happen once: the same request again is answered as the first time"
}

/** What is no text, although a URL can only carry text. */
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
          description: meanings[parameter.name],
          ...parameter,
          ...(schemas[parameter.name] && { schema: schemas[parameter.name] })
        }))
      }

/** Says of every parameter in an OpenAPI document what it means and what it is. */
export const describeParameters = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, Record.map(describe))
})
