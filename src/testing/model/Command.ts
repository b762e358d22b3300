import { Arbitrary, type Effect, Struct } from "effect"
import { oneOf } from "../Generators.ts"
import type { ModelShop } from "./ModelShop.ts"
import { accountSteps } from "./steps/AccountSteps.ts"
import { catalogSteps } from "./steps/CatalogSteps.ts"
import { orderSteps } from "./steps/OrderSteps.ts"
import { otherSteps } from "./steps/OtherSteps.ts"
import { paymentSteps } from "./steps/PaymentSteps.ts"
import type { Step } from "./steps/Step.ts"
import type { World } from "./World.ts"

const steps = { ...accountSteps, ...catalogSteps, ...orderSteps, ...paymentSteps, ...otherSteps }
type Steps = typeof steps
type Input<S> = S extends Step<infer A> ? A : never

/** What is asked of a shop, as plain data. Numbers say which of what is known by then. */
export type Command = {
  readonly [K in keyof Steps]: { readonly do: K; readonly with: Input<Steps[K]> }
}[keyof Steps]

const commandOf = <K extends keyof Steps>(name: K): Arbitrary.Arbitrary<Command> => {
  const { input } = steps[name] as Step<unknown>
  return Arbitrary.map(input, (input) => ({ do: name, with: input }) as Command)
}

const times = (count: number, name: Command["do"]) => Array.from({ length: count }, () => name)

/** Any command, those that make the others possible more often. */
const command: Arbitrary.Arbitrary<Command> = oneOf(
  [
    ...Struct.keys(steps),
    ...times(8, "place"),
    ...times(6, "pay"),
    ...times(3, "ship"),
    ...times(2, "complete"),
    ...times(3, "ask again"),
    ...times(2, "change product"),
    ...times(2, "create product"),
    ...times(2, "turn the page"),
    ...times(2, "come back"),
    ...times(4, "refresh")
  ].map(commandOf)
)

/** Sequences of commands that begin with something to order. */
export const commands: Arbitrary.Arbitrary<ReadonlyArray<Command>> = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(commandOf("create category"), { minLength: 1, maxLength: 3 }),
    Arbitrary.array(commandOf("create product"), { minLength: 1, maxLength: 6 }),
    Arbitrary.array(command, { maxLength: 60 })
  ]),
  ([categories, products, others]) => [...categories, ...products, ...others]
)

/** Asks it of the shop that is in the context. */
export const ask = (command: Command, world: World): Effect.Effect<unknown, unknown, ModelShop> =>
  (steps[command.do] as Step<unknown>).ask(command.with, world)
