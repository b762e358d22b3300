import { Arbitrary, Clock, Duration, Effect } from "effect"
import { IdempotencyKeyStore } from "../../../ports/IdempotencyKeyStore.ts"
import { Analytics } from "../../../services/Analytics.ts"
import { pick } from "../../Generators.ts"
import { interval, timeZone } from "../../RequestGenerators.ts"
import { findAgo } from "../World.ts"
import { limit } from "./Listings.ts"
import { step } from "./Step.ts"

const ago = pick([undefined, undefined, "0 seconds", "3 seconds", "30 minutes", "2 days"] as const)

interface Ends {
  readonly from: Duration.Input | undefined
  readonly to: Duration.Input | undefined
}

/** Converts two relative times to a period. */
const periodOf = ({ from, to }: Ends) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const date = (ago: Duration.Input | undefined) =>
      ago === undefined ? undefined : new Date(now - Duration.toMillis(ago))
    return { from: date(from), to: date(to) }
  })

export const otherSteps = {
  "let time pass": step(
    Arbitrary.all({ time: pick(["1 minute", "31 minutes", "1 day", "8 days"] as const) }),
    ({ time }, { clock }) => Effect.sync(() => clock.putForward(Duration.toMillis(time)))
  ),

  "see summary": step(Arbitrary.all({ from: ago, to: ago }), (ends) =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      return yield* analytics.summary(yield* periodOf(ends))
    })
  ),

  "see sales": step(Arbitrary.all({ from: ago, to: ago, interval, timeZone }), ({ from, to, ...query }) =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      return yield* analytics.sales({ ...query, ...(yield* periodOf({ from, to })) })
    })
  ),

  "see top products": step(Arbitrary.all({ from: ago, to: ago, limit }), ({ from, to, limit }) =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      return yield* analytics.topProducts({ limit, ...(yield* periodOf({ from, to })) })
    })
  ),

  "turn the page": step(
    Arbitrary.all({ listing: pick([0, 0, 0, 1, 2, 3]), limit }),
    ({ listing, limit = 2 }, { cursors }) => findAgo(cursors, listing)?.nextPage(limit) ?? Effect.void
  ),

  "ask again": step(
    Arbitrary.all({ request: pick([0, 0, 0, 1, 2, 3]) }),
    ({ request }, { keyed }) => findAgo(keyed, request) ?? Effect.void
  ),

  "forget old keys": step(
    Arbitrary.all({ age: pick(["7 days", "1 day", "0 seconds"] as const) }),
    ({ age }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const keys = yield* IdempotencyKeyStore
        return yield* keys.prune(new Date(now - Duration.toMillis(age)), 1000, new Date(now))
      })
  )
}
