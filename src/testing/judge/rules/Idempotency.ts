import type { Payment } from "../../../domain/payments/Payment.ts"
import type { Answered, Call, Json } from "../Calls.ts"
import { canonical, type Evidence, groupBy, isAnswered } from "../Evidence.ts"
import type { Finding } from "../Finding.ts"
import { keyOf } from "../Keys.ts"

/** A payment is answered with its present status, and everything else as it was the first time. */
const fixedPart = ({ method, value }: Answered): string => {
  if (!method.startsWith("payments.")) return canonical(value)
  const { id, orderId, amount, paymentMethod, createdAt } = value as Json<Payment>
  return canonical({ id, orderId, amount, paymentMethod, createdAt })
}

/** Failures that do not depend on the key: no answer, or none yet. */
const outages = new Set([
  "StoreUnavailable",
  "CommerceClosed",
  "HasherBusy",
  "TransactionOpen",
  "TooManyRequests"
])

const isRefusal = ({ outcome, error }: Call): boolean =>
  outcome === "fail" && error._tag !== undefined && !outages.has(error._tag)

const faultOf = (calls: ReadonlyArray<Call>): string | undefined => {
  const answered = calls.filter(isAnswered)
  const [first] = answered
  if (first === undefined) return undefined
  const request = canonical([first.method, first.input])
  for (const call of answered) {
    const differs = canonical([call.method, call.input]) !== request
    if (differs) return `${first.name} and ${call.name} asked for different things, and both succeeded`
    if (fixedPart(call) !== fixedPart(first)) return `${first.name} and ${call.name} have different answers`
  }
  const [one, other] = answered.filter(({ replayed }) => replayed === false)
  if (one !== undefined && other !== undefined) return `${one.name} and ${other.name} both took effect`
  const forgotten = calls.find(
    (call) =>
      isRefusal(call) &&
      canonical([call.method, call.input]) === request &&
      answered.some(({ completed }) => completed < call.invoked)
  )
  return forgotten && `${forgotten.name} was refused after ${first.name} had succeeded`
}

/** A key has one effect, and all its answers are the same. */
export const idempotency = ({ calls }: Evidence): ReadonlyArray<Finding> =>
  Array.from(
    groupBy(
      calls.filter((call) => keyOf(call) !== undefined),
      (call) => keyOf(call) ?? ""
    ),
    ([id, own]): ReadonlyArray<Finding> => {
      const detail = faultOf(own)
      return detail === undefined ? [] : [{ rule: "idempotency", id, detail }]
    }
  ).flat()
