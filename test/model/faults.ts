/** Memory shops that each do one thing wrong. */
import { Effect, type Layer, Struct } from "effect"
import { firstTime } from "../../src/domain/shared/Idempotency.ts"
import { CatalogStore } from "../../src/ports/CatalogStore.ts"
import { OrderStore } from "../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../src/ports/PaymentStore.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import type { Stores } from "../../src/ports/Stores.ts"
import { faulty, keeping, seeing } from "../support/faulty.ts"

export const faults: ReadonlyArray<{
  readonly does: string
  readonly stores: Layer.Layer<Stores>
  /** What the sequences are about that show it. Defaults to `shop`. */
  readonly about?: "money"
}> = [
  {
    does: "keeps the stock of a declined order",
    stores: faulty(PaymentStore, (store, { products }) => ({
      ...store,
      settle: (id, outcome, attribution, idempotency) =>
        Effect.suspend(() => {
          const before = new Map(products)
          return Effect.tap(store.settle(id, outcome, attribution, idempotency), () =>
            Effect.sync(() => {
              for (const [id, product] of before) products.set(id, product)
            })
          )
        })
    }))
  },
  {
    does: "sells inactive products",
    stores: faulty(OrderStore, (store, { products }) => ({
      ...store,
      place: (placement) =>
        Effect.suspend(() => {
          const inactive = [...products.values()].filter(({ active }) => !active)
          for (const product of inactive) products.set(product.id, { ...product, active: true })
          return Effect.ensuring(
            store.place(placement),
            Effect.sync(() => {
              for (const { id } of inactive) {
                const product = products.get(id)
                if (product !== undefined) products.set(id, { ...product, active: false })
              }
            })
          )
        })
    }))
  },
  {
    does: "replays the current state of an order",
    stores: faulty(OrderStore, (store, { orders }) => ({
      ...store,
      place: (placement) =>
        Effect.map(store.place(placement), ({ value, replayed }) => ({
          value: orders.get(value.id) ?? value,
          replayed
        }))
    }))
  },
  {
    does: "begins each page with the last item of the one before",
    stores: faulty(CatalogStore, (store, { categories }) => ({
      ...store,
      categories: (after, take) =>
        Effect.map(store.categories(after, take), (page) => {
          const last = after === undefined ? undefined : categories.get(after)
          return last === undefined || page.length === 0 ? page : [last, ...page].slice(0, take)
        })
    }))
  },
  {
    does: "forgets that a key was used for another request",
    stores: faulty(OrderStore, (store) => ({
      ...store,
      place: (placement) =>
        Effect.catchTag(store.place(placement), "IdempotencyKeyReused", () =>
          store.place({ ...placement, idempotency: undefined })
        )
    }))
  },
  {
    does: "takes a refresh token twice",
    stores: faulty(SessionStore, (store, { refreshTokens }) => ({
      ...store,
      refresh: (rotation) =>
        seeing(refreshTokens, (token) => ({ ...token, used: false }), store.refresh(rotation))
    }))
  },
  {
    does: "has a defect when it expires an order",
    stores: faulty(OrderStore, (store) => ({ ...store, expire: () => Effect.die(new Error("Oops")) }))
  },
  {
    does: "does not record adjustments",
    stores: faulty(CatalogStore, (store, { adjustments }) => ({
      ...store,
      adjustStock: (id, adjustment, idempotency) =>
        Effect.tap(store.adjustStock(id, adjustment, idempotency), () => Effect.sync(() => adjustments.pop()))
    }))
  },
  {
    does: "keeps the voucher uses of a declined order",
    stores: faulty(PaymentStore, (store, { vouchers, redemptions }) => ({
      ...store,
      settle: (id, outcome, attribution, idempotency) =>
        keeping(vouchers, keeping(redemptions, store.settle(id, outcome, attribution, idempotency)))
    }))
  },
  {
    does: "gives back a voucher use twice if orders expire together",
    stores: faulty(OrderStore, (store, { vouchers }) => ({
      ...store,
      expireUnpaid: (before, take, attribution, after) =>
        Effect.suspend(() => {
          const had = new Map(vouchers)
          return Effect.tap(store.expireUnpaid(before, take, attribution, after), () =>
            Effect.sync(() => {
              for (const [id, { usesLeft, ...voucher }] of vouchers) {
                const given = (usesLeft ?? 0) - (had.get(id)?.usesLeft ?? 0)
                if (usesLeft !== null) vouchers.set(id, { ...voucher, usesLeft: usesLeft + given })
              }
            })
          )
        })
    }))
  },
  {
    does: "quotes without the fees of the host",
    stores: faulty(OrderStore, (store) => ({
      ...store,
      quote: ({ draft, ...placement }) =>
        store.quote({ ...placement, draft: Struct.omit(draft, ["adjustments"]) })
    }))
  },
  {
    does: "takes a use of a voucher for a quote",
    stores: faulty(OrderStore, (store, { vouchers }) => ({
      ...store,
      quote: (placement) =>
        Effect.tap(store.quote(placement), (quote) =>
          Effect.sync(() => {
            for (const { voucherId } of quote.adjustments ?? []) {
              const voucher = voucherId && vouchers.get(voucherId)
              if (voucher?.usesLeft) vouchers.set(voucher.id, { ...voucher, usesLeft: voucher.usesLeft - 1 })
            }
          })
        )
    }))
  },
  {
    does: "accepts a voucher that is switched off",
    stores: faulty(OrderStore, (store, { vouchers }) => ({
      ...store,
      place: (placement) =>
        seeing(
          vouchers,
          (voucher) => (voucher.active ? voucher : { ...voucher, active: true }),
          store.place(placement)
        )
    }))
  },
  {
    does: "forgets the limit of a voucher per customer",
    stores: faulty(OrderStore, (store, { redemptions }) => ({
      ...store,
      place: (placement) => seeing(redemptions, () => undefined, store.place(placement))
    }))
  },
  {
    does: "refunds more than is left",
    about: "money",
    stores: faulty(PaymentStore, (store, { operations }) => ({
      ...store,
      reserve: (...request) =>
        Effect.catchTag(store.reserve(...request), "RefundTooLarge", () =>
          seeing(
            operations,
            (known) =>
              known.operation.kind === "refund"
                ? { ...known, operation: { ...known.operation, status: "CANCELLED" as const } }
                : known,
            store.reserve(...request)
          )
        )
    }))
  },
  {
    does: "captures what it has released",
    about: "money",
    stores: faulty(PaymentStore, (store, { payments, operations }) => ({
      ...store,
      reserve: (...request) =>
        Effect.catchTag(store.reserve(...request), "PaymentNotAuthorized", (refusal) =>
          request[0].kind === "capture"
            ? seeing(
                payments,
                (known) =>
                  known.payment.status === "CANCELLED" && known.payment.authorizedAt !== undefined
                    ? { ...known, payment: { ...known.payment, status: "AUTHORIZED" as const } }
                    : known,
                seeing(
                  operations,
                  (known) =>
                    known.operation.kind === "void"
                      ? { ...known, operation: { ...known.operation, status: "CANCELLED" as const } }
                      : known,
                  store.reserve(...request)
                )
              )
            : Effect.fail(refusal)
        )
    }))
  },
  {
    does: "keeps the authorization of an order that is cancelled with a refund",
    about: "money",
    stores: faulty(OrderStore, (store, { operations }) => ({
      ...store,
      fulfil: (id, fulfilment, attempt, idempotency) =>
        Effect.tap(store.fulfil(id, fulfilment, attempt, idempotency), () =>
          Effect.sync(() => {
            const begun = operations.get(attempt.operationId)
            if (begun?.operation.kind === "void") operations.delete(attempt.operationId)
          })
        )
    }))
  },
  {
    does: "ignores that a refund has failed later",
    about: "money",
    stores: faulty(PaymentStore, (store, { operations }) => ({
      ...store,
      settleOperation: (id, answer, attribution, idempotency) => {
        const known = operations.get(id)?.operation
        return known?.kind === "refund" && known.status === "APPROVED"
          ? Effect.succeed(firstTime(known))
          : store.settleOperation(id, answer, attribution, idempotency)
      }
    }))
  }
]
