import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary } from "effect"
import {
  AmountOverflow,
  Currency,
  MixedCurrencies,
  Money,
  maxPriceMinor,
  multiply,
  Price,
  sameMoney,
  sum
} from "../../../src/domain/shared/Money.ts"
import { int, money, oneOf, pick } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn, shuffle } from "../support.ts"

const max = Number.MAX_SAFE_INTEGER
const amount = oneOf([int(0, 1000), int(0, max), int(Math.floor(max / 4), max), pick([0, 1, max - 1, max])])
const euros = (amount: number): Money => ({ amount, currency: "EUR" })
const nonEmpty = <A>(item: Arbitrary.Arbitrary<A>) =>
  Arbitrary.map(Arbitrary.all([item, Arbitrary.array(item)]), ([first, rest]): [A, ...Array<A>] => [
    first,
    ...rest
  ])

describe("money", () => {
  it.each([0, 1, max])("may be %d minor units", (amount) => {
    assertTrue(accepts(Money, euros(amount)))
  })

  it.each([-1, 0.5, max + 1, Number.NaN, Number.POSITIVE_INFINITY, "1", null])(
    "is never %s minor units",
    (amount) => {
      assertTrue(faultsIn(Money, { amount, currency: "EUR" }).every((path) => path === "/amount"))
      assertTrue(!accepts(Money, { amount, currency: "EUR" }))
    }
  )

  it("is priced up to 10^12 minor units", () => {
    assertTrue(accepts(Price, euros(maxPriceMinor)))
    deepStrictEqual(faultsIn(Price, euros(maxPriceMinor + 1)), ["/amount"])
    deepStrictEqual(faultsIn(Price, euros(-1)), ["/amount"])
  })

  it.each(["EUR", "USD", "JPY", "KWD", "CHF", "VED", "XAD", "CLF", "UYW", "XDR", "XCG", "ZWG"])(
    "may be in %s",
    (currency) => {
      assertTrue(accepts(Currency, currency))
    }
  )

  it.each(["", "eur", "EU", "EURO", "XQQ", "€€€", "EUR ", "EUR\n", "ÉUR", "HRK", "ZZZ"])(
    "is never in %o, which is one fault",
    (currency) => {
      deepStrictEqual(faultsIn(Money, { amount: 1, currency }), ["/currency"])
    }
  )

  it.prop("is the same only with the same amount and currency", { a: money, b: money }, ({ a, b }) => {
    strictEqual(sameMoney(a, b), `${a.amount} ${a.currency}` === `${b.amount} ${b.currency}`)
    assertTrue(sameMoney(a, { ...a }))
    assertTrue(!sameMoney(a, { ...a, amount: a.amount + 1 }))
    assertTrue(!sameMoney(a, { ...a, currency: "CHF" }))
  })
})

describe("times", () => {
  it.prop("is exact or an overflow", { amount, quantity: int(1, 1_000_000) }, ({ amount, quantity }) => {
    const exact = BigInt(amount) * BigInt(quantity)
    if (exact <= BigInt(max)) assertSuccess(multiply(euros(amount), quantity), euros(Number(exact)))
    else assertFailure(multiply(euros(amount), quantity), new AmountOverflow())
  })

  it.prop(
    "is exact up to the last unit that fits",
    { quantity: int(1, 1_000_000), over: int(1, 10) },
    ({ quantity, over }) => {
      const fits = Math.floor(max / quantity)
      assertSuccess(multiply(euros(fits), quantity), euros(Number(BigInt(fits) * BigInt(quantity))))
      if (fits + over <= max) assertFailure(multiply(euros(fits + over), quantity), new AmountOverflow())
    }
  )
})

describe("a sum", () => {
  it.prop("is exact or an overflow", { amounts: nonEmpty(amount) }, ({ amounts: [first, ...rest] }) => {
    const exact = [first, ...rest].reduce((all, amount) => all + BigInt(amount), 0n)
    const summed = sum([euros(first), ...rest.map(euros)])
    if (exact <= BigInt(max)) assertSuccess(summed, euros(Number(exact)))
    else assertFailure(summed, new AmountOverflow())
  })

  it.prop(
    "does not depend on the order",
    { amounts: nonEmpty(money), seed: int(0, 1e6) },
    ({ amounts, seed }) => {
      const [first = amounts[0], ...rest] = shuffle(amounts, seed)
      deepStrictEqual(sum([first, ...rest]), sum(amounts))
    }
  )

  it.prop(
    "is refused over several currencies, and lists each once in alphabetical order",
    { one: money, others: nonEmpty(money) },
    ({ one, others }) => {
      const currencies = ["CHF", "EUR", "JPY", "KWD", "USD"].filter(
        (code) => code === "CHF" || others.some(({ currency }) => currency === code)
      )
      assertFailure(sum([{ ...one, currency: "CHF" }, ...others]), new MixedCurrencies({ currencies }))
    }
  )

  it("reaches the largest safe integer and not one unit more", () => {
    assertSuccess(sum([euros(max - 1), euros(1)]), euros(max))
    assertFailure(sum([euros(max), euros(1)]), new AmountOverflow())
    assertFailure(sum([euros(max), euros(max), euros(max)]), new AmountOverflow())
  })

  it("says what does not fit together", () => {
    strictEqual(
      new MixedCurrencies({ currencies: ["EUR", "USD"] }).message,
      "All items of an order must have one currency, but these have EUR, USD."
    )
    strictEqual(new AmountOverflow().message, `The amount exceeds ${max} minor units.`)
  })
})
