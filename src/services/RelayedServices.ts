import { Context, Effect, Scope, Stream } from "effect"
import { Accounts } from "./Accounts.ts"
import { Analytics } from "./Analytics.ts"
import { Catalog } from "./Catalog.ts"
import type { Services } from "./Commerce.ts"
import { Orders } from "./Orders.ts"
import { Payments } from "./Payments.ts"
import { ServiceTokens } from "./ServiceTokens.ts"
import { Verification } from "./Verification.ts"
import { Vouchers } from "./Vouchers.ts"

const tags = [Accounts, ServiceTokens, Catalog, Orders, Payments, Vouchers, Analytics, Verification] as const

type Member = ((...args: ReadonlyArray<unknown>) => unknown) | Effect.Effect<unknown, unknown>
type Members = Readonly<Record<string, Member>>

/**
 * Makes services whose calls run on the services that `get` returns, and keep those open for as long as each call lasts. So they outlive
 * every opening of a shop. `shapes` are any services: what their methods return tells effects from streams, and is never run.
 */
export const relayedServices = <E>(
  shapes: Context.Context<Services>,
  get: Effect.Effect<Context.Context<Services>, E, Scope.Scope>
): Context.Context<Services> => {
  const relay = (tag: (typeof tags)[number]) => {
    const membersOf = (services: Context.Context<Services>) =>
      Context.get(services, tag as typeof Accounts) as unknown as Members
    const call = (services: Context.Context<Services>, name: string, args: ReadonlyArray<unknown>) => {
      const member = membersOf(services)[name]
      return typeof member === "function" ? member(...args) : member
    }
    const inEffect = (name: string, args: ReadonlyArray<unknown>) =>
      Effect.scopedWith((scope) =>
        Effect.flatMap(Scope.provide(get, scope), (services) =>
          Effect.provideContext(call(services, name, args) as Effect.Effect<unknown, unknown>, services)
        )
      )
    const inStream = (name: string, args: ReadonlyArray<unknown>) =>
      Stream.unwrap(
        Effect.map(get, (services) =>
          Stream.provideContext(call(services, name, args) as Stream.Stream<unknown, unknown>, services)
        )
      )
    return Object.fromEntries(
      Object.entries(membersOf(shapes)).map(([name, member]) => [
        name,
        typeof member === "function"
          ? (...args: ReadonlyArray<unknown>) =>
              Stream.isStream(member(...args)) ? inStream(name, args) : inEffect(name, args)
          : inEffect(name, [])
      ])
    )
  }
  let services = Context.empty() as Context.Context<unknown>
  for (const tag of tags) {
    services = Context.add(services, tag as typeof Accounts, relay(tag) as unknown as Accounts["Service"])
  }
  return services as Context.Context<Services>
}
