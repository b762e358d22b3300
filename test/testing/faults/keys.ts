import { type Cause, Context, Effect } from "effect"
import type { Answer, Once } from "../../../src/domain/shared/Idempotency.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { KeyStore } from "../../../src/ports/IdempotencyKeyStore.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../../src/ports/PaymentStore.ts"
import { trials } from "../../../src/testing/contract/idempotency/IdempotencyCase.ts"
import { late, type State, spoilt, spoiltStores } from "../../support/faulty.ts"
import type { Fault } from "./Fault.ts"

type Asked = <A extends { readonly id: string }, E>(
  once: Once | undefined,
  ask: (once: Once | undefined) => Effect.Effect<Answer<A>, E>
) => Effect.Effect<Answer<A>, E>

/** Everything that can be done once per key, done otherwise. */
const keyed = (spoil: (state: State) => Asked) =>
  spoiltStores((stores, state) => {
    const asked = spoil(state)
    const catalog = Context.get(stores, CatalogStore)
    const orders = Context.get(stores, OrderStore)
    const payments = Context.get(stores, PaymentStore)
    return stores.pipe(
      Context.add(CatalogStore, {
        ...catalog,
        addProduct: (product, by, once) => asked(once, (once) => catalog.addProduct(product, by, once)),
        adjustStock: (id, adjustment, once) =>
          asked(once, (once) => catalog.adjustStock(id, adjustment, once))
      }),
      Context.add(OrderStore, {
        ...orders,
        place: (placement) => asked(placement.once, (once) => orders.place({ ...placement, once }))
      }),
      Context.add(PaymentStore, {
        ...payments,
        begin: (attempt, once) => asked(once, (once) => payments.begin(attempt, once)),
        record: (attempt, outcome, once) => asked(once, (once) => payments.record(attempt, outcome, once))
      })
    )
  })

/** A law that each of these operations has. */
const each = (law: (name: string) => string, of: (name: string) => boolean = () => true) =>
  trials
    .map(({ name }) => name)
    .filter(of)
    .map(law)

/** A replay of these is answered with their present state. */
const isPayment = (name: string) => name === "begin a payment" || name === "record a charge"

/** An answer with what is known by its id. */
const presently = <A extends { readonly id: string }>(
  answer: Answer<A>,
  known: ReadonlyMap<string, unknown>
): Answer<A> => ({ ...answer, value: (known.get(answer.value.id) as A | undefined) ?? answer.value })

export const keyFaults: ReadonlyArray<Fault> = [
  {
    does: "takes no notice of keys",
    stores: keyed(() => (_, ask) => ask(undefined)),
    breaks: each(
      (name) => `to ${name} again with the same key is answered as the first time, and not done again`
    )
  },
  {
    does: "looks whether a key is new, and then waits before it uses it",
    stores: keyed(
      ({ keys, orders, payments }) =>
        (once, ask) =>
          late([keys, orders, payments], ask(once))
    ),
    breaks: [
      ...each((name) => `of ten who ${name} with one key at once, one does, and all get the same answer`),
      ...each((name) => `of ten who ${name} differently with one key at once, one does and nine are refused`)
    ]
  },
  {
    does: "takes any request under a key for the same",
    stores: keyed(() => (once, ask) => ask(once && { ...once, fingerprint: "" })),
    breaks: each((name) => `to ${name} with a key of another request is refused, and changes nothing`)
  },
  {
    does: "answers a replay with what there is now",
    stores: keyed(
      ({ orders, products }) =>
        (once, ask) =>
          Effect.map(ask(once), (answer) =>
            presently(answer, new Map<string, unknown>([...orders, ...products]))
          )
    ),
    breaks: each(
      (name) => `to ${name} again with the same key is answered so too after things have moved on`,
      (name) => !isPayment(name)
    )
  },
  {
    does: "answers a replay with what there was at first",
    stores: keyed(() => {
      const first = new Map<string, unknown>()
      return (once, ask) =>
        Effect.map(ask(once), (answer) => {
          if (!answer.replayed) first.set(answer.value.id, answer.value)
          return presently(answer, first)
        })
    }),
    breaks: each(
      (name) => `to ${name} again with the same key is answered so too after things have moved on`,
      isPayment
    )
  },
  {
    does: "answers with the same refusal for ever",
    stores: keyed(() => {
      const refusals = new Map<string, Cause.Cause<unknown>>()
      return <A, E>(once: Once | undefined, ask: (once: Once | undefined) => Effect.Effect<Answer<A>, E>) =>
        Effect.suspend(() => {
          const key = JSON.stringify(once)
          const known = refusals.get(key) as Cause.Cause<E> | undefined
          return known === undefined
            ? Effect.tapCause(ask(once), (cause) => Effect.sync(() => once && refusals.set(key, cause)))
            : Effect.failCause(known)
        })
    }),
    breaks: each((name) => `a refusal to ${name} leaves the key unused, for any request`)
  },
  {
    does: "takes a key of somebody else for the same",
    stores: keyed(() => (once, ask) => ask(once && { ...once, scope: "everybody", fingerprint: "" })),
    breaks: ["keys of other scopes and of other operations are other keys"]
  },
  {
    does: "forgets more keys at a time than it was told to",
    stores: spoilt(KeyStore, (store) => ({ prune: (before) => store.prune(before, 1000) })),
    breaks: ["keys that were first used before a moment are forgotten, a few at a time, and are then as new"]
  }
]
