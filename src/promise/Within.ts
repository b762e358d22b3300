import { Context, Effect } from "effect"
import { type Executor, HostConnection, lend } from "../adapters/postgres/index.ts"
import type { Services } from "../services/Commerce.ts"
import type { NoTransactions } from "../services/CommerceError.ts"
import { type CommerceApi, commerceApiOf } from "./CommerceApi.ts"
import { InFlightCalls } from "./InFlightCalls.ts"

/** Runs a function with services on the host's connection. Ends when all its calls have ended. */
export type Within = <A>(executor: Executor, work: (commerce: CommerceApi) => Promise<A>) => Promise<A>

/** `services`: those that run on connections of hosts. */
export const makeWithin = (
  services: Effect.Effect<Context.Context<Services>, NoTransactions>,
  references: Context.Context<never>,
  calls: InFlightCalls
): Within => {
  const join: Within = async (executor, work) => {
    const inside = await Effect.runPromiseWith(references)(services)
    const joined = new InFlightCalls(Context.add(references, HostConnection, lend(executor)))
    try {
      return await work(commerceApiOf(inside, joined))
    } finally {
      await joined.close()
    }
  }
  return (executor, work) => calls.accept(() => join(executor, work))
}
