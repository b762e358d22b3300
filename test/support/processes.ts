import { Context, Effect, Layer, type Redacted } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { layer } from "../../src/adapters/postgres/index.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { AnalyticsStore } from "../../src/ports/AnalyticsStore.ts"
import { CatalogStore } from "../../src/ports/CatalogStore.ts"
import { IdempotencyKeyStore } from "../../src/ports/IdempotencyKeyStore.ts"
import { IntegrityChecker } from "../../src/ports/IntegrityChecker.ts"
import { OrderStore } from "../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../src/ports/PaymentStore.ts"
import { ServiceTokenStore } from "../../src/ports/ServiceTokenStore.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { StoreHealth } from "../../src/ports/Stores.ts"
import { VoucherStore } from "../../src/ports/VoucherStore.ts"

/** A service of which each call is answered by another one of these, in turn. */
const inTurn = <Service extends object>(services: readonly [Service, ...Array<Service>]): Service => {
  let calls = 0
  return new Proxy(services[0], {
    get: (first, name) => {
      const property: unknown = Reflect.get(first, name)
      if (typeof property !== "function") return property
      return (...args: ReadonlyArray<unknown>) => {
        const service: object = services[calls++ % services.length] ?? first
        return Reflect.apply(Reflect.get(service, name), service, args)
      }
    }
  })
}

/** Four processes on one database, behind a load balancer: each with connections and batches of its own. */
export const fourProcesses = (url: Redacted.Redacted) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const start = Effect.suspend(() => Layer.build(Layer.provide(layer(), layerClient({ url, pool: 5 }))))
      const [one, two, three, four] = [yield* start, yield* start, yield* start, yield* start]
      const balanced = <I, Service extends object>(key: Context.Key<I, Service>) => {
        const of = (process: typeof one) => Context.getUnsafe(process, key)
        return Context.make(key, inTurn([of(one), of(two), of(three), of(four)]))
      }
      return Context.mergeAll(
        balanced(AccountStore),
        balanced(SessionStore),
        balanced(ServiceTokenStore),
        balanced(CatalogStore),
        balanced(OrderStore),
        balanced(PaymentStore),
        balanced(VoucherStore),
        balanced(AnalyticsStore),
        balanced(IdempotencyKeyStore),
        balanced(IntegrityChecker),
        balanced(StoreHealth)
      )
    })
  )
