import { systemActor } from "../../domain/shared/Attribution.ts"
import type { Operation } from "../../domain/shared/Idempotency.ts"
import type { Call, Method } from "./Calls.ts"
import type { Finding } from "./Finding.ts"

const operations: Partial<Record<Method, Operation>> = {
  "orders.place": "place order",
  "orders.ship": "ship order",
  "orders.complete": "complete order",
  "orders.expire": "expire order",
  "catalog.createCategory": "create category",
  "catalog.createProduct": "create product",
  "catalog.changeProduct": "change product",
  "catalog.adjustStock": "adjust stock",
  "payments.pay": "pay order",
  "payments.record": "pay order",
  "payments.recordOutcome": "record outcome"
}

/** Returns the actor that a change records. */
export const actorOf = ({ method, input, options }: Call): string =>
  options.actor ??
  (method === "orders.place" ? (input as Call<"orders.place">["input"]).customerId : systemActor)

/** Returns the scope, the operation and the key of a call with an idempotency key, as `verify` names it. */
export const keyOf = (call: Call): string | undefined => {
  const { method, input, options } = call
  if (options.idempotencyKey === undefined) return undefined
  const scope =
    method === "orders.place" ? (input as Call<"orders.place">["input"]).customerId : actorOf(call)
  return `${scope} / ${operations[method] ?? method} / ${options.idempotencyKey}`
}

/** Keeps the calls with an outcome: those without a key, and the first of each key that is not used yet. */
const firstOfEachKey = <C extends Call>(
  calls: ReadonlyArray<C>,
  outcome: Call["outcome"],
  used: Set<string>
): ReadonlyArray<C> =>
  calls.filter((call) => {
    if (call.outcome !== outcome) return false
    const key = keyOf(call)
    if (key === undefined) return true
    const isFirst = !used.has(key)
    used.add(key)
    return isFirst
  })

/**
 * Returns the number of effects that calls with unknown outcome may have had: one per call, and one per key. A key that was
 * answered with success has had its effect.
 */
export const possibleEffects = <C extends Call>(calls: ReadonlyArray<C>): ReadonlyArray<C> => {
  const used = new Set(calls.flatMap((call) => (call.outcome === "ok" ? (keyOf(call) ?? []) : [])))
  return firstOfEachKey(calls, "info", used)
}

/** Returns one call of each effect that was answered with success. */
export const certainEffects = <C extends Call>(calls: ReadonlyArray<C>): ReadonlyArray<C> =>
  firstOfEachKey(calls, "ok", new Set())

/**
 * Returns findings of effects that equal requests do not explain. `effects` are those that no call has answered with.
 */
export const excessEffects = (
  effects: ReadonlyArray<string>,
  calls: ReadonlyArray<Call>
): ReadonlyArray<Finding> => {
  const key = calls.flatMap((call) => (call.outcome === "ok" ? (keyOf(call) ?? []) : []))[0]
  const asked = calls.map(({ name, outcome }) => `${name}: ${outcome}`).join(", ")
  return effects.slice(possibleEffects(calls).length).map((id): Finding => {
    if (key !== undefined) return { rule: "idempotency", id: key, detail: `It has had another effect: ${id}` }
    const detail =
      calls.length === 0 ? "It exists, and no call asked for it" : `It exists, and was asked for by ${asked}`
    return { rule: "refusal", id, detail }
  })
}
