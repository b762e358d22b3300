/** A process that places orders on a database which others use too. It measures one stretch per line of its standard input. */
import { createInterface } from "node:readline"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Redacted, Stream } from "effect"
import { stretch } from "./Measure.ts"
import { pick, services, shop } from "./Shop.ts"

/** What to measure: orders of one unit of so many of these products. */
export interface Placing {
  readonly productIds: ReadonlyArray<string>
  readonly items: number
  readonly callers: number
  readonly seconds: number
}

const customerId = crypto.randomUUID()
const lines = Stream.fromAsyncIterable(createInterface({ input: process.stdin }), (error) => error)

const run = Effect.gen(function* () {
  const { orders } = yield* services
  yield* Console.log("ready")
  yield* Stream.runForEach(lines, (line) => {
    const { productIds, items, callers, seconds }: Placing = JSON.parse(line)
    const work = Effect.suspend(() => orders.place({ customerId, items: pick(productIds, items) }))
    return Effect.flatMap(stretch({ callers, work }, seconds), (reading) =>
      Console.log(JSON.stringify(reading))
    )
  })
})

NodeRuntime.runMain(Effect.provide(run, shop(Redacted.make(process.env.DATABASE_URL ?? ""))))
