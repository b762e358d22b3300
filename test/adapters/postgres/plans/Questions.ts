import { Context, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import * as Bcrypt from "../../../../src/adapters/bcrypt.ts"
import * as Jose from "../../../../src/adapters/jose.ts"
import * as Postgres from "../../../../src/adapters/postgres/index.ts"
import * as SimulatedPayments from "../../../../src/adapters/simulated-payments.ts"
import { defineStages } from "../../../../src/domain/fulfilment/Stage.ts"
import { AccountId, PaymentId } from "../../../../src/domain/shared/Ids.ts"
import { IdempotencyKeyStore } from "../../../../src/ports/IdempotencyKeyStore.ts"
import { PaymentStore } from "../../../../src/ports/PaymentStore.ts"
import { SessionStore } from "../../../../src/ports/SessionStore.ts"
import { Stages } from "../../../../src/ports/Stages.ts"
import type { Stores } from "../../../../src/ports/Stores.ts"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { Analytics } from "../../../../src/services/Analytics.ts"
import { Catalog } from "../../../../src/services/Catalog.ts"
import * as Commerce from "../../../../src/services/Commerce.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { Payments } from "../../../../src/services/Payments.ts"
import { ServiceTokens } from "../../../../src/services/ServiceTokens.ts"
import { Vouchers } from "../../../../src/services/Vouchers.ts"
import { freshDatabase } from "../../../support/postgres.ts"
import { ids } from "./Large.ts"

const stages = defineStages({ PAID: { first: "new", moves: { new: ["picked"], picked: ["new"] } } })

/** Services and stores on a database of their own. */
export const openLargeShop = Effect.gen(function* () {
  const url = yield* freshDatabase
  const tokens = Jose.layer({ secret: Redacted.make("a secret that only these tests know") })
  const services = yield* Layer.build(
    Commerce.layer({ maintenance: { every: "1 hour" } }).pipe(
      Layer.provide([
        Bcrypt.layer({ cost: 4 }),
        tokens,
        SimulatedPayments.layer(),
        Layer.succeed(Stages, stages)
      ]),
      Layer.provideMerge(Postgres.layer()),
      Layer.provideMerge(Postgres.layerClient({ url }))
    )
  )
  return { services, sql: Context.get(services, SqlClient.SqlClient) }
})

/** Of the rows, the orders whose number ends in 1 are `CREATED`, in 5 `PAID`, in 8 `SHIPPED`. */
const order = (last: number) => ids.order(70_100 + last)
const [product, other] = [ids.product(50_001), ids.product(7)]
const customerId = ids.customer(7)
const items = [product, other].map((productId) => ({ productId, quantity: 1 }))
const period = { from: new Date("2026-03-01"), to: new Date("2026-04-01") }
const day = { from: new Date("2026-03-01"), to: new Date("2026-03-02") }
const timeZone = "Europe/Berlin"
const known = { digest: "4bf5122f344554c53bde2ebb8cd2b7e3", salt: "" }
const long = new Date("2026-01-01T10:00:00Z")
const now = new Date()

/** Whatever is asked of the database while a shop is open. */
export const questions = (
  shop: Context.Context<Commerce.Services | Stores>
): Record<string, Effect.Effect<unknown, unknown>> => {
  const accounts = Context.get(shop, Accounts)
  const catalog = Context.get(shop, Catalog)
  const orders = Context.get(shop, Orders)
  const payments = Context.get(shop, Payments)
  const vouchers = Context.get(shop, Vouchers)
  const analytics = Context.get(shop, Analytics)
  const pending = Context.get(shop, PaymentStore)
  const sessions = Context.get(shop, SessionStore)
  const serviceTokens = Context.get(shop, ServiceTokens)
  const keys = Context.get(shop, IdempotencyKeyStore)
  const accountId = AccountId.make(customerId)
  const ada = { email: "ada@example.com", password: "correct horse" }

  return {
    "the categories": catalog.categories(),
    "a product": catalog.product(product),
    "the newest products": catalog.products({ cursor: undefined }),
    "products by name": catalog.products({ sort: "name" }),
    "products by price": catalog.products({ sort: "price" }),
    "the dearest products": catalog.products({ sort: "-price" }),
    "products in stock": catalog.products({ inStock: true }),
    "products of a category": catalog.products({ categoryId: ids.category(7) }),
    "products of a category by price": catalog.products({ categoryId: ids.category(7), sort: "price" }),
    "products that many find": catalog.products({ q: "prod" }),
    "a product that one finds": catalog.products({ q: "product 77777" }),
    "inactive products": catalog.products({ active: false }),
    "inactive products by name": catalog.products({ active: false, sort: "name" }),
    "any products": catalog.products({ active: "any" }),
    "any products by name": catalog.products({ active: "any", sort: "name" }),
    "any products by price": catalog.products({ active: "any", sort: "price" }),
    "any products of a category": catalog.products({ active: "any", categoryId: ids.category(7) }),
    "inactive products that many find": catalog.products({ active: false, q: "prod" }),
    "any product that one finds": catalog.products({ active: "any", q: "product 77777" }),
    "products by name, unless they are known": catalog.productsUnlessKnown({ sort: "name" }, known),
    "any products of a category, unless they are known": catalog.productsUnlessKnown(
      { active: "any", categoryId: ids.category(7) },
      known
    ),
    "a product that one finds, unless it is known": catalog.productsUnlessKnown(
      { q: "product 77777" },
      known
    ),
    "a renamed category": catalog.renameCategory({ categoryId: ids.category(7), name: "renamed" }),
    "a changed product": catalog.changeProduct({ productId: product, name: "changed" }),
    "a counted stock": catalog.adjustStock({ productId: product, delta: 1 }, { idempotencyKey: "one" }),

    "a placed order": orders.place({ customerId, items }),
    "an order placed once": orders.place({ customerId, items }, { idempotencyKey: "cart" }),
    "the same order again": orders.place({ customerId, items }, { idempotencyKey: "cart" }),
    "a quote": orders.quote({ customerId, items, codes: ["code 7"] }),
    "an order with vouchers": orders.place({ customerId, items, codes: ["code 7", "code 8"] }),
    "an order with a voucher that fails": Effect.flatMap(
      orders.place({ customerId, items, codes: ["code 9"] }),
      ({ id }) => orders.expire(id)
    ),
    "a new voucher": vouchers.create({ code: "new", name: "New", rate: 1 }),
    "a changed voucher": vouchers.change({ voucherId: ids.voucher(7), active: true }),
    "a voucher": vouchers.get(ids.voucher(7)),
    "all vouchers": vouchers.list(),
    "an order": orders.get(order(20)),
    "its history": orders.history(order(20)),
    "all orders": orders.list(),
    "orders of a customer": orders.list({ customerId }),
    "orders that are paid": orders.list({ status: "PAID" }),
    "paid orders of a customer": orders.list({ status: "PAID", customerId }),
    "orders in a stage": orders.list({ stage: "picked" }),
    "orders in the first stage": orders.list({ stage: "new" }),
    "what has happened": orders.feed(),
    "what happened last": orders.latestPosition,
    "a shipped order": orders.ship(order(5)),
    "a shipped part": orders.ship(order(6), {
      items: [{ productId: ids.product(70_106), quantity: 1 }],
      carrier: "DHL"
    }),
    "a moved order": orders.move(order(7), "picked"),
    "a cancelled order": orders.cancel(order(7)),
    "a return": orders.returnItems(order(9), { items: [{ productId: ids.product(70_109), quantity: 1 }] }),
    "a completed order": orders.complete(order(8)),
    "an expired order": orders.expire(ids.order(70_101)),
    "orders nobody paid": orders.expireUnpaid("365 days"),

    "a paid order": payments.pay({ orderId: ids.order(70_201), paymentMethod: "sim_approve" }),
    "a declined order": payments.pay({ orderId: ids.order(70_301), paymentMethod: "sim_decline" }),
    "payments of an order": payments.list(order(20)),
    "a payment that nobody knows": Effect.flip(
      payments.recordOutcome({ paymentId: PaymentId.make(ids.payment(0)), outcome: "APPROVED" })
    ),
    "payments that a crash left": pending.lease(long, { at: now, until: now }, 20),
    "payment operations that a crash left": pending.leaseOperations({ at: now, until: now }, 20, {
      since: long
    }),
    "payment operations of an order": payments.operations(order(20)),

    registration: accounts.register(ada),
    "a login": accounts.login(ada),
    "a logout from everywhere": accounts.logoutEverywhere(accountId),
    "an end of sessions": sessions.endAll(accountId, long),
    "all accounts": accounts.list(),
    "an account of an email": accounts.list({ email: "7@example.com" }),
    "an account that is disabled": accounts.disable(ids.customer(8)),
    "an account that is enabled": accounts.enable(ids.customer(8)),
    "an admin who is disabled": Effect.flatMap(
      Effect.all([
        accounts.createAdmin({ email: "boss@example.com", password: ada.password }),
        accounts.createAdmin({ email: "other@example.com", password: ada.password })
      ]),
      ([{ id }]) => accounts.disable(id)
    ),
    "a password that is reset": Effect.flatMap(accounts.requestPasswordReset({ email: ada.email }), (reset) =>
      accounts.resetPassword({ token: reset?.token ?? "", newPassword: ada.password })
    ),
    "a service token": Effect.flatMap(serviceTokens.create({ name: "till" }), ({ id, token }) =>
      Effect.andThen(serviceTokens.authenticate(token), serviceTokens.revoke(id))
    ),
    "all service tokens": serviceTokens.list(),
    "sessions that are over": sessions.prune(long, 100, now),
    "keys that are old": keys.prune(long, 100, now),

    "the summary": analytics.summary({}),
    "the summary of a month": analytics.summary(period),
    "the sales of each month": analytics.sales({ interval: "month" }),
    "the sales of each day of a month": analytics.sales({ interval: "day", timeZone, ...period }),
    "what sold best on a day": analytics.topProducts(day)
  }
}
