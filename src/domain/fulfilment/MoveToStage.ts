import { Result } from "effect"
import { type Advanced, stageBefore } from "../orders/AdvanceOrder.ts"
import type { Order } from "../orders/Order.ts"
import type { Attribution } from "../shared/Attribution.ts"
import { type IllegalStage, moveStage, type StageTable } from "./Stage.ts"

/** Moves an order to a stage of its status. Changes neither status, units nor money. Fails with `IllegalStage`. */
export const moveToStage = (
  order: Order,
  to: string,
  stages: StageTable,
  { at, actor }: Attribution
): Result.Result<Advanced, IllegalStage> =>
  Result.map(moveStage(stages, order, to), (stage) => {
    const { status } = order
    const version = order.version + 1
    return {
      ...stageBefore(order),
      order: { ...order, stage, version, updatedAt: at },
      event: { sequence: version, event: "stage-changed", from: status, to: status, at, actor, stage },
      restocked: [],
      released: []
    }
  })
