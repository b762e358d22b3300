import { Context, Effect } from "effect"
import { type Executor, HostConnection, lend } from "../adapters/postgres/index.ts"
import type { Services } from "../services/Commerce.ts"
import { type CommerceApi, commerceApiOf } from "./CommerceApi.ts"
import { InFlightCalls } from "./InFlightCalls.ts"

/** Does work with a commerce that is bound to the host's connection, and ends when all its calls are answered. */
export type Within = <A>(executor: Executor, work: (commerce: CommerceApi) => Promise<A>) => Promise<A>

/** `services`: those that run on connections of hosts. */
export const makeWithin = (
  services: Effect.Effect<Context.Context<Services>>,
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
