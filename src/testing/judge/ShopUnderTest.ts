import { Effect } from "effect"
import type { Accounts } from "../../services/Accounts.ts"
import type { Catalog } from "../../services/Catalog.ts"
import type { Orders } from "../../services/Orders.ts"
import type { Payments } from "../../services/Payments.ts"
import type { VerificationReport } from "../../services/Verification.ts"

/** The answer of a service with effects, or of one with promises. */
export type EffectOrPromise<A> = Effect.Effect<A, unknown> | PromiseLike<A>

type Calls<Service, Name extends keyof Service> = {
  readonly [Key in Name]: Service[Key] extends (...args: infer Args) => Effect.Effect<infer A, infer _E>
    ? (...args: Args) => EffectOrPromise<A>
    : never
}

/** What the judge and the workload call. Both the services and a shop of `createCommerce` have these methods. */
export interface ShopUnderTest {
  readonly orders: Calls<
    Orders["Service"],
    "placeOrReplay" | "ship" | "complete" | "expire" | "get" | "list" | "history" | "feed"
  >
  readonly catalog: Calls<
    Catalog["Service"],
    "createCategory" | "createProduct" | "changeProduct" | "adjustStockOrReplay" | "product"
  >
  readonly payments: Calls<Payments["Service"], "payOrReplay" | "list">
  /** Defaults to none: then accounts are neither registered nor judged. */
  readonly accounts?: Calls<Accounts["Service"], "register" | "get"> | undefined
  readonly verify: () => EffectOrPromise<VerificationReport>
}

/** Returns an answer as an effect. */
export const ask = <A>(call: () => EffectOrPromise<A>): Effect.Effect<A, unknown> =>
  Effect.suspend(() => {
    const answer = call()
    return Effect.isEffect(answer)
      ? answer
      : Effect.tryPromise({ try: () => answer, catch: (error) => error })
  })
