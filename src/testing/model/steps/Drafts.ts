import { Arbitrary, Effect } from "effect"
import { wholeRate } from "../../../domain/pricing/Adjustment.ts"
import { Catalog } from "../../../services/Catalog.ts"
import type { AdjustmentInput, PlaceOrderInput } from "../../../services/inputs/Orders.ts"
import { Orders } from "../../../services/Orders.ts"
import { oneOf, pick } from "../../Generators.ts"
import type { ModelShop } from "../ModelShop.ts"
import { find, findCode, findCustomer, type World } from "../World.ts"
import { mostly, which } from "./Step.ts"
import { vouchers } from "./VoucherSteps.ts"

const metadata = mostly<Readonly<Record<string, string>> | undefined>(
  [
    undefined,
    undefined,
    undefined,
    undefined,
    { gift: "yes", note: "" },
    { country: "moon" },
    JSON.parse('{"__proto__": "1", "constructor": "2"}')
  ],
  [{ zero: "\u0000" }]
)

/** A figure of the host's. `covers` selects a line of the order, or the fee. */
const figure = mostly(
  [
    { kind: "fee", code: "delivery", amount: 590 },
    { kind: "discount", code: "sale", rate: 150_000 },
    { kind: "discount", code: "sale", amount: 99 },
    { kind: "discount", code: "one", amount: 1000, covers: 1 },
    { kind: "discount", code: "free", rate: wholeRate },
    { kind: "tax", code: "vat", rate: 190_000, included: true },
    { kind: "tax", code: "reduced", rate: 70_000, included: true, covers: 0 },
    { kind: "tax", code: "service", amount: 7, included: true },
    { kind: "discount", code: "no delivery", rate: wholeRate, covers: "delivery" }
  ],
  [
    { kind: "tax", code: "added", rate: 85_475, included: false },
    { kind: "fee", code: "negative", amount: -1 },
    { kind: "tax", code: "above", rate: wholeRate + 1, included: true },
    { kind: "fee", code: "huge", amount: Number.MAX_SAFE_INTEGER },
    { kind: "discount", code: "neither" }
  ]
)
type Figure = typeof figure extends Arbitrary.Arbitrary<infer A> ? A : never

const toAdjustment = (figure: Figure, items: ReadonlyArray<Line>) => {
  const { covers, ...request } = { covers: undefined, ...figure }
  const on =
    covers === undefined
      ? undefined
      : typeof covers === "string"
        ? { fees: [covers] }
        : { items: items.slice(covers, covers + 1).map(({ productId }) => productId) }
  // Input of a host without types: some of it is invalid.
  return { ...request, name: request.code, ...(on && { on }) } as AdjustmentInput
}

const expectation = mostly(
  ["nothing", "nothing", "nothing", "what it is worth", "what is quoted"],
  ["less", "yen"]
)

const line = Arbitrary.all({
  product: which,
  quantity: mostly([1, 1, 1, 1, 1, 1, 2, 3, 5, 10], [100, 1_000_000, 0])
})

/** Generates the fields of a draft. Most orders have no codes and no adjustments. */
export const draftFields = {
  customer: which,
  lines: oneOf([1, 1, 2, 4].map((maxLength) => Arbitrary.array(line, { minLength: 1, maxLength }))),
  vouchers,
  figures: oneOf<ReadonlyArray<Figure> | undefined>([
    pick([undefined]),
    pick([undefined]),
    pick([undefined]),
    Arbitrary.array(figure, { maxLength: 3 })
  ]),
  expectation,
  metadata
}

const fields = Arbitrary.all(draftFields)
type Fields = typeof fields extends Arbitrary.Arbitrary<infer A> ? A : never

interface Line {
  readonly productId: string
  readonly quantity: number
}

/** Computes the total of the lines at current prices. Unknown products count as 0. */
const worth = (lines: ReadonlyArray<Line>): Effect.Effect<number, never, ModelShop> =>
  Effect.map(
    Effect.forEach(lines, ({ productId, quantity }) =>
      Catalog.use((catalog) => catalog.product(productId)).pipe(
        Effect.map(({ price }) => price.amount * quantity),
        Effect.orElseSucceed(() => 0)
      )
    ),
    (amounts) => amounts.reduce((sum, amount) => sum + amount, 0)
  )

const expectedTotal = (
  draft: PlaceOrderInput,
  expectation: Fields["expectation"]
): Effect.Effect<PlaceOrderInput["expectedTotal"], never, ModelShop> => {
  switch (expectation) {
    case "nothing":
      return Effect.succeed(undefined)
    case "what is quoted":
      return Orders.use((orders) => orders.quote(draft)).pipe(
        Effect.map(({ total }) => total),
        Effect.orElseSucceed(() => undefined)
      )
    default:
      return Effect.map(worth(draft.items), (worth) => ({
        amount: expectation === "less" ? Math.max(0, worth - 1) : worth,
        currency: expectation === "yen" ? "JPY" : "EUR"
      }))
  }
}

/** Makes a draft of the fields. Some drafts expect what the shop quotes at this moment. */
export const draftOf = (
  { customer, lines, vouchers, figures, expectation, metadata }: Fields,
  world: World
): Effect.Effect<PlaceOrderInput, never, ModelShop> => {
  const items = lines.map(({ product, quantity }) => ({
    productId: find(world, "product", product),
    quantity
  }))
  const adjustments = figures?.map((figure) => toAdjustment(figure, items))
  const codes = vouchers?.map((which) => findCode(world, which))
  const draft = { customerId: findCustomer(world, customer), items, codes, adjustments, metadata }
  return Effect.map(expectedTotal(draft, expectation), (expectedTotal) => ({ ...draft, expectedTotal }))
}
