import { Cause, Duration, Effect, Exit, Option } from "effect"
import { voidRetryInterval } from "../domain/payments/Authorization.ts"
import type { Payment } from "../domain/payments/Payment.ts"
import { askedFor, type PaymentOperation, type Reserved } from "../domain/payments/PaymentOperation.ts"
import type { OrderId } from "../domain/shared/Ids.ts"
import { StoreUnavailable } from "../ports/errors.ts"
import type { PaymentStore } from "../ports/PaymentStore.ts"
import { now } from "./Ids.ts"

/** Maximum number of payments to recover concurrently. */
const recoveredAtOnce = 20

/** Maximum number of authorizations to void in one sweep. */
const voidedAtOnce = 100

/** How the payments of a shop are asked for again. */
interface Recovery<E> {
  readonly store: PaymentStore["Service"]
  /** How long the gateway may take to answer. */
  readonly timeout: Duration.Duration
  /** Until when no other process asks for what is asked for at a time. */
  readonly leaseUntil: (at: Date) => Date
  /** Whether the gateway of this process charges by a payment method. */
  readonly accepts: (paymentMethod: string) => boolean
  readonly charge: (payment: Payment, actor: string) => Effect.Effect<Payment, StoreUnavailable>
  /** Absent if the gateway can only charge. */
  readonly operations:
    | {
        readonly carryOut: (
          reserved: Reserved,
          actor: string
        ) => Effect.Effect<PaymentOperation, StoreUnavailable>
        readonly voidAuthorization: (orderId: OrderId) => Effect.Effect<unknown, E | StoreUnavailable>
      }
    | undefined
}

/**
 * Recovers page after page of what `lease` returns, until a page is not full. An outage or a bug of one delays no other; an outage is
 * the result in the end.
 */
const recoverAll = Effect.fnUntraced(function* <A>(
  name: string,
  lease: Effect.Effect<ReadonlyArray<Effect.Effect<A, StoreUnavailable>>, StoreUnavailable>
) {
  const recovered: Array<A> = []
  let outage: StoreUnavailable | undefined
  for (;;) {
    const pending = yield* lease
    for (const exit of yield* Effect.all(pending.map(Effect.exit), { concurrency: "unbounded" })) {
      if (Exit.isSuccess(exit)) {
        recovered.push(exit.value)
        continue
      }
      outage ??= Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (Cause.hasDies(exit.cause))
        yield* Effect.logError(`A ${name} cannot be recovered because of a bug`, exit.cause)
    }
    if (pending.length < recoveredAtOnce) return outage === undefined ? recovered : yield* outage
  }
})

/** Makes the sweeps that ask the gateway for what a crash has left. Processes may run them concurrently. */
export const makeRecovery = <E>({ store, timeout, leaseUntil, accepts, charge, operations }: Recovery<E>) => {
  /** Asks the gateway for pending operations, once each. */
  const recoverOperations = Effect.gen(function* () {
    if (operations === undefined) return
    const at = yield* now
    const since = new Date(at.getTime() - askedFor)
    const lease = Effect.gen(function* () {
      const until = leaseUntil(yield* now)
      const pending = yield* store.leaseOperations({ at, until }, recoveredAtOnce, { since, accepts })
      return pending.map(({ actor, ...reserved }) => operations.carryOut(reserved, actor))
    })
    yield* recoverAll("payment operation", lease)
  })

  /** Asks the gateway for pending payments, once each. Returns those that have an outcome now. */
  const recoverPayments = Effect.gen(function* () {
    const at = yield* now
    const [before, since] = [
      new Date(at.getTime() - Duration.toMillis(timeout)),
      new Date(at.getTime() - askedFor)
    ]
    const lease = Effect.gen(function* () {
      const until = leaseUntil(yield* now)
      const pending = yield* store.lease(before, { at, until }, recoveredAtOnce, { since, accepts })
      return pending.map(({ payment, actor }) => charge(payment, actor))
    })
    const recovered = yield* recoverAll("payment", lease)
    return recovered.filter(({ status }) => status !== "PENDING")
  })

  /** Asks for the voids of authorizations that are to be voided, once each. Returns how many were asked for. */
  const voidAll = Effect.fnUntraced(function* (heldBefore: (at: Date) => Date | undefined) {
    if (operations === undefined) return 0
    let outage: StoreUnavailable | undefined
    for (let asked = 0; ; ) {
      const at = yield* now
      const filter = { heldBefore: heldBefore(at), triedBefore: new Date(at.getTime() - voidRetryInterval) }
      const found = yield* store.authorizationsToVoid(filter, at, voidedAtOnce)
      const voids = found.map((orderId) => Effect.exit(operations.voidAuthorization(orderId)))
      let count = 0
      for (const exit of yield* Effect.all(voids, { concurrency: recoveredAtOnce })) {
        if (Exit.isSuccess(exit)) count += 1
        else if (Cause.hasDies(exit.cause))
          yield* Effect.logError("An authorization cannot be voided because of a bug", exit.cause)
        else {
          // Every refusal means that another process has ended the authorization meanwhile.
          const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
          if (error instanceof StoreUnavailable) outage ??= error
        }
      }
      asked += count
      if (found.length < voidedAtOnce || count === 0) return outage === undefined ? asked : yield* outage
    }
  })

  return {
    /** Asks for payments and operations, and voids the authorizations of cancelled orders. Returns the payments that are settled now. */
    recover: Effect.gen(function* () {
      const payments = yield* Effect.exit(recoverPayments)
      const pending = yield* Effect.exit(recoverOperations)
      if (Exit.isFailure(pending)) return yield* Effect.failCause(pending.cause)
      const recovered = yield* payments
      yield* voidAll(() => undefined)
      return recovered
    }),
    /** Voids the authorizations that are older than `age`. Returns how many were asked for. */
    voidOlderThan: (age: Duration.Input) => voidAll((at) => new Date(at.getTime() - Duration.toMillis(age)))
  }
}
