import { Result } from "effect"
import { type IllegalStage, leaveStage, type StageTable } from "../fulfilment/Stage.ts"
import { heldUnits, withoutOpen } from "../fulfilment/Units.ts"
import type { Attribution } from "../shared/Attribution.ts"
import type { VoucherId } from "../shared/Ids.ts"
import type { Money } from "../shared/Money.ts"
import { type IllegalTransition, type MoneyEvent, type Step, transition, transitionTo } from "./Lifecycle.ts"
import {
  type Order,
  type OrderEvent,
  type OrderItem,
  PaymentInProgress,
  vouchersOf,
  withoutStage
} from "./Order.ts"

/** Result of one transition: the order afterwards, its event, and the units and voucher uses that are given back. */
export interface Advanced {
  readonly order: Order
  readonly event: OrderEvent
  readonly restocked: ReadonlyArray<Pick<OrderItem, "productId" | "quantity">>
  readonly released: ReadonlyArray<VoucherId>
  /** The stage of the order before. Absent if it had none. */
  readonly stageBefore?: string
}

/** Notes the stage of an order that changes. */
export const stageBefore = ({ stage }: Order): Pick<Advanced, "stageBefore"> =>
  stage === undefined ? {} : { stageBefore: stage }

/**
 * Applies one step of the lifecycle. An order that enters a status leaves the stage of the one before. The version counts the
 * events, so the new event's sequence is the new version. Fails with `IllegalTransition`.
 */
export const advance = (
  order: Order,
  step: Step,
  attribution: Attribution
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transition(order, step), ({ event, from, to, stock }) => {
    const version = order.version + 1
    return {
      ...stageBefore(order),
      order: {
        ...withoutStage(order),
        status: to,
        ...(order.units !== undefined && { units: withoutOpen(to, order, order.units) }),
        version,
        updatedAt: attribution.at
      },
      event: { sequence: version, event, from, to, at: attribution.at, actor: attribution.actor },
      restocked: stock === "restocked" ? heldUnits(order) : [],
      released: stock === "restocked" ? vouchersOf(order) : []
    }
  })

/**
 * Adds an event about money to an order, which keeps its status and its units. `details` are kept with the event. Fails with
 * `IllegalTransition` if the lifecycle has no such event in this status.
 */
export const noteMoney = (
  order: Order,
  event: MoneyEvent,
  { at, actor }: Attribution,
  details: { readonly amount: Money; readonly reason?: string | undefined }
): Result.Result<Advanced, IllegalTransition> =>
  Result.map(transitionTo(order, event, order.status), ({ from, to }) => {
    const version = order.version + 1
    const { amount, reason } = details
    return {
      order: { ...order, version, updatedAt: at },
      event: {
        sequence: version,
        event,
        from,
        to,
        at,
        actor,
        amount,
        ...(reason !== undefined && { reason })
      },
      restocked: [],
      released: []
    }
  })

/**
 * Ships or completes an order, as people do: only from a stage that may be left. Fails with `IllegalTransition` and
 * `IllegalStage`.
 */
export const advanceFromStage = (
  order: Order,
  step: "shipped" | "completed",
  attribution: Attribution,
  stages: StageTable
): Result.Result<Advanced, IllegalTransition | IllegalStage> =>
  Result.flatMap(advance(order, step, attribution), (advanced) =>
    Result.map(leaveStage(stages, order, advanced.order.status), () => advanced)
  )

/**
 * Expires an unpaid order, restocks its items and gives back its voucher uses. Fails with `PaymentInProgress` while a payment is pending, else
 * with `IllegalTransition` if the order is not `CREATED`.
 */
export const expire = (
  order: Order,
  hasPending: boolean,
  attribution: Attribution
): Result.Result<Advanced, IllegalTransition | PaymentInProgress> =>
  order.status === "CREATED" && hasPending
    ? Result.fail(new PaymentInProgress({ orderId: order.id }))
    : advance(order, "expired", attribution)
