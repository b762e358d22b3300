import { Context, Effect, Layer } from "effect"
import { Orders } from "effect-commerce"

/** A point for every euro of an order. */
export class Points extends Context.Service<
  Points,
  {
    readonly buy: (...order: Parameters<Orders["Service"]["place"]>) => ReturnType<Orders["Service"]["place"]>
    readonly of: (customerId: string) => number
  }
>()("host/Points") {
  static readonly layer = Layer.effect(
    Points,
    Effect.map(Orders, (orders) => {
      const points = new Map<string, number>()
      const of = (customerId: string) => points.get(customerId) ?? 0
      return Points.of({
        of,
        buy: (order) =>
          Effect.tap(orders.place(order), ({ customerId, total }) =>
            Effect.sync(() => {
              const earned = total.currency === "EUR" ? Math.floor(total.amount / 100) : 0
              points.set(customerId, of(customerId) + earned)
            })
          )
      })
    })
  )
}
