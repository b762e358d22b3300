import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Schema } from "effect"
import { Timestamp } from "../../../src/http/api/Request.ts"
import { int } from "../../../src/testing/Generators.ts"
import { accepts } from "../../domain/support.ts"

const two = (n: number) => String(n).padStart(2, "0")

/** How many days the month has in the calendar of Gregory; none if there is no such month. */
const daysOf = (year: number, month: number): number => {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}

describe("a timestamp of a request", () => {
  it.prop(
    "is taken on every day that there is, and on no other",
    { year: int(0, 9999) },
    ({ year }) => {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T23:59:59.999+00:00`
          const exists = day >= 1 && day <= daysOf(year, month)
          strictEqual(accepts(Timestamp, text), exists, text)
          if (exists) strictEqual(Schema.decodeSync(Timestamp)(text).getUTCDate(), day)
        }
      }
    },
    { arbitrary: { runs: 60 } }
  )

  it("has an hour below 24, a minute and a second below 60, also in its offset", () => {
    const times = Array.from({ length: 101 }, (_, n) => two(n))
    const taken = (of: (n: string) => string) =>
      times.filter((n) => accepts(Timestamp, `2026-02-28T${of(n)}`))
    const [hours, sixties] = [times.slice(0, 24), times.slice(0, 60)]
    deepStrictEqual(
      taken((n) => `${n}:00:00Z`),
      hours
    )
    deepStrictEqual(
      taken((n) => `00:${n}:00Z`),
      sixties
    )
    deepStrictEqual(
      taken((n) => `00:00:${n}Z`),
      sixties
    )
    deepStrictEqual(
      taken((n) => `00:00:00-${n}:00`),
      hours
    )
    deepStrictEqual(
      taken((n) => `00:00:00+00:${n}`),
      sixties
    )
  })
})
