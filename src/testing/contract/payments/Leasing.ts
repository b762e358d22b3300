import { Effect } from "effect"
import { PaymentId } from "../../../domain/shared/Ids.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { newAttempt, newAttribution, newId, newNoon, order, shop } from "../Given.ts"
import { concurrently, type Law, law, same } from "../Law.ts"

/** Begins payments at the given milliseconds after noon. Returns them oldest first. */
const pendingSince = Effect.fnUntraced(function* (
  noon: number,
  times: ReadonlyArray<number>,
  methods: ReadonlyArray<string> = []
) {
  const store = yield* PaymentStore
  const own = yield* shop(100)
  const ids = (yield* Effect.replicateEffect(newId(PaymentId), times.length)).sort()
  return yield* Effect.forEach(times, (time, i) =>
    Effect.gen(function* () {
      const placed = yield* order(own, [[own.products[0], 1]])
      const attempt = yield* newAttempt(placed, { at: new Date(noon + time) })
      const id = ids[i] ?? attempt.id
      const paymentMethod = methods[i] ?? attempt.paymentMethod
      const { value: payment } = yield* store.begin({ ...attempt, id, paymentMethod }, undefined)
      return { payment, actor: attempt.actor }
    })
  )
})

/** Settles payments, so that other laws do not lease them. */
const settled = Effect.fnUntraced(function* (pending: Effect.Success<ReturnType<typeof pendingSince>>) {
  const store = yield* PaymentStore
  for (const { payment } of pending)
    yield* store.settle(payment.id, "CANCELLED", yield* newAttribution, undefined)
})

export const leasingLaws: ReadonlyArray<Law> = [
  law(
    "payments pending since before a time are leased, oldest first, each to one caller until the lease ends",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const noon = yield* newNoon(1500, 1590)
      const pending = yield* pendingSince(noon, [0, 1, 2, 3, 10])
      const before = new Date(noon + 10)
      const lease = (from: number, to: number, take: number) =>
        store.lease(before, { at: new Date(noon + from), until: new Date(noon + to) }, take)
      yield* same(yield* lease(20, 30, 3), pending.slice(0, 3))
      yield* same(yield* lease(25, 35, 3), pending.slice(3, 4))
      yield* same(yield* lease(29, 40, 100), [])
      yield* same(yield* lease(30, 50, 100), pending.slice(0, 3))
      yield* settled(pending.slice(0, 2))
      yield* same(yield* lease(50, 60, 100), pending.slice(2, 4))
      // What is authorized is not charged again.
      for (const { payment } of pending.slice(2, 3))
        yield* store.settle(payment.id, { outcome: "AUTHORIZED" }, yield* newAttribution, undefined)
      yield* same(yield* lease(60, 70, 100), pending.slice(3, 4))
      yield* settled(pending)
      yield* same(yield* lease(70, 80, 100), [])
    })
  ),

  law(
    "payments from before a time are not leased",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const noon = yield* newNoon(1500, 1590)
      const pending = yield* pendingSince(noon, [0, 1, 2])
      const lease = (since: number, at: number) =>
        store.lease(new Date(noon + 10), { at: new Date(noon + at), until: new Date(noon + at + 1) }, 10, {
          since: new Date(noon + since)
        })
      yield* same(yield* lease(2, 20), pending.slice(2))
      yield* same(yield* lease(1, 30), pending.slice(1))
      yield* same(yield* lease(0, 40), pending)
      yield* settled(pending)
    })
  ),

  law(
    "payments of methods that the caller does not accept are neither leased nor held up [P6]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const noon = yield* newNoon(1500, 1590)
      const methods = ["cash_1", "card_1", "card_2", "cash_2"]
      const pending = yield* pendingSince(noon, [0, 1, 2, 3], methods)
      const take = (from: number, count: number, prefix: string) => {
        const [at, until] = [new Date(noon + from), new Date(noon + from + 10)]
        const accepts = (method: string) => method.startsWith(prefix)
        return store.lease(new Date(noon + 10), { at, until }, count, { accepts })
      }
      yield* same(yield* take(20, 100, "none"), [])
      yield* same(yield* take(20, 1, "cash"), pending.slice(0, 1))
      yield* same(yield* take(21, 100, "cash"), pending.slice(3))
      yield* same(yield* take(22, 100, "card"), pending.slice(1, 3))
      yield* same(yield* take(40, 1, "card"), pending.slice(1, 2))
      yield* settled(pending)
    })
  ),

  law(
    "ten concurrent leases never share a payment [P4]",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const noon = yield* newNoon(1500, 1590)
      const pending = yield* pendingSince(noon, Array.from({ length: 12 }).keys().toArray())
      const [at, until] = [new Date(noon + 100), new Date(noon + 200)]
      const lease = store.lease(new Date(noon + 50), { at, until }, 2)
      const [leased] = yield* concurrently(Array.from({ length: 10 }, () => lease))
      const later: Array<(typeof leased)[number]> = []
      for (let n = 0; n < 6; n++) later.push(yield* lease)
      const ids = [...leased, ...later].flat().map(({ payment }) => payment.id)
      yield* same(ids.sort(), pending.map(({ payment }) => payment.id).sort())
      yield* settled(pending)
    })
  )
]
