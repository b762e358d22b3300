/** Operations that accept an idempotency key, as the laws on idempotency run them. */
import { Effect } from "effect"
import { defineStages } from "../../../domain/fulfilment/Stage.ts"
import type { OrderEventName } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import type { Outcome, Payment } from "../../../domain/payments/Payment.ts"
import type { PaymentOperation } from "../../../domain/payments/PaymentOperation.ts"
import type { VoucherChange } from "../../../domain/pricing/Voucher.ts"
import {
  type IdempotencyClaim,
  type IdempotentResult,
  type Operation,
  resultOf
} from "../../../domain/shared/Idempotency.ts"
import { type CategoryId, OperationId, type ProductId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { type Attempt, type OperationAttribution, PaymentStore } from "../../../ports/PaymentStore.ts"
import type { Stores } from "../../../ports/Stores.ts"
import { VoucherStore } from "../../../ports/VoucherStore.ts"
import {
  category,
  type Fixture,
  newAttempt,
  newAttribution,
  newCategory,
  newId,
  newLabel,
  newPlacement,
  newProduct,
  order,
  paid,
  product,
  shop
} from "../Given.ts"
import { readProduct } from "../operations/ShopSnapshot.ts"
import { apply } from "../orders/DecidedFulfilment.ts"
import { newVoucher, voucher as voucherWith } from "../pricing/Given.ts"

type Work<A> = Effect.Effect<A, unknown, Stores>

export interface IdempotencyCase {
  readonly shop: Fixture
  /** Calls the operation with a new id and time, as a client that retries does. */
  readonly call: (idempotency: IdempotencyClaim) => Work<IdempotentResult<unknown>>
  /** Counts the effects of the operation. */
  readonly effects: Work<number>
  /** Makes the operation possible, which it is not before. */
  readonly enable: Work<unknown>
  /** Changes what the operation has created or changed, if anything can still change it. */
  readonly changeLater: Work<unknown>
  /** Current state of the effect, if a replay returns it. `undefined` if a replay returns the first result. */
  readonly currentState: Work<unknown> | undefined
}

const adjust = Effect.fnUntraced(function* (id: ProductId, delta: number, idempotency?: IdempotencyClaim) {
  const store = yield* CatalogStore
  return yield* store.adjustStock(id, { delta, reason: null, ...(yield* newAttribution) }, idempotency)
})

const change = Effect.fnUntraced(function* (
  id: ProductId,
  sku: string | null,
  idempotency?: IdempotencyClaim
) {
  const store = yield* CatalogStore
  return yield* store.changeProduct(id, { name: "changed", sku }, (yield* newAttribution).at, idempotency)
})

const placing: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* OrderStore
  const own = yield* shop(1)
  const [first] = own.products
  const orders = store.list({ customerId: own.customerId, status: undefined, after: undefined, take: 100 })
  return {
    shop: own,
    call: (idempotency) => Effect.flatMap(newPlacement(own, [[first, 2]], { idempotency }), store.place),
    effects: Effect.map(orders, (orders) => orders.length),
    enable: adjust(first.id, 9),
    changeLater: Effect.gen(function* () {
      for (const order of yield* orders) {
        yield* paid(order, "APPROVED")
        yield* advance(order, "shipped")
      }
    }),
    currentState: undefined
  }
})

const advance = Effect.fnUntraced(function* (
  { id }: Pick<Order, "id">,
  step: "shipped" | "completed",
  idempotency?: IdempotencyClaim
) {
  const store = yield* OrderStore
  return yield* store.advance(id, step, yield* newAttribution, idempotency)
})

const expire = Effect.fnUntraced(function* ({ id }: Pick<Order, "id">, idempotency: IdempotencyClaim) {
  const store = yield* OrderStore
  return yield* store.expire(id, yield* newAttribution, idempotency)
})

/** Changes one order. `prepare` brings it to where the change is refused, and returns what enables it. */
const changing = (
  event: OrderEventName,
  prepare: (order: Order) => Work<Work<unknown>>,
  call: (order: Order, idempotency: IdempotencyClaim) => Work<IdempotentResult<unknown>>,
  changeLater: (order: Order) => Work<unknown> = () => Effect.void
): Work<IdempotencyCase> =>
  Effect.gen(function* () {
    const store = yield* OrderStore
    const own = yield* shop(10)
    const placed = yield* order(own, [[own.products[0], 1]])
    return {
      shop: own,
      call: (idempotency) => call(placed, idempotency),
      effects: Effect.map(
        store.history(placed.id),
        (events) => events.filter((one) => one.event === event).length
      ),
      enable: yield* prepare(placed),
      changeLater: changeLater(placed),
      currentState: undefined
    }
  })

const shipping = changing(
  "shipped",
  (order) => Effect.succeed(paid(order, "APPROVED")),
  (order, idempotency) => advance(order, "shipped", idempotency),
  (order) => advance(order, "completed")
)

const completing = changing(
  "completed",
  (order) => Effect.as(paid(order, "APPROVED"), advance(order, "shipped")),
  (order, idempotency) => advance(order, "completed", idempotency)
)

const expiring = changing("expired", (order) => Effect.map(begun(order), cancel), expire)

const begun = Effect.fnUntraced(function* (order: Pick<Order, "id">) {
  const store = yield* PaymentStore
  return yield* Effect.map(store.begin(yield* newAttempt(order), undefined), resultOf)
})

const cancel = Effect.fnUntraced(function* ({ id }: Pick<Payment, "id">) {
  const store = yield* PaymentStore
  return yield* store.settle(id, "CANCELLED", yield* newAttribution, undefined)
})

const oneUnit = ({ items: [{ productId }] }: Order) => ({ items: [{ productId, quantity: 1 }] })

const shippingItems = changing(
  "shipped",
  (order) => Effect.succeed(paid(order, "APPROVED")),
  (order, idempotency) => apply(order.id, { kind: "ship", request: oneUnit(order) }, idempotency),
  (order) => apply(order.id, { kind: "return", request: oneUnit(order) })
)

const cancelling = changing(
  "cancelled",
  (order) => Effect.map(begun(order), cancel),
  (order, idempotency) => apply(order.id, { kind: "cancel", request: oneUnit(order) }, idempotency)
)

const table = defineStages({ PAID: { first: "new", moves: { new: ["picked"], picked: ["new"] } } })

const moving = changing(
  "stage-changed",
  (order) => Effect.succeed(paid(order, "APPROVED")),
  (order, idempotency) => apply(order.id, { kind: "move", stage: "picked", stages: table }, idempotency),
  (order) => advance(order, "shipped")
)

const returning = changing(
  "returned",
  (order) => Effect.as(paid(order, "APPROVED"), advance(order, "shipped")),
  (order, idempotency) => apply(order.id, { kind: "return", request: oneUnit(order) }, idempotency),
  (order) => advance(order, "completed")
)

const paying = (
  call: (attempt: Attempt, idempotency: IdempotencyClaim) => Work<IdempotentResult<unknown>>
): Work<IdempotencyCase> =>
  Effect.gen(function* () {
    const store = yield* PaymentStore
    const own = yield* shop(10)
    const placed = yield* order(own, [[own.products[0], 1]])
    const payments = Effect.map(store.list(placed.id), (all) =>
      all.filter(({ status }) => status !== "CANCELLED")
    )
    return {
      shop: own,
      call: (idempotency) => Effect.flatMap(newAttempt(placed), (attempt) => call(attempt, idempotency)),
      effects: Effect.map(payments, (payments) => payments.length),
      enable: cancel(yield* begun(placed)),
      changeLater: Effect.gen(function* () {
        for (const { id, status } of yield* payments) {
          if (status === "PENDING") yield* store.settle(id, "APPROVED", yield* newAttribution, undefined)
        }
        yield* advance(placed, "shipped")
      }),
      currentState: Effect.map(payments, ([payment]) => payment)
    }
  })

const settling: Work<IdempotencyCase> = Effect.gen(function* () {
  const [store, orders] = [yield* PaymentStore, yield* OrderStore]
  const own = yield* shop(10)
  const placed = yield* order(own, [[own.products[0], 1]])
  const attempt = yield* newAttempt(placed)
  return {
    shop: own,
    call: (idempotency) =>
      Effect.flatMap(newAttribution, (attribution) =>
        store.settle(attempt.id, "APPROVED", attribution, idempotency)
      ),
    effects: Effect.map(orders.history(placed.id), (events) => events.length - 1),
    enable: store.begin(attempt, undefined),
    changeLater: advance(placed, "shipped"),
    currentState: Effect.map(store.list(placed.id), ([payment]) => payment)
  }
})

const addingCategory: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* CatalogStore
  const own = yield* shop(10)
  const free = yield* newLabel
  let { name } = yield* category
  const created = Effect.map(store.categories(undefined, 1_000_000), (all) =>
    all.filter(({ name }) => name === free)
  )
  return {
    shop: own,
    call: (idempotency) =>
      Effect.flatMap(newCategory, (own) => store.addCategory({ ...own, name }, idempotency)),
    effects: Effect.map(created, (created) => created.length),
    enable: Effect.sync(() => {
      name = free
    }),
    changeLater: Effect.flatMap(
      created,
      Effect.forEach(({ id }) => Effect.flatMap(newLabel, (later) => rename(id, later)))
    ),
    currentState: undefined
  }
})

const rename = Effect.fnUntraced(function* (id: CategoryId, name: string, idempotency?: IdempotencyClaim) {
  const store = yield* CatalogStore
  return yield* store.renameCategory(id, name, (yield* newAttribution).at, idempotency)
})

/** Renames a category. The name is taken until `enable`. */
const renamingCategory: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* CatalogStore
  const own = yield* shop(10)
  const [{ id }, holder] = [yield* category, yield* category]
  return {
    shop: own,
    call: (idempotency) => rename(id, holder.name, idempotency),
    effects: Effect.map(
      store.categories(undefined, 1_000_000),
      (all) => all.filter((one) => one.id === id && one.name === holder.name).length
    ),
    enable: Effect.flatMap(newLabel, (free) => rename(holder.id, free)),
    changeLater: Effect.flatMap(newLabel, (later) => rename(id, later)),
    currentState: undefined
  }
})

const creating: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* CatalogStore
  const own = yield* shop(10)
  const [{ categoryId, ...first }] = own.products
  const sku = yield* newLabel
  const created = Effect.map(
    store.products({
      categoryId,
      q: undefined,
      inStock: undefined,
      sort: "newest",
      after: undefined,
      take: 100
    }),
    (all) => all.filter(({ id }) => id !== first.id)
  )
  yield* change(first.id, sku)
  return {
    shop: own,
    call: (idempotency) =>
      Effect.flatMap(newProduct({ categoryId, sku, stock: 3 }), (own) =>
        store.addProduct(own, "the law", idempotency)
      ),
    effects: Effect.map(created, (created) => created.length),
    enable: change(first.id, null),
    changeLater: Effect.flatMap(
      created,
      Effect.forEach(({ id }) => Effect.andThen(change(id, null), adjust(id, 1)))
    ),
    currentState: undefined
  }
})

const changingProduct: Work<IdempotencyCase> = Effect.gen(function* () {
  const own = yield* shop(10)
  const [{ id }] = own.products
  const sku = yield* newLabel
  const holder = yield* product({ sku })
  return {
    shop: own,
    call: (idempotency) => change(id, sku, idempotency),
    effects: Effect.map(readProduct(id), (product) => (product.sku === sku ? 1 : 0)),
    enable: change(holder.id, null),
    changeLater: Effect.andThen(change(id, null), adjust(id, 5)),
    currentState: undefined
  }
})

const adjusting: Work<IdempotencyCase> = Effect.gen(function* () {
  const own = yield* shop(1)
  const [{ id }] = own.products
  return {
    shop: own,
    call: (idempotency) => adjust(id, -2, idempotency),
    effects: Effect.map(readProduct(id), ({ stock }) => (10 - stock) / 2),
    enable: adjust(id, 9),
    changeLater: Effect.andThen(change(id, null), Effect.andThen(adjust(id, 5), adjust(id, -5))),
    currentState: undefined
  }
})

/** Adds a voucher. Its code is taken until `enable`. */
const creatingVoucher: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* VoucherStore
  const own = yield* shop(10)
  const [free, taken] = [yield* newLabel, yield* voucherWith({})]
  let { code } = taken
  const created = Effect.map(store.list(undefined, 1_000_000), (all) =>
    all.filter((one) => one.code === free)
  )
  return {
    shop: own,
    call: (idempotency) => Effect.flatMap(newVoucher({ code }), (voucher) => store.add(voucher, idempotency)),
    effects: Effect.map(created, (created) => created.length),
    enable: Effect.sync(() => {
      code = free
    }),
    changeLater: Effect.flatMap(
      created,
      Effect.forEach(({ id }) => store.change(id, { active: false }, new Date(0), undefined))
    ),
    currentState: undefined
  }
})

/** Ends a voucher, which starts later until `enable`. */
const changingVoucher: Work<IdempotencyCase> = Effect.gen(function* () {
  const store = yield* VoucherStore
  const own = yield* shop(10)
  const { id } = yield* voucherWith({ startsAt: new Date(1000) })
  const changed = (change: VoucherChange, idempotency?: IdempotencyClaim) =>
    Effect.flatMap(newAttribution, ({ at }) => store.change(id, change, at, idempotency))
  return {
    shop: own,
    call: (idempotency) => changed({ name: "changed", endsAt: new Date(500) }, idempotency),
    effects: Effect.map(Effect.flatMap(store.get(id), Effect.fromOption), ({ name }) =>
      name === "changed" ? 1 : 0
    ),
    enable: changed({ startsAt: null }),
    changeLater: changed({ active: false }),
    currentState: undefined
  }
})

/** Moves money of one order. `enable` makes the movement possible, and `settle` is what becomes of it later. */
const operating = (
  enable: (order: Order) => Work<unknown>,
  call: (
    order: Order,
    attempt: OperationAttribution,
    idempotency: IdempotencyClaim
  ) => Work<IdempotentResult<unknown>>,
  settle: Outcome,
  toState: (operation: PaymentOperation | undefined, payment: Payment | undefined) => unknown
): Work<IdempotencyCase> =>
  Effect.gen(function* () {
    const store = yield* PaymentStore
    let own = yield* shop(10)
    // There is something to refund.
    while (own.products[0].price.amount === 0) own = yield* shop(10)
    const placed = yield* order(own, [[own.products[0], 1]])
    const operations = store.operations(placed.id)
    return {
      shop: own,
      call: (idempotency) =>
        Effect.flatMap(Effect.all([newAttribution, newId(OperationId)]), ([attribution, id]) =>
          call(placed, { ...attribution, id }, idempotency)
        ),
      effects: Effect.map(operations, (all) => all.length),
      enable: enable(placed),
      changeLater: Effect.gen(function* () {
        for (const { id } of yield* operations)
          yield* store.settleOperation(id, settle, yield* newAttribution, undefined)
      }),
      currentState: Effect.gen(function* () {
        const [operation] = yield* operations
        const [payment] = yield* store.list(placed.id)
        return toState(operation, payment)
      })
    }
  })

const authorize = Effect.fnUntraced(function* (placed: Order) {
  const store = yield* PaymentStore
  const { id } = yield* begun(placed)
  yield* store.settle(id, { outcome: "AUTHORIZED" }, yield* newAttribution, undefined)
})

const reserving = (kind: "capture" | "void" | "refund") =>
  operating(
    (placed) => (kind === "refund" ? paid(placed, "APPROVED") : authorize(placed)),
    ({ id: orderId, total: amount }, attempt, idempotency) => {
      const request = kind === "refund" ? { kind, orderId, amount } : { kind, orderId }
      return PaymentStore.use((store) => store.reserve(request, attempt, undefined, idempotency))
    },
    "APPROVED",
    (operation, payment) => ({ operation, payment })
  )

const recordingOperation = operating(
  (placed) => paid(placed, "APPROVED"),
  ({ id: orderId, total: amount }, attempt, idempotency) =>
    PaymentStore.use((store) =>
      store.recordOperation({ kind: "refund", orderId, amount }, attempt, idempotency)
    ),
  "DECLINED",
  (operation) => operation
)

/** Settles a refund, which does not exist until `enable`. */
const settlingOperation: Work<IdempotencyCase> = Effect.gen(function* () {
  const [store, orders] = [yield* PaymentStore, yield* OrderStore]
  let own = yield* shop(10)
  // There is something to refund.
  while (own.products[0].price.amount === 0) own = yield* shop(10)
  const placed = yield* order(own, [[own.products[0], 1]])
  const { id: orderId, total: amount } = placed
  const attempt: OperationAttribution = { ...(yield* newAttribution), id: yield* newId(OperationId) }
  const settle = (outcome: Outcome, idempotency?: IdempotencyClaim) =>
    Effect.flatMap(newAttribution, (attribution) =>
      store.settleOperation(attempt.id, outcome, attribution, idempotency)
    )
  return {
    shop: own,
    call: (idempotency) => settle("APPROVED", idempotency),
    effects: Effect.map(
      orders.history(orderId),
      (events) => events.filter(({ event }) => event === "refunded").length
    ),
    enable: Effect.andThen(
      paid(placed, "APPROVED"),
      store.reserve({ kind: "refund", orderId, amount }, attempt, undefined, undefined)
    ),
    changeLater: settle("DECLINED"),
    currentState: Effect.map(store.operations(orderId), ([operation]) => operation)
  }
})

const begin = paying((attempt, idempotency) => PaymentStore.use((store) => store.begin(attempt, idempotency)))
const record = paying((attempt, idempotency) =>
  PaymentStore.use((store) => store.record(attempt, "APPROVED", idempotency))
)

export const idempotencyCases: ReadonlyArray<{
  readonly name: string
  readonly operation: Operation
  readonly prepare: Work<IdempotencyCase>
}> = [
  { name: "place an order", operation: "place order", prepare: placing },
  { name: "ship an order", operation: "ship order", prepare: shipping },
  { name: "complete an order", operation: "complete order", prepare: completing },
  { name: "expire an order", operation: "expire order", prepare: expiring },
  { name: "ship items", operation: "ship order", prepare: shippingItems },
  { name: "cancel an order", operation: "cancel order", prepare: cancelling },
  { name: "return items", operation: "return items", prepare: returning },
  { name: "move an order", operation: "move order", prepare: moving },
  { name: "begin a payment", operation: "pay order", prepare: begin },
  { name: "record a charge", operation: "pay order", prepare: record },
  { name: "record an outcome", operation: "record outcome", prepare: settling },
  { name: "capture a payment", operation: "capture payment", prepare: reserving("capture") },
  { name: "void a payment", operation: "void payment", prepare: reserving("void") },
  { name: "refund a payment", operation: "refund payment", prepare: reserving("refund") },
  { name: "record a refund", operation: "record operation", prepare: recordingOperation },
  {
    name: "record the outcome of an operation",
    operation: "record operation outcome",
    prepare: settlingOperation
  },
  { name: "create a category", operation: "create category", prepare: addingCategory },
  { name: "rename a category", operation: "rename category", prepare: renamingCategory },
  { name: "create a product", operation: "create product", prepare: creating },
  { name: "change a product", operation: "change product", prepare: changingProduct },
  { name: "adjust a stock", operation: "adjust stock", prepare: adjusting },
  { name: "create a voucher", operation: "create voucher", prepare: creatingVoucher },
  { name: "change a voucher", operation: "change voucher", prepare: changingVoucher }
]
