import { Arbitrary, type Effect, Struct } from "effect"
import { oneOf } from "../Generators.ts"
import type { ModelShop } from "./ModelShop.ts"
import { accountSteps } from "./steps/AccountSteps.ts"
import { catalogSteps } from "./steps/CatalogSteps.ts"
import { moneySteps } from "./steps/MoneySteps.ts"
import { orderSteps } from "./steps/OrderSteps.ts"
import { otherSteps } from "./steps/OtherSteps.ts"
import { paymentSteps } from "./steps/PaymentSteps.ts"
import type { Step } from "./steps/Step.ts"
import { voucherSteps } from "./steps/VoucherSteps.ts"
import type { World } from "./World.ts"

const shopSteps = {
  ...accountSteps,
  ...catalogSteps,
  ...orderSteps,
  ...paymentSteps,
  ...voucherSteps,
  ...otherSteps
}
const steps = { ...shopSteps, ...moneySteps }
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

/** Commands of all kinds but those that move money after a charge. Commands that enable others are more frequent. */
const shopCommand: Arbitrary.Arbitrary<Command> = oneOf(
  [
    ...Struct.keys(shopSteps),
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

/** Commands that move money, and what makes money due. */
const moneyCommand: Arbitrary.Arbitrary<Command> = oneOf(
  [
    ...Struct.keys(moneySteps),
    ...repeat(3, "place"),
    ...repeat(3, "pay"),
    ...repeat(3, "authorize"),
    ...repeat(3, "capture"),
    ...repeat(3, "refund"),
    ...repeat(2, "cancel items"),
    ...repeat(2, "ship"),
    ...repeat(2, "return items"),
    ...repeat(2, "record outcome of operation"),
    ...repeat(1, "cancel"),
    ...repeat(1, "record outcome"),
    ...repeat(1, "record charge"),
    ...repeat(1, "recover payments"),
    ...repeat(1, "expire unpaid"),
    ...repeat(1, "let time pass"),
    ...repeat(2, "ask again")
  ].map(commandOf)
)

const shop: Arbitrary.Arbitrary<ReadonlyArray<Command>> = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(commandOf("create category"), { minLength: 1, maxLength: 3 }),
    Arbitrary.array(commandOf("create product"), { minLength: 1, maxLength: 6 }),
    Arbitrary.array(commandOf("create voucher"), { minLength: 1, maxLength: 2 }),
    Arbitrary.array(shopCommand, { maxLength: 60 })
  ]),
  ([categories, products, vouchers, others]) => [...categories, ...products, ...vouchers, ...others]
)

const money: Arbitrary.Arbitrary<ReadonlyArray<Command>> = Arbitrary.map(
  Arbitrary.all([
    commandOf("create category"),
    Arbitrary.array(commandOf("create product"), { minLength: 1, maxLength: 3 }),
    Arbitrary.array(commandOf("place"), { minLength: 1, maxLength: 3 }),
    Arbitrary.array(oneOf([commandOf("pay"), commandOf("authorize")]), { maxLength: 3 }),
    Arbitrary.array(moneyCommand, { maxLength: 40 })
  ]),
  ([category, products, orders, payments, others]) => [
    category,
    ...products,
    ...orders,
    ...payments,
    ...others
  ]
)

/**
 * Generators of sequences of commands, by what they are about. `shop` begins with products to order, and vouchers. `money` begins with
 * orders and payments, and goes on with captures, voids, refunds and chargebacks.
 */
export const commandsAbout = { shop, money, everything: oneOf([shop, money]) }

/** Sends a command to the shop in the context. */
export const ask = (command: Command, world: World): Effect.Effect<unknown, unknown, ModelShop> =>
  (steps[command.do] as Step<unknown>).ask(command.with, world)
