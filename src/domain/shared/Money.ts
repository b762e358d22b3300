import { Result, Schema } from "effect"
import { Integer } from "./Integer.ts"
import { byCodePoints } from "./Text.ts"

/** The largest price, in minor units. */
export const maxPriceMinor = 10 ** 12

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"))

/** ISO 4217, for example "EUR". */
export const Currency = Schema.String.check(
  Schema.isPattern(/^[A-Z]{3}$/, { expected: "an ISO 4217 currency code" }).abort(),
  Schema.makeFilter((code) => currencies.has(code), { expected: "an ISO 4217 currency code" })
)

/** A whole number of minor units (cents, yen) with its currency; never a fraction, never rounded. */
export const Money = Schema.Struct({
  amount: Integer(0, Number.MAX_SAFE_INTEGER),
  currency: Currency
}).annotate({ identifier: "Money" })
export interface Money extends Schema.Schema.Type<typeof Money> {}

/** What one unit of a product costs: 0 to 10^12 minor units. */
export const Price = Schema.Struct({
  amount: Integer(0, maxPriceMinor),
  currency: Currency
}).annotate({ identifier: "Price" })
export type Price = Money

/** Whether two amounts are the same, in the same currency. */
export const sameMoney = (a: Money, b: Money): boolean => a.amount === b.amount && a.currency === b.currency

/** All items of an order share one currency. */
export class MixedCurrencies extends Schema.TaggedError<MixedCurrencies>()("MixedCurrencies", {
  currencies: Schema.Array(Schema.String)
}) {
  override get message() {
    return `All items of an order share one currency, not ${this.currencies.join(", ")}`
  }
}

/** A line or a total would leave the safe integers. */
export class AmountOverflow extends Schema.TaggedError<AmountOverflow>()("AmountOverflow", {}) {
  override get message() {
    return "The amount is larger than 9007199254740991 minor units"
  }
}

const safe = (amount: number, currency: string): Result.Result<Money, AmountOverflow> =>
  Number.isSafeInteger(amount) ? Result.succeed({ amount, currency }) : Result.fail(new AmountOverflow())

/** A product of two safe integers that is itself safe is exact; any other is an overflow. */
export const multiply = (price: Money, quantity: number): Result.Result<Money, AmountOverflow> =>
  safe(price.amount * quantity, price.currency)

/** The sum of at least one amount. */
export const sum = (
  amounts: readonly [Money, ...Array<Money>]
): Result.Result<Money, AmountOverflow | MixedCurrencies> => {
  const currencies = [...new Set(amounts.map((money) => money.currency))].sort()
  if (currencies.length > 1) return Result.fail(new MixedCurrencies({ currencies }))
  let amount = 0
  for (const money of amounts) {
    amount += money.amount
    if (!Number.isSafeInteger(amount)) return Result.fail(new AmountOverflow())
  }
  return Result.succeed({ amount, currency: amounts[0].currency })
}

/** What these come to: one amount per currency, sorted by it. A sum that JSON cannot carry exactly is refused. */
export const totals = (
  amounts: Iterable<{ readonly currency: string; readonly amount: bigint }>
): Result.Result<ReadonlyArray<Money>, AmountOverflow> => {
  const sums = new Map<string, bigint>()
  for (const { currency, amount } of amounts) sums.set(currency, (sums.get(currency) ?? 0n) + amount)
  const list = Array.from(sums, ([currency, amount]) => ({ amount: Number(amount), currency }))
  return list.every(({ amount }) => Number.isSafeInteger(amount))
    ? Result.succeed(list.sort((a, b) => byCodePoints(a.currency, b.currency)))
    : Result.fail(new AmountOverflow())
}
