import { Effect, Option, Result } from "effect"
import type { Fulfilment } from "../../../domain/fulfilment/Fulfilment.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import {
  changeVoucher,
  type Voucher,
  VoucherCodeTaken,
  VoucherNotFound,
  VoucherNotValid
} from "../../../domain/pricing/Voucher.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { VoucherId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { VoucherStore } from "../../../ports/VoucherStore.ts"
import { voucherChange, voucher as vouchers } from "../../Generators.ts"
import {
  type Fixture,
  newAttempt,
  newAttribution,
  newCustomer,
  newFulfilmentAttempt,
  newId,
  newLabel,
  newNoon,
  newPlacement,
  paid,
  product,
  respelled,
  samples
} from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity } from "../operations/ShopSnapshot.ts"
import { newVoucher, voucher } from "./Given.ts"

const read = ({ id }: Pick<Voucher, "id">) =>
  VoucherStore.use((store) => Effect.flatMap(store.get(id), Effect.fromOption))

/** Returns a placement with codes, of one unit unless said otherwise. */
const placementWith = Effect.fnUntraced(function* (
  own: Fixture,
  codes: ReadonlyArray<string>,
  { quantity = 1, ...fields }: { readonly at?: Date; readonly quantity?: number } = {}
) {
  const placement = yield* newPlacement(own, [[own.products[0], quantity]], fields)
  return { ...placement, draft: { ...placement.draft, codes } }
})

/** Adds a product that costs something, so that vouchers give something. */
const dearShop = Effect.fnUntraced(function* (stock: number) {
  const dear = yield* product({ stock, price: { amount: 5000, currency: "EUR" } })
  const own: Fixture = { customerId: yield* newCustomer, products: [dear] }
  return own
})

const redeemed = (
  own: Fixture,
  codes: ReadonlyArray<string>,
  fields?: { readonly at: Date; readonly quantity?: number }
) =>
  Effect.flatMap(placementWith(own, codes, fields), (placement) =>
    OrderStore.use((store) => Effect.map(store.place(placement), ({ value }) => value))
  )

const fulfilled = Effect.fnUntraced(function* ({ id }: Order, fulfilment: Fulfilment) {
  const store = yield* OrderStore
  return yield* store.fulfil(id, fulfilment, yield* newFulfilmentAttempt, undefined)
})

const notValid = (code: string, reason: VoucherNotValid["reason"]) => new VoucherNotValid({ code, reason })

/** Ways in which an order fails, or is cancelled as a whole. */
const failures = {
  declined: (order: Order) => paid(order, "DECLINED"),
  recorded: Effect.fnUntraced(function* (order: Order) {
    const store = yield* PaymentStore
    return yield* store.record(yield* newAttempt(order), "DECLINED", undefined)
  }),
  expired: Effect.fnUntraced(function* (order: Order) {
    const store = yield* OrderStore
    return yield* store.expire(order.id, yield* newAttribution, undefined)
  }),
  swept: Effect.fnUntraced(function* (order: Order) {
    const store = yield* OrderStore
    const before = new Date(order.createdAt.getTime() + 1)
    return yield* store.expireUnpaid(before, 1000, yield* newAttribution)
  }),
  cancelled: (order: Order) => fulfilled(order, { kind: "cancel", request: {} }),
  "cancelled unit by unit": Effect.fnUntraced(function* (order: Order) {
    for (const { productId, quantity } of order.items) {
      const one: Fulfilment = { kind: "cancel", request: { items: [{ productId, quantity: 1 }] } }
      yield* Effect.replicateEffect(fulfilled(order, one), quantity)
    }
  }),
  "paid, and cancelled": (order: Order) =>
    Effect.andThen(paid(order, "APPROVED"), fulfilled(order, { kind: "cancel", request: {} }))
}

export const voucherLaws: ReadonlyArray<Law> = [
  law(
    "a voucher is found and listed exactly as it was added, newest first, across pages",
    Effect.gen(function* () {
      const store = yield* VoucherStore
      const added: Array<Voucher> = []
      for (const generated of yield* samples(vouchers, 7)) {
        const own = { ...generated, id: yield* newId(VoucherId), code: yield* newLabel }
        yield* same(yield* store.add(own, undefined), firstTime(own))
        yield* same(yield* store.get(own.id), Option.some(own))
        added.push(own)
      }
      const pages = [yield* store.list(undefined, 3)]
      for (;;) {
        const last = pages.at(-1)?.at(-1)
        if (last === undefined) break
        pages.push(yield* store.list(last.id, 3))
      }
      const ids = added.map(({ id }) => id)
      yield* same(
        pages.flat().filter(({ id }) => ids.includes(id)),
        added.toSorted((a, b) => (a.id < b.id ? 1 : -1))
      )
    })
  ),

  law(
    "an unknown voucher id finds nothing, and cannot be changed",
    Effect.gen(function* () {
      const store = yield* VoucherStore
      const id = yield* newId(VoucherId)
      yield* same(yield* store.get(id), Option.none())
      const change = store.change(id, { active: false }, (yield* newAttribution).at, undefined)
      yield* refused(change, new VoucherNotFound({ voucherId: id }))
    })
  ),

  law(
    "a voucher's code is taken in any case, Unicode form and surrounding space, and is used in any of them",
    Effect.gen(function* () {
      const store = yield* VoucherStore
      const own = yield* dearShop(10)
      const first = yield* voucher()
      for (const code of [first.code, respelled(first.code), ` ${respelled(first.code)}\u00a0`]) {
        yield* refused(store.add(yield* newVoucher({ code }), undefined), new VoucherCodeTaken({ code }))
        const { adjustments } = yield* redeemed(own, [code])
        yield* same(
          adjustments?.map(({ voucherId }) => voucherId),
          [first.id]
        )
      }
    })
  ),

  law(
    "a change of a voucher is stored as the domain decides, and keeps the uses that orders have taken",
    Effect.gen(function* () {
      const store = yield* VoucherStore
      const own = yield* dearShop(100)
      for (const change of yield* samples(voucherChange, 20)) {
        const { id, code } = yield* voucher({ uses: 5, usesLeft: 5 })
        yield* redeemed(own, [code])
        const known = yield* read({ id })
        yield* same(known.usesLeft, 4)
        const { at } = yield* newAttribution
        const decided = changeVoucher(known, change, at)
        const answer = store.change(id, change, at, undefined)
        if (Result.isFailure(decided)) yield* refused(answer, decided.failure)
        else yield* same(yield* answer, firstTime(decided.success))
        yield* same(yield* read({ id }), Result.isFailure(decided) ? known : decided.success)
      }
    })
  ),

  law(
    "a refused order takes no use of a voucher, whatever refuses it [S13]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* dearShop(10)
      const { at } = yield* newAttribution
      const dates = { before: new Date(at.getTime() - 1000), after: new Date(at.getTime() + 1000) }
      const good = yield* voucher({ uses: 5, usesLeft: 5, perCustomer: 1 })
      const usedUp = yield* voucher({ uses: 1, usesLeft: 1 })
      yield* redeemed(own, [usedUp.code])
      const cases = [
        [yield* voucher({ startsAt: dates.after }), "not yet"],
        [yield* voucher({ endsAt: dates.before }), "over"],
        [yield* voucher({ active: false }), "over"],
        [yield* voucher({ currency: "USD" }), "currency"],
        [yield* voucher({ currency: "EUR", minimum: 5001 }), "minimum"],
        [usedUp, "used up"],
        [yield* newVoucher(), "unknown"]
      ] as const
      for (const [{ code }, reason] of cases) {
        const placement = yield* placementWith(own, [good.code, code], { at })
        yield* changesNothing(own, refused(store.place(placement), notValid(code, reason)))
        yield* changesNothing(own, refused(store.quote(placement), notValid(code, reason)))
      }
      const placement = yield* placementWith(own, [good.code])
      const left = refused(store.place({ ...placement, price: () => [] }), notValid(good.code, "excluded"))
      yield* changesNothing(own, left)
      yield* changesNothing(own, store.quote(placement))
      yield* same((yield* read(good)).usesLeft, 5)
      yield* redeemed(own, [good.code])
      const again = yield* placementWith(own, [good.code])
      yield* changesNothing(own, refused(store.place(again), notValid(good.code, "used by this customer")))
      yield* same((yield* read(good)).usesLeft, 4)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "a use is given back once, whatever lets the order fail or cancels it, and can be taken again [S13]",
    Effect.gen(function* () {
      for (const fail of Object.values(failures)) {
        const own = yield* dearShop(10)
        const at = new Date(yield* newNoon(1600, 1900))
        const only = yield* voucher({ uses: 1, usesLeft: 1, perCustomer: 1 })
        const order = yield* redeemed(own, [only.code], { at, quantity: 2 })
        yield* same((yield* read(only)).usesLeft, 0)
        yield* fail(order)
        yield* same((yield* read(only)).usesLeft, 1)
        yield* Effect.ignore(failures.expired(order))
        yield* Effect.ignore(failures.cancelled(order))
        yield* same((yield* read(only)).usesLeft, 1)
        const next = yield* redeemed(own, [only.code])
        yield* same((yield* read(only)).usesLeft, 0)
        yield* paid(next, "APPROVED")
        yield* same((yield* read(only)).usesLeft, 0)
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "a use is kept while a part of its order is cancelled, and after all of it has come back",
    Effect.gen(function* () {
      const own = yield* dearShop(10)
      const only = yield* voucher({ uses: 1, usesLeft: 1 })
      const placement = yield* placementWith(own, [only.code], { quantity: 2 })
      const order = yield* OrderStore.use((store) => Effect.map(store.place(placement), ({ value }) => value))
      const one = { items: [{ productId: own.products[0].id, quantity: 1 }] }
      const kept = Effect.flatMap(read(only), ({ usesLeft }) => same(usesLeft, 0))
      yield* fulfilled(order, { kind: "cancel", request: one })
      yield* kept
      yield* paid(order, "APPROVED")
      yield* fulfilled(order, { kind: "ship", request: {} })
      yield* fulfilled(order, { kind: "return", request: one })
      yield* kept
      yield* checkIntegrity(own)
    })
  ),

  law(
    "a voucher without a limit is never changed by its uses",
    Effect.gen(function* () {
      const own = yield* dearShop(100)
      const friends = yield* voucher()
      const orders = yield* Effect.replicateEffect(redeemed(own, [friends.code]), 3)
      yield* Effect.forEach(orders, failures.expired)
      yield* same(yield* read(friends), friends)
    })
  ),

  law(
    "20 concurrent orders with a voucher of 10 uses: 10 succeed and the others are refused [S12]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* dearShop(100)
      const few = yield* voucher({ uses: 10, usesLeft: 10 })
      const placements = yield* Effect.replicateEffect(placementWith(own, [few.code]), 20)
      const [, refusals] = yield* concurrently(placements.map(store.place))
      yield* same<unknown>(
        refusals,
        Array.from({ length: 10 }, () => notValid(few.code, "used up"))
      )
      yield* same((yield* read(few)).usesLeft, 0)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "ten concurrent orders of one customer with a voucher of two uses per customer: two succeed [S12]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const [own, other] = [yield* dearShop(100), yield* dearShop(100)]
      const twice = yield* voucher({ perCustomer: 2 })
      const placements = yield* Effect.replicateEffect(placementWith(own, [twice.code]), 10)
      const others = yield* Effect.replicateEffect(placementWith(other, [twice.code]), 2)
      const [, refusals] = yield* concurrently([...placements, ...others].map(store.place))
      yield* same<unknown>(
        refusals,
        Array.from({ length: 8 }, () => notValid(twice.code, "used by this customer"))
      )
    })
  ),

  law(
    "no use is lost while vouchers are used, given back and changed concurrently, in any order of codes",
    Effect.gen(function* () {
      const [orders, store] = [yield* OrderStore, yield* VoucherStore]
      const own = yield* dearShop(1000)
      const both = [yield* voucher({ uses: 30, usesLeft: 30 }), yield* voucher({ uses: 30, usesLeft: 30 })]
      const codes = both.map(({ code }) => code)
      const failing = yield* Effect.replicateEffect(redeemed(own, codes), 8)
      const placements = yield* Effect.forEach(Array.from({ length: 12 }).keys(), (n) =>
        placementWith(own, n % 2 === 0 ? codes : codes.toReversed())
      )
      const { at } = yield* newAttribution
      const [, refusals] = yield* concurrently<unknown, unknown, OrderStore | VoucherStore>([
        ...failing.map(failures.expired),
        ...placements.map(orders.place),
        ...both.map(({ id }) => store.change(id, { uses: 40 }, at, undefined))
      ])
      yield* same<unknown>(refusals, [])
      for (const { id } of both) yield* same((yield* read({ id })).usesLeft, 40 - 12)
      yield* checkIntegrity(own)
    })
  )
]
