/** Every way to break an invariant that `verify` claims to see. */
import type { Invariant } from "../../../src/domain/operations/Invariants.ts"
import type { Corruption } from "./Corruption.ts"
import { feedCorruptions } from "./feed.ts"
import { historyCorruptions } from "./history.ts"
import { keyCorruptions } from "./key.ts"
import { operationCorruptions } from "./operation.ts"
import { outcomeCorruptions } from "./outcome.ts"
import { paymentCorruptions } from "./payment.ts"
import { stageCorruptions } from "./stage.ts"
import { stockCorruptions } from "./stock.ts"
import { totalCorruptions } from "./total.ts"
import { unitsCorruptions } from "./units.ts"
import { voucherCorruptions } from "./voucher.ts"

export const corruptions: Record<Invariant, ReadonlyArray<Corruption>> = {
  stock: stockCorruptions,
  total: totalCorruptions,
  history: historyCorruptions,
  feed: feedCorruptions,
  payment: paymentCorruptions,
  operation: operationCorruptions,
  outcome: outcomeCorruptions,
  units: unitsCorruptions,
  stage: stageCorruptions,
  voucher: voucherCorruptions,
  key: keyCorruptions
}
