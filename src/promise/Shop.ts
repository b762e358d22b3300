/** A shop of a host without Effect, by its name. */
import { Context, Effect, Exit, Scope } from "effect"
import type { Services } from "../services/Commerce.ts"
import { isCommerceError } from "../services/CommerceError.ts"
import { relayedServices } from "../services/RelayedServices.ts"
import { type CommerceApi, commerceApiOf } from "./CommerceApi.ts"
import { type CommerceHandler, closedResponse, type FetchHandler, unopenedResponse } from "./Fetch.ts"
import { InFlightCalls } from "./InFlightCalls.ts"
import { OpenedShop, type OpenShops } from "./OpenShops.ts"
import { makeWithin, type Within } from "./Within.ts"

/** A shop that runs in this process until it is closed. */
export interface Shop extends CommerceApi {
  /**
   * Does work in a transaction that the host holds open on its own connection to this database: what is done there is
   * committed and rolled back with it, refusals leave it usable, and only `payments.pay` and `recover` refuse with
   * `TransactionOpen`. Rejects as `work` does. While a call of ours is running, the host runs nothing on that connection.
   */
  readonly within: Within
  /** The HTTP API as a Fetch handler; after `close` it answers 503. `toNodeHandler` serves it on `node:http`. */
  readonly handler: CommerceHandler
  /**
   * Accepts no more calls, answers those that were accepted, and releases everything. Calls that last for more than 30 seconds, and
   * calls afterwards, reject with `CommerceClosed`.
   */
  readonly close: () => Promise<void>
}

interface ShopParts {
  readonly open: OpenShops
  /** Services of any shop, for the shapes of their methods. */
  readonly shapes: Context.Context<Services>
  /** The context of the host: its log, its clock, its scheduler. */
  readonly references: Context.Context<never>
  readonly calls: InFlightCalls
  readonly basePath: string
  readonly fail: CommerceHandler["fail"]
  readonly closeTimeout: (closing: Promise<unknown>) => Promise<boolean>
}

/** Makes the functions of a shop. Each call keeps the shop open for as long as it lasts, and opens it if it is closed. */
export const shopOf = (
  name: string,
  { basePath, calls: all, closeTimeout, fail, open: { map }, references, shapes }: ShopParts
): Shop => {
  const calls = new InFlightCalls(references, all)
  const services = relayedServices(shapes, map.get(name))
  const run = Effect.runPromiseWith(references)

  const opened = async <A>(use: (shop: OpenedShop["Service"]) => Promise<A>): Promise<A> => {
    const scope = Scope.makeUnsafe()
    try {
      return await use(Context.get(await run(Scope.provide(map.get(name), scope)), OpenedShop))
    } finally {
      await run(Scope.close(scope, Exit.void))
    }
  }
  const handle: FetchHandler = (request, connection) =>
    calls.closed
      ? Promise.resolve(closedResponse())
      : calls.accept(() =>
          opened(async (shop) => {
            const response = await shop.handle(request, connection)
            // Such as that of a shop whose schema was dropped.
            if (response.status === 500) await run(Effect.ignore(map.check(name)))
            return response
          }).catch((error) => (isCommerceError(error) ? unopenedResponse(error) : fail(error)))
        )

  let closing: Promise<void> | undefined
  const close = async () => {
    if (!(await closeTimeout(calls.close()))) calls.interrupt()
  }
  return {
    ...commerceApiOf(services, calls),
    within: (executor, work) =>
      calls.accept(() => opened(({ inside }) => makeWithin(inside, references, calls)(executor, work))),
    handler: Object.assign(handle, { basePath, fail }),
    close: () => {
      closing ??= close()
      return closing
    }
  }
}
