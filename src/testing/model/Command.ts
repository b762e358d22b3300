import { Arbitrary, type Effect, Struct } from "effect"
import { oneOf } from "../Generators.ts"
import type { ModelShop } from "./ModelShop.ts"
import { accountSteps } from "./steps/AccountSteps.ts"
import { catalogSteps } from "./steps/CatalogSteps.ts"
import { orderSteps } from "./steps/OrderSteps.ts"
import { otherSteps } from "./steps/OtherSteps.ts"
import { paymentSteps } from "./steps/PaymentSteps.ts"
import type { Step } from "./steps/Step.ts"
import { voucherSteps } from "./steps/VoucherSteps.ts"
import type { World } from "./World.ts"

const steps = {
  ...accountSteps,
  ...catalogSteps,
  ...orderSteps,
  ...paymentSteps,
  ...voucherSteps,
  ...otherSteps
}
type Steps = typeof steps
type Input<S> = S extends Step<infer A> ? A : never

/** A request to a shop as plain data. Numbers refer to ids that earlier responses contained. */
export type Command = {
  readonly [K in keyof Steps]: { readonly do: K; readonly with: Input<Steps[K]> }
}[keyof Steps]

const commandOf = <K extends keyof Steps>(name: K): Arbitrary.Arbitrary<Command> => {
  const { input } = steps[name] as Step<unknown>
  return Arbitrary.map(input, (input) => ({ do: name, with: input }) as Command)
}

const repeat = (count: number, name: Command["do"]) => Array.from({ length: count }, () => name)

/** Generates a command. Commands that enable others are more frequent. */
const command: Arbitrary.Arbitrary<Command> = oneOf(
  [
    ...Struct.keys(steps),
    ...repeat(10, "place"),
    ...repeat(6, "pay"),
    ...repeat(3, "ship"),
    ...repeat(2, "complete"),
    ...repeat(2, "ship items"),
    ...repeat(2, "return items"),
    ...repeat(2, "move order"),
    ...repeat(3, "ask again"),
    ...repeat(2, "change product"),
    ...repeat(2, "create product"),
    ...repeat(1, "create voucher"),
    ...repeat(1, "change voucher"),
    ...repeat(1, "expire unpaid"),
    ...repeat(2, "quote"),
    ...repeat(2, "turn the page"),
    ...repeat(2, "log in again"),
    ...repeat(4, "refresh")
  ].map(commandOf)
)

/** Generates sequences of commands. They begin with products to order, and vouchers. */
export const commands: Arbitrary.Arbitrary<ReadonlyArray<Command>> = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(commandOf("create category"), { minLength: 1, maxLength: 3 }),
    Arbitrary.array(commandOf("create product"), { minLength: 1, maxLength: 6 }),
    Arbitrary.array(commandOf("create voucher"), { minLength: 1, maxLength: 2 }),
    Arbitrary.array(command, { maxLength: 60 })
  ]),
  ([categories, products, vouchers, others]) => [...categories, ...products, ...vouchers, ...others]
)

/** Sends a command to the shop in the context. */
export const ask = (command: Command, world: World): Effect.Effect<unknown, unknown, ModelShop> =>
  (steps[command.do] as Step<unknown>).ask(command.with, world)
