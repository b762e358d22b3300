import { Arbitrary, Clock, Effect } from "effect"
import { wholeRate } from "../../../domain/pricing/Adjustment.ts"
import { maxUses } from "../../../domain/pricing/Voucher.ts"
import { Vouchers } from "../../../services/Vouchers.ts"
import { pick } from "../../Generators.ts"
import { find, learn, malformedId, unknownId, upperCase, type Which } from "../World.ts"
import { limit, listing, start } from "./Listings.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

/** Selects from few codes, so that they are taken, and named by orders. Case and Unicode form are ignored. */
const code = mostly(["SAVE", "SAVE", "SAVE", "save", "ÉTÉ", "ÉTÉ"], [" ", "\u0000"])

const none = Array.from({ length: 6 }, () => undefined)

/** Selects the vouchers that an order names, most often none. */
export const vouchers = mostly<ReadonlyArray<Which> | undefined>(
  [...none, [], [0], [0], [0], [0], [upperCase], [1], [0, 1]],
  [[0, upperCase], [malformedId], [unknownId]]
)

const name = mostly(["Welcome", "Ünder", "🛒 off"], [""])
const value = mostly<{
  readonly rate?: number
  readonly amount?: number
  readonly currency?: string
}>(
  [
    { rate: 100_000 },
    { rate: 333_333 },
    { rate: 100_000 },
    { rate: 100_000 },
    { rate: 500_000 },
    { rate: wholeRate },
    { amount: 100, currency: "EUR" },
    { amount: 100, currency: "EUR" },
    { amount: 100, currency: "EUR" },
    { amount: 1999, currency: "EUR" },
    { amount: 100, currency: "USD" }
  ],
  [{}, { rate: 1.5 }, { rate: wholeRate + 1 }, { amount: -1, currency: "EUR" }, { amount: 100 }]
)
const minimum = mostly([...none, 200, 2000], [0])
const uses = mostly([undefined, 1, 1, 2, 2, 100], [maxUses, 0, 0.5])
const perCustomer = mostly([undefined, undefined, 1, 1, 2], [0, 1001])

/** Seconds from now. Commands follow each other by one second. */
const soon = pick([...none, ...none, -60, 5, 60])

const inSeconds = (seconds: number | null | undefined) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    typeof seconds === "number" ? new Date(now + seconds * 1000) : seconds
  )

export const voucherSteps = {
  "create voucher": step(
    Arbitrary.all({
      code,
      name,
      value,
      minimum,
      uses,
      perCustomer,
      startsIn: soon,
      endsIn: soon,
      key,
      actor
    }),
    ({ value, minimum, startsIn, endsIn, key: idempotencyKey, actor, ...fields }, world) =>
      Effect.gen(function* () {
        const input = {
          ...(minimum !== undefined && { minimum, currency: "EUR" }),
          ...value,
          ...fields,
          startsAt: (yield* inSeconds(startsIn)) ?? undefined,
          endsAt: (yield* inSeconds(endsIn)) ?? undefined
        }
        return yield* storedIfKeyed(
          world,
          idempotencyKey,
          Effect.tap(
            Vouchers.use((vouchers) => vouchers.createOrReplay(input, { actor, idempotencyKey })),
            ({ value: { id, code } }) =>
              Effect.sync(() => {
                learn(world, "voucher", id)
                world.codes.push(code)
              })
          )
        )
      })
  ),

  "change voucher": step(
    Arbitrary.all({
      voucher: which,
      change: pick(["uses", "inactive", "inactive", "active", "name", "period", "all", "nothing"]),
      name,
      uses,
      startsIn: pick([undefined, null, -60, 5, 60]),
      endsIn: pick([undefined, null, -60, 5, 60]),
      key,
      actor
    }),
    ({ voucher, change, name, uses, startsIn, endsIn, key: idempotencyKey, actor }, world) =>
      Effect.gen(function* () {
        const period = { startsAt: yield* inSeconds(startsIn), endsAt: yield* inSeconds(endsIn) }
        const changes: Record<typeof change, object> = {
          uses: { uses },
          inactive: { active: false },
          active: { active: true },
          name: { name },
          period,
          all: { name, uses, active: true, ...period },
          nothing: {}
        }
        const input = { voucherId: find(world, "voucher", voucher), ...changes[change] }
        return yield* storedIfKeyed(
          world,
          idempotencyKey,
          Vouchers.use((vouchers) => vouchers.change(input, { actor, idempotencyKey }))
        )
      })
  ),

  "see voucher": step(Arbitrary.all({ voucher: which }), ({ voucher }, world) =>
    Vouchers.use((vouchers) => vouchers.get(find(world, "voucher", voucher)))
  ),

  "list vouchers": step(Arbitrary.all({ start, limit }), ({ start, limit }, world) =>
    listing(world, (page) => Vouchers.use((vouchers) => vouchers.list(page)))(start, limit)
  )
}
