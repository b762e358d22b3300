import type { Effect } from "effect"
import type { Account } from "../../domain/accounts/Account.ts"
import type { Catalog } from "../../services/Catalog.ts"
import type { RegisterInput } from "../../services/inputs/Accounts.ts"
import type { ChangeOptions } from "../../services/inputs/Options.ts"
import type { Orders } from "../../services/Orders.ts"
import type { Payments } from "../../services/Payments.ts"

/** The calls that a history has. `placeOrReplay` and the like are recorded as `place`, with what they say of the replay. */
interface Signatures {
  readonly "orders.place": Orders["Service"]["place"]
  readonly "orders.ship": Orders["Service"]["ship"]
  readonly "orders.cancel": Orders["Service"]["cancel"]
  readonly "orders.returnItems": Orders["Service"]["returnItems"]
  readonly "orders.complete": Orders["Service"]["complete"]
  readonly "orders.expire": Orders["Service"]["expire"]
  readonly "orders.get": Orders["Service"]["get"]
  readonly "orders.list": Orders["Service"]["list"]
  readonly "orders.history": Orders["Service"]["history"]
  readonly "orders.feed": Orders["Service"]["feed"]
  readonly "catalog.createCategory": Catalog["Service"]["createCategory"]
  readonly "catalog.createProduct": Catalog["Service"]["createProduct"]
  readonly "catalog.changeProduct": Catalog["Service"]["changeProduct"]
  readonly "catalog.adjustStock": Catalog["Service"]["adjustStock"]
  readonly "catalog.product": Catalog["Service"]["product"]
  readonly "payments.pay": Payments["Service"]["pay"]
  readonly "payments.record": Payments["Service"]["record"]
  readonly "payments.recordOutcome": Payments["Service"]["recordOutcome"]
  readonly "payments.list": Payments["Service"]["list"]
  readonly "accounts.register": (input: Pick<RegisterInput, "email">) => Effect.Effect<Account>
}

/** Name of a recorded method: its service and itself, such as `orders.place`. */
export type Method = keyof Signatures

export const methods: ReadonlySet<string> = new Set<Method>([
  "orders.place",
  "orders.ship",
  "orders.cancel",
  "orders.returnItems",
  "orders.complete",
  "orders.expire",
  "orders.get",
  "orders.list",
  "orders.history",
  "orders.feed",
  "catalog.createCategory",
  "catalog.createProduct",
  "catalog.changeProduct",
  "catalog.adjustStock",
  "catalog.product",
  "payments.pay",
  "payments.record",
  "payments.recordOutcome",
  "payments.list",
  "accounts.register"
])

export const isMethod = (name: string): name is Method => methods.has(name)

type Primitive = string | number | boolean | null | undefined

/** A value as JSON carries it: dates are texts. */
export type Json<A> = A extends Primitive
  ? A
  : A extends Date
    ? string
    : { readonly [Name in keyof A]: Json<A[Name]> }

type InputOf<M extends Method> = NonNullable<Parameters<Signatures[M]>[0]>
type ValueOf<M extends Method> = Json<Effect.Success<ReturnType<Signatures[M]>>>

/** A call of a history: what was asked for, when, and what is known of it. */
export interface Call<M extends Method = Method> {
  readonly method: M
  /** Names the call in findings: its process and its number there. */
  readonly name: string
  readonly input: InputOf<M>
  readonly options: ChangeOptions
  /** Milliseconds. */
  readonly invoked: number
  /** Milliseconds. `Infinity` if no answer was recorded. */
  readonly completed: number
  readonly outcome: "ok" | "fail" | "info"
  readonly replayed: boolean | undefined
  readonly error: { readonly _tag?: string; readonly [field: string]: unknown }
}

/** A call that was answered with success. */
export interface Answered<M extends Method = Method> extends Call<M> {
  readonly outcome: "ok"
  readonly value: ValueOf<M>
}
