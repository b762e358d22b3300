import { Result } from "effect"
import type { ProductId } from "../shared/Ids.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { AmountOverflow, type MixedCurrencies, type Money, sum } from "../shared/Money.ts"
import {
  type Adjustment,
  type AdjustmentRequest,
  type Coverage,
  type DiscountRequest,
  type FeeRequest,
  maxAdjustments,
  type TaxRequest,
  wholeRate
} from "./Adjustment.ts"
import { allocate, roundHalfUp } from "./Allocation.ts"

/** The part of an item that its price needs. */
export interface PricedItem {
  readonly productId: ProductId
  readonly total: Money
}

/** Result of `priceOrder`: fees, then discounts, then taxes, and the total. */
export interface PricedOrder {
  readonly adjustments: ReadonlyArray<Adjustment>
  readonly total: Money
}

/** A line: an item by its product, or a fee by its code. `left` is its amount less discounts, in minor units. */
interface Line {
  readonly productId?: ProductId
  readonly fee?: string
  left: number
}

interface Context {
  readonly currency: string
  readonly lines: ReadonlyArray<Line>
  readonly items: number
}

const total = (amounts: Iterable<number>): bigint => {
  let sum = 0n
  for (const amount of amounts) sum += BigInt(amount)
  return sum
}

const isSafe = (amount: bigint) => amount <= BigInt(Number.MAX_SAFE_INTEGER)

/** Which lines an adjustment covers. */
const covers = ({ lines, items }: Context, kind: "discount" | "tax", on: Coverage | undefined) =>
  lines.map(({ productId, fee }, index) =>
    on === undefined
      ? kind === "tax" || index < items
      : productId !== undefined
        ? (on.items ?? []).includes(productId)
        : (on.fees ?? []).includes(fee ?? "")
  )

/** What is left of the covered lines, 0 for others. */
const weightsOf = (lines: ReadonlyArray<Line>, covered: ReadonlyArray<boolean>) =>
  lines.map(({ left }, index) => (covered[index] === true ? left : 0))

/** Divides an amount among covered lines by what is left of them, equally if nothing is left. */
const share = (amount: number, lines: ReadonlyArray<Line>, covered: ReadonlyArray<boolean>) => {
  const weights = weightsOf(lines, covered)
  return total(weights) === 0n ? allocate(amount, covered.map(Number)) : allocate(amount, weights)
}

const addFee = ({ currency }: Context, { code, name, amount }: FeeRequest): Adjustment => ({
  kind: "fee",
  code,
  name,
  amount: { amount, currency }
})

/** Adds a discount on what earlier discounts have left. */
const addDiscount = (context: Context, request: DiscountRequest): Adjustment => {
  const { lines, currency } = context
  const weights = weightsOf(lines, covers(context, "discount", request.on))
  const left = total(weights)
  const amount =
    request.rate !== undefined
      ? roundHalfUp(left * BigInt(request.rate), BigInt(wholeRate))
      : BigInt(request.amount) < left
        ? BigInt(request.amount)
        : left
  const shares = left === 0n ? weights : allocate(Number(amount), weights)
  for (const [index, line] of lines.entries()) line.left -= shares[index] ?? 0
  return {
    kind: "discount",
    code: request.code,
    name: request.name,
    amount: { amount: Number(amount), currency },
    ...(request.voucherId !== undefined && { voucherId: request.voucherId }),
    ...(request.rate !== undefined && { rate: request.rate }),
    shares
  }
}

interface Tax {
  readonly request: TaxRequest
  readonly covered: ReadonlyArray<boolean>
}

/**
 * Extracts included taxes: of all lines with the same taxes together, rounded once, then divided among their rates.
 * Returns the shares of each tax. Taxes of equal remainder are ranked by code, so that their order changes no figure.
 */
const includedShares = (
  { lines }: Context,
  taxes: ReadonlyArray<Tax>
): ReadonlyArray<ReadonlyArray<number>> => {
  const byRate = taxes
    .map((tax, index) => ({ ...tax, index }))
    .filter(({ request }) => request.included && request.rate !== undefined)
    .toSorted((a, b) => (a.request.code < b.request.code ? -1 : a.request.code > b.request.code ? 1 : 0))
  const groups = new Map<string, ReadonlyArray<number>>()
  for (const index of lines.keys()) {
    const own = byRate.flatMap(({ covered }, position) => (covered[index] === true ? [position] : []))
    if (own.length > 0) groups.set(own.join(), own)
  }
  const shares = taxes.map(() => lines.map(() => 0))
  for (const own of groups.values()) {
    const isMember = lines.map((_, index) =>
      byRate.every(({ covered }, position) => (covered[index] === true) === own.includes(position))
    )
    const rates = own.map((position) => byRate[position]?.request.rate ?? 0)
    const gross = total(weightsOf(lines, isMember))
    const sumOfRates = total(rates)
    const tax = roundHalfUp(gross * sumOfRates, BigInt(wholeRate) + sumOfRates)
    const perRate = sumOfRates === 0n ? rates : allocate(Number(tax), rates)
    for (const [at, position] of own.entries()) {
      const into = shares[byRate[position]?.index ?? 0]
      const parts = share(perRate[at] ?? 0, lines, isMember)
      for (const [index, part] of parts.entries())
        if (into !== undefined) into[index] = (into[index] ?? 0) + part
    }
  }
  return shares
}

const addTaxes = (context: Context, taxes: ReadonlyArray<Tax>): ReadonlyArray<Adjustment> => {
  const { lines, currency } = context
  const included = includedShares(context, taxes)
  return taxes.map(({ request, covered }, index) => {
    const { kind, code, name, rate } = request
    const base = total(weightsOf(lines, covered))
    const added =
      rate === undefined ? request.amount : Number(roundHalfUp(base * BigInt(rate), BigInt(wholeRate)))
    const shares =
      request.included && rate !== undefined
        ? (included[index] ?? [])
        : added === 0
          ? lines.map(() => 0)
          : share(added, lines, covered)
    return {
      kind,
      code,
      name,
      amount: { amount: Number(total(shares)), currency },
      ...(rate !== undefined && { rate }),
      included: request.included,
      shares
    }
  })
}

const duplicate = (codes: ReadonlyArray<string>) => codes.find((code, index) => codes.indexOf(code) !== index)

/** Finds what is wrong with requests that decode, given what discounts have left. */
const faultIn = ({ lines }: Context, taxes: ReadonlyArray<Tax>): string | undefined => {
  for (const index of lines.keys()) {
    const own = taxes.filter(({ covered }) => covered[index] === true)
    if (new Set(own.map(({ request }) => request.included)).size > 1) {
      return "The taxes of a line must all be included or all be added"
    }
  }
  for (const { request, covered } of taxes) {
    if (request.rate !== undefined || request.amount === 0) continue
    if (!covered.includes(true)) return `The tax ${request.code} covers no line`
    if (request.included && BigInt(request.amount) > total(weightsOf(lines, covered))) {
      return `The included tax ${request.code} exceeds the lines that it covers`
    }
  }
  return undefined
}

/**
 * Computes the receipt of an order: fees, discounts, taxes and total.
 *
 * Each figure is computed on the sum of its lines, rounded once, half up, and divided among the lines by largest
 * remainder. Discounts apply in order, each to what earlier ones have left. Taxes come last, all on the same base.
 * Fails with `MixedCurrencies`, `AmountOverflow`, or `InvalidInput` if the requests contradict each other.
 */
export const priceOrder = (
  items: readonly [PricedItem, ...Array<PricedItem>],
  requests: ReadonlyArray<AdjustmentRequest>
): Result.Result<PricedOrder, MixedCurrencies | AmountOverflow | InvalidInput> =>
  Result.gen(function* () {
    const goods = yield* sum([items[0].total, ...items.slice(1).map((item) => item.total)])
    if (requests.length === 0) return { adjustments: [], total: goods }
    const invalid = (message: string) => Result.fail(invalidAt("/adjustments", message))
    if (requests.length > maxAdjustments)
      return yield* invalid(`Expected at most ${maxAdjustments} adjustments`)
    const fees = requests.filter((request) => request.kind === "fee")
    const twice = duplicate(fees.map(({ code }) => code))
    if (twice !== undefined) return yield* invalid(`Two fees have the code ${twice}`)
    const { currency } = goods
    const context: Context = {
      currency,
      items: items.length,
      lines: [
        ...items.map(({ productId, total }) => ({ productId, left: total.amount })),
        ...fees.map(({ code, amount }) => ({ fee: code, left: amount }))
      ]
    }
    if (!isSafe(total(context.lines.map(({ left }) => left)))) return yield* Result.fail(new AmountOverflow())
    const feeFigures = fees.map((request) => addFee(context, request))
    const discounts = requests
      .filter((request) => request.kind === "discount")
      .map((request) => addDiscount(context, request))
    const taxes = requests
      .filter((request) => request.kind === "tax")
      .map((request) => ({ request, covered: covers(context, "tax", request.on) }))
    const fault = faultIn(context, taxes)
    if (fault !== undefined) return yield* invalid(fault)
    const taxFigures = addTaxes(context, taxes)
    const added = taxFigures.filter(({ included }) => included === false)
    const amount =
      total(context.lines.map(({ left }) => left)) + total(added.map((figure) => figure.amount.amount))
    return isSafe(amount)
      ? {
          adjustments: [...feeFigures, ...discounts, ...taxFigures],
          total: { amount: Number(amount), currency }
        }
      : yield* Result.fail(new AmountOverflow())
  })
