import { Result, Schema } from "effect"
import type { Advanced } from "../orders/AdvanceOrder.ts"
import { advanceFromStage } from "../orders/AdvanceOrder.ts"
import { IllegalTransition } from "../orders/Lifecycle.ts"
import { type Order, type PaymentInProgress, Quantity } from "../orders/Order.ts"
import { AdjustmentCode } from "../pricing/Adjustment.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { ProductId } from "../shared/Ids.ts"
import { Integer } from "../shared/Integer.ts"
import { cancelItems } from "./CancelItems.ts"
import { FulfilmentNote } from "./FulfilmentNote.ts"
import { moveToStage } from "./MoveToStage.ts"
import { returnItems } from "./ReturnItems.ts"
import { shipItems } from "./ShipItems.ts"
import { type IllegalStage, leaveStage, noStages, type StageTable } from "./Stage.ts"
import type { InsufficientUnits } from "./Units.ts"

const { carrier, trackingCode, reason } = FulfilmentNote.fields

const some = <S extends Schema.Top>(item: S) =>
  Schema.Array(item).check(
    Schema.isMinLength(1, { expected: "at least 1 item" }),
    Schema.isMaxLength(1000, { expected: "at most 1000 items" })
  )

const Item = Schema.Struct({ productId: ProductId, quantity: Quantity })

const isRestockable = Schema.makeFilter(
  ({ quantity, restock = quantity }: { readonly quantity: number; readonly restock?: number | undefined }) =>
    restock <= quantity || "Expected to restock at most what has come back"
)

const ReturnedItem = Schema.Struct({
  productId: ProductId,
  quantity: Quantity,
  restock: Schema.optional(Integer(0, 1_000_000))
}).check(isRestockable)

const Fees = Schema.Array(AdjustmentCode).check(
  Schema.isMinLength(1, { expected: "at least 1 fee" }),
  Schema.isMaxLength(50, { expected: "at most 50 fees" })
)

/** A shipment of some items, or of all that are open. `carrier` and `trackingCode` are kept with its event. */
export const ShipmentRequest = Schema.Struct({
  items: Schema.optional(some(Item)),
  carrier,
  trackingCode
}).annotate({
  identifier: "ShipmentRequest"
})
export interface ShipmentRequest extends Schema.Schema.Type<typeof ShipmentRequest> {}

/**
 * A cancellation of some items and fees, or of all that is open. `reason` is kept with its event. `refund` also refunds what is due then; it
 * defaults to false.
 */
export const CancellationRequest = Schema.Struct({
  items: Schema.optional(some(Item)),
  fees: Schema.optional(Fees),
  reason,
  refund: Schema.optional(Schema.Boolean)
}).annotate({ identifier: "CancellationRequest" })
export interface CancellationRequest extends Schema.Schema.Type<typeof CancellationRequest> {}

/** A return of nothing is a mistake. */
export const namesSomething = Schema.makeFilter(
  ({ items, fees }: { readonly items?: unknown; readonly fees?: unknown }) =>
    items !== undefined || fees !== undefined,
  { expected: "items or fees" }
)

/**
 * Goods that have arrived, and fees that are given back. `restock` units of an item go back into the stock; it defaults to all.
 * `reason` is kept with the event.
 */
export const ReturnRequest = Schema.Struct({
  items: Schema.optional(some(ReturnedItem)),
  fees: Schema.optional(Fees),
  reason
})
  .check(namesSomething)
  .annotate({ identifier: "ReturnRequest" })
export interface ReturnRequest extends Schema.Schema.Type<typeof ReturnRequest> {}

/** A change of some units of an order, or of its stage. */
export type Fulfilment =
  | { readonly kind: "ship"; readonly request: ShipmentRequest; readonly stages?: StageTable | undefined }
  /** `onlyUnpaid` refuses an order that is not `CREATED` any more. */
  | {
      readonly kind: "cancel"
      readonly request: CancellationRequest
      readonly onlyUnpaid?: boolean | undefined
    }
  | { readonly kind: "return"; readonly request: ReturnRequest }
  /** Moves the order to a stage of its status. */
  | { readonly kind: "move"; readonly stage: string; readonly stages: StageTable }

/** All refusals of `fulfil`. */
export type FulfilmentRefusal = IllegalTransition | IllegalStage | InsufficientUnits | PaymentInProgress

const decide = (
  order: Order,
  fulfilment: Fulfilment,
  hasPending: boolean,
  attribution: Attribution
): Result.Result<Advanced, FulfilmentRefusal> => {
  switch (fulfilment.kind) {
    case "ship": {
      const { request, stages = noStages } = fulfilment
      return request.items === undefined
        ? advanceFromStage(order, "shipped", attribution, stages)
        : Result.flatMap(shipItems(order, request.items, attribution), (advanced) =>
            Result.map(leaveStage(stages, order, "SHIPPED"), () => advanced)
          )
    }
    case "cancel": {
      const { onlyUnpaid = false, request } = fulfilment
      if (onlyUnpaid && order.status !== "CREATED") {
        return Result.fail(new IllegalTransition({ orderId: order.id, from: order.status, to: "CANCELLED" }))
      }
      const all = request.items === undefined && request.fees === undefined
      return cancelItems(order, all ? "all" : request, hasPending, attribution)
    }
    case "return":
      return returnItems(order, fulfilment.request, attribution)
    case "move":
      return moveToStage(order, fulfilment.stage, fulfilment.stages, attribution)
  }
}

const isNote = (key: string) => Object.hasOwn(FulfilmentNote.fields, key)

/**
 * Ships, cancels or takes back units of an order, or moves it to a stage. `hasPending` says whether a payment of the order is
 * pending. Fails with a `FulfilmentRefusal`.
 */
export const fulfil = (
  order: Order,
  fulfilment: Fulfilment,
  hasPending: boolean,
  attribution: Attribution
): Result.Result<Advanced, FulfilmentRefusal> =>
  Result.map(decide(order, fulfilment, hasPending, attribution), (advanced) => {
    if (fulfilment.kind === "move") return advanced
    const note = Object.entries(fulfilment.request).filter(
      ([key, value]) => isNote(key) && value !== undefined
    )
    return { ...advanced, event: { ...advanced.event, ...Object.fromEntries(note) } }
  })
