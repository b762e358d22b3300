import { type Cause, Context, Effect } from "effect"
import type { IdempotencyClaim, IdempotentResult } from "../../../src/domain/shared/Idempotency.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { IdempotencyKeyStore } from "../../../src/ports/IdempotencyKeyStore.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../../src/ports/PaymentStore.ts"
import { VoucherStore } from "../../../src/ports/VoucherStore.ts"
import { idempotencyCases } from "../../../src/testing/contract/idempotency/IdempotencyCase.ts"
import { faulty, faultyStores, late, type State } from "../../support/faulty.ts"
import type { Fault } from "./Fault.ts"

/** What a call returns: something with an id, or an operation with its payment. */
type Identified = { readonly id: string } | { readonly operation: { readonly id: string } }

const idOf = (value: Identified) => ("operation" in value ? value.operation.id : value.id)

type Asked = <A extends Identified, E>(
  idempotency: IdempotencyClaim | undefined,
  ask: (idempotency: IdempotencyClaim | undefined) => Effect.Effect<IdempotentResult<A>, E>
) => Effect.Effect<IdempotentResult<A>, E>

/** Everything that can be done once per key, done otherwise. */
const keyed = (spoil: (state: State) => Asked) =>
  faultyStores((stores, state) => {
    const asked = spoil(state)
    const catalog = Context.get(stores, CatalogStore)
    const orders = Context.get(stores, OrderStore)
    const payments = Context.get(stores, PaymentStore)
    const vouchers = Context.get(stores, VoucherStore)
    return stores.pipe(
      Context.add(CatalogStore, {
        ...catalog,
        addCategory: (category, idempotency) =>
          asked(idempotency, (idempotency) => catalog.addCategory(category, idempotency)),
        renameCategory: (id, name, at, idempotency) =>
          asked(idempotency, (idempotency) => catalog.renameCategory(id, name, at, idempotency)),
        addProduct: (product, actor, idempotency) =>
          asked(idempotency, (idempotency) => catalog.addProduct(product, actor, idempotency)),
        changeProduct: (id, change, at, idempotency) =>
          asked(idempotency, (idempotency) => catalog.changeProduct(id, change, at, idempotency)),
        adjustStock: (id, adjustment, idempotency) =>
          asked(idempotency, (idempotency) => catalog.adjustStock(id, adjustment, idempotency))
      }),
      Context.add(OrderStore, {
        ...orders,
        place: (placement) =>
          asked(placement.idempotency, (idempotency) => orders.place({ ...placement, idempotency })),
        advance: (id, step, attribution, idempotency) =>
          asked(idempotency, (idempotency) => orders.advance(id, step, attribution, idempotency)),
        expire: (id, attribution, idempotency) =>
          asked(idempotency, (idempotency) => orders.expire(id, attribution, idempotency)),
        fulfil: (id, fulfilment, attribution, idempotency) =>
          asked(idempotency, (idempotency) => orders.fulfil(id, fulfilment, attribution, idempotency))
      }),
      Context.add(VoucherStore, {
        ...vouchers,
        add: (voucher, idempotency) =>
          asked(idempotency, (idempotency) => vouchers.add(voucher, idempotency)),
        change: (id, change, at, idempotency) =>
          asked(idempotency, (idempotency) => vouchers.change(id, change, at, idempotency))
      }),
      Context.add(PaymentStore, {
        ...payments,
        begin: (attempt, idempotency) =>
          asked(idempotency, (idempotency) => payments.begin(attempt, idempotency)),
        record: (attempt, outcome, idempotency) =>
          asked(idempotency, (idempotency) => payments.record(attempt, outcome, idempotency)),
        reserve: (request, attempt, leasedUntil, idempotency) =>
          asked(idempotency, (idempotency) => payments.reserve(request, attempt, leasedUntil, idempotency)),
        recordOperation: (request, attempt, idempotency) =>
          asked(idempotency, (idempotency) => payments.recordOperation(request, attempt, idempotency)),
        settleOperation: (id, answer, attribution, idempotency) =>
          asked(idempotency, (idempotency) => payments.settleOperation(id, answer, attribution, idempotency)),
        settle: (id, outcome, attribution, idempotency) =>
          asked(idempotency, (idempotency) => payments.settle(id, outcome, attribution, idempotency))
      })
    )
  })

/** A law that each of these operations has. */
const each = (law: (name: string) => string, of: (name: string) => boolean = () => true) =>
  idempotencyCases
    .map(({ name }) => name)
    .filter(of)
    .map(law)

/** A replay of these is answered with their present state. */
const isPayment = (name: string) =>
  [
    "begin a payment",
    "record a charge",
    "record an outcome",
    "capture a payment",
    "void a payment",
    "refund a payment",
    "record a refund",
    "record the outcome of an operation"
  ].includes(name)

/** What these have made never changes. */
const isFinal = (name: string) => ["complete an order", "expire an order", "cancel an order"].includes(name)

/** An answer with what is known by its id. */
const presently = <A extends Identified>(
  answer: IdempotentResult<A>,
  known: ReadonlyMap<string, unknown>
): IdempotentResult<A> => ({
  ...answer,
  value: (known.get(idOf(answer.value)) as A | undefined) ?? answer.value
})

export const keyFaults: ReadonlyArray<Fault> = [
  {
    does: "ignores keys",
    stores: keyed(() => (_, ask) => ask(undefined)),
    breaks: [
      ...each((name) => `to ${name} again with the same key returns the first result and changes nothing`),
      ...each(
        (name) => `to ${name} again with the same key returns the first result also after later changes`,
        isFinal
      )
    ]
  },
  {
    does: "reads a key, and uses it after a delay",
    stores: keyed(
      ({ keys, orders, payments, operations }) =>
        (idempotency, ask) =>
          late([keys, orders, payments, operations], ask(idempotency))
    ),
    breaks: [
      ...each(
        (name) => `ten concurrent calls to ${name} with one key: one has an effect, and all return its result`
      ),
      ...each(
        (name) =>
          `ten concurrent calls to ${name} with one key and different requests: one succeeds and nine are refused`
      )
    ]
  },
  {
    does: "ignores the fingerprint of a request",
    stores: keyed(() => (idempotency, ask) => ask(idempotency && { ...idempotency, fingerprint: "" })),
    breaks: each((name) => `to ${name} with the key of another request is refused and changes nothing`)
  },
  {
    does: "replays the current state",
    stores: keyed(
      ({ categories, orders, products, vouchers }) =>
        (idempotency, ask) =>
          Effect.map(ask(idempotency), (answer) =>
            presently(answer, new Map<string, unknown>([...categories, ...orders, ...products, ...vouchers]))
          )
    ),
    breaks: [
      ...each(
        (name) => `to ${name} again with the same key returns the first result also after later changes`,
        (name) => !isPayment(name) && !isFinal(name)
      ),
      "concurrent replays of two steps of one order return the result of each"
    ]
  },
  {
    does: "replays the first state of a payment",
    stores: keyed(() => {
      const first = new Map<string, unknown>()
      return (idempotency, ask) =>
        Effect.map(ask(idempotency), (answer) => {
          if (idempotency !== undefined && !answer.replayed) first.set(idOf(answer.value), answer.value)
          return presently(answer, first)
        })
    }),
    breaks: each(
      (name) => `to ${name} again with the same key returns the first result also after later changes`,
      isPayment
    )
  },
  {
    does: "stores refusals",
    stores: keyed(() => {
      const refusals = new Map<string, Cause.Cause<unknown>>()
      return <A, E>(
        idempotency: IdempotencyClaim | undefined,
        ask: (idempotency: IdempotencyClaim | undefined) => Effect.Effect<IdempotentResult<A>, E>
      ) =>
        Effect.suspend(() => {
          const key = JSON.stringify(idempotency)
          const known = refusals.get(key) as Cause.Cause<E> | undefined
          return known === undefined
            ? Effect.tapCause(ask(idempotency), (cause) =>
                Effect.sync(() => idempotency && refusals.set(key, cause))
              )
            : Effect.failCause(known)
        })
    }),
    breaks: [
      ...each((name) => `a refusal to ${name} leaves the key unused`),
      "an outcome that is refused because the payment has another leaves the key unused"
    ]
  },
  {
    does: "ignores the scope of a key",
    stores: keyed(
      () => (idempotency, ask) => ask(idempotency && { ...idempotency, scope: "any", fingerprint: "" })
    ),
    breaks: ["keys of different scopes and operations are independent"]
  },
  {
    does: "prunes more keys than the maximum",
    stores: faulty(IdempotencyKeyStore, (store) => ({
      prune: (before, _, at) => store.prune(before, 1000, at)
    })),
    breaks: ["keys first used before a time are deleted in batches, and can then be used again"]
  }
]
