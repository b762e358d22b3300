import { type Evidence, groupBy } from "../Evidence.ts"
import type { Finding } from "../Finding.ts"
import { type Observation, orderObservations, paymentObservations } from "../Observations.ts"

/** Compares each call with the answers that had ended before it began. */
const stale = (observations: ReadonlyArray<Observation<unknown>>): Finding | undefined => {
  const ended = observations.toSorted((a, b) => a.call.completed - b.call.completed)
  const begun = observations
    .filter(({ current }) => current)
    .toSorted((a, b) => a.call.invoked - b.call.invoked)
  let next = 0
  let latest: Observation<unknown> | undefined
  let furthest: Observation<unknown> | undefined
  for (const observation of begun) {
    for (let one = ended[next]; one !== undefined; one = ended[++next]) {
      if (one.call.completed >= observation.call.invoked) break
      if (latest === undefined || one.version > latest.version) latest = one
      if ((one.leastVersion ?? 0) > (furthest?.leastVersion ?? 0)) furthest = one
    }
    // A status alone does not tell how many parts the order has moved in it.
    const before = observation.isStatusOnly ? furthest : latest
    const shown = observation.isStatusOnly ? before?.leastVersion : before?.version
    if (before === undefined || shown === undefined || shown <= observation.version) continue
    const detail = `${observation.call.name} saw version ${observation.version} after ${before.call.name} had shown version ${shown}`
    return { rule: "recency", id: observation.id, detail }
  }
  return undefined
}

/** No order and no payment goes back in the order of real time. */
export const recency = (evidence: Evidence): ReadonlyArray<Finding> =>
  [orderObservations(evidence), paymentObservations(evidence)].flatMap((observations) =>
    Array.from(
      groupBy<Observation<unknown>>(observations, ({ id }) => id).values(),
      (own) => stale(own) ?? []
    ).flat()
  )
