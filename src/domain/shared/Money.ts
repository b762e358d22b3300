import { Result, Schema } from "effect"
import { currencyCodes } from "./Currencies.ts"
import { Integer } from "./Integer.ts"
import { byCodePoints } from "./Text.ts"

/** Maximum price of one unit, in minor units. */
export const maxPriceMinor = 10 ** 12

const expected = "an ISO 4217 currency code"

/** Schema of a currency in a request: a code that ISO 4217 lists today, for example "EUR". */
export const Currency = Schema.String.check(
  Schema.isPattern(new RegExp(`^(${currencyCodes.join("|")})$`, "u"), { expected })
)

/** Schema of a currency that is stored: three letters. ISO 4217 may have withdrawn it since, as it did with HRK and ZWL. */
export const StoredCurrency = Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/u, { expected }))

const MinorUnits = Integer(0, Number.MAX_SAFE_INTEGER)

/**
 * An amount in minor units (cents, yen) with its ISO 4217 currency. The amount is an integer from 0 to 2^53 − 1.
 */
export const Money = Schema.Struct({ amount: MinorUnits, currency: Currency }).annotate({
  identifier: "MoneyInput"
})
export interface Money extends Schema.Schema.Type<typeof Money> {}

/** An amount that is stored, as answers show it. */
export const StoredMoney = Schema.Struct({ amount: MinorUnits, currency: StoredCurrency }).annotate({
  identifier: "Money"
})

/** An amount of at least one minor unit. */
export const PositiveMoney = Schema.Struct({
  amount: Integer(1, Number.MAX_SAFE_INTEGER),
  currency: Currency
}).annotate({ identifier: "PositiveMoney" })

/** Price of one unit of a product: 0 to 10^12 minor units. */
export const Price = Schema.Struct({
  amount: Integer(0, maxPriceMinor),
  currency: Currency
}).annotate({ identifier: "Price" })
export type Price = Money

/** Returns whether two amounts have the same value and currency. */
export const sameMoney = (a: Money, b: Money): boolean => a.amount === b.amount && a.currency === b.currency

/** Refusal: the items of an order have different currencies. `currencies` lists them. */
export class MixedCurrencies extends Schema.TaggedError<MixedCurrencies>()("MixedCurrencies", {
  currencies: Schema.Array(Schema.String)
}) {
  override get message() {
    return `All items of an order must have one currency, but these have ${this.currencies.join(", ")}.`
  }
}

/**
 * Refusal: a line total or a sum exceeds 2^53 − 1 minor units, the largest integer that JSON numbers carry
 * exactly.
 */
export class AmountOverflow extends Schema.TaggedError<AmountOverflow>()("AmountOverflow", {}) {
  override get message() {
    return "The amount exceeds 9007199254740991 minor units."
  }
}

const safe = (amount: number, currency: string): Result.Result<Money, AmountOverflow> =>
  Number.isSafeInteger(amount) ? Result.succeed({ amount, currency }) : Result.fail(new AmountOverflow())

/**
 * Returns the price of `quantity` units. Fails with `AmountOverflow`: a product beyond 2^53 − 1 would be rounded.
 */
export const multiply = (price: Money, quantity: number): Result.Result<Money, AmountOverflow> =>
  safe(price.amount * quantity, price.currency)

/** Returns the sum of the amounts. Fails with `MixedCurrencies` or `AmountOverflow`. */
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

/** A sum beyond 2^53 − 1, which JSON numbers do not carry exactly: in minor units, as text. */
export const LargeSum = Schema.Struct({
  amount: Schema.String.check(Schema.isPattern(/^[1-9]\d*$/, { expected: "an integer, as text" })),
  currency: StoredCurrency
}).annotate({ identifier: "LargeSum" })
export interface LargeSum extends Schema.Schema.Type<typeof LargeSum> {}

/** Sums per currency, sorted by currency code: as money, and those that JSON does not carry as a number. */
export interface Totals {
  readonly exact: ReadonlyArray<Money>
  /** Absent if there is none. */
  readonly large: readonly [LargeSum, ...Array<LargeSum>] | undefined
}

/** Returns one sum per currency. */
export const totals = (amounts: Iterable<{ readonly currency: string; readonly amount: bigint }>): Totals => {
  const sums = new Map<string, bigint>()
  for (const { currency, amount } of amounts) sums.set(currency, (sums.get(currency) ?? 0n) + amount)
  const sorted = [...sums].sort(([a], [b]) => byCodePoints(a, b))
  const exact: Array<Money> = []
  const large: Array<LargeSum> = []
  for (const [currency, amount] of sorted) {
    if (amount <= BigInt(Number.MAX_SAFE_INTEGER)) exact.push({ amount: Number(amount), currency })
    else large.push({ amount: String(amount), currency })
  }
  const [first, ...rest] = large
  return { exact, large: first === undefined ? undefined : [first, ...rest] }
}
