import { Arbitrary } from "effect"
import type {
  CancellationRequest,
  ReturnRequest,
  ShipmentRequest
} from "../../domain/fulfilment/Fulfilment.ts"
import type { UnitCounts } from "../../domain/fulfilment/UnitCounts.ts"
import { ProductId } from "../../domain/shared/Ids.ts"
import { quantity } from "./PlaceOrder.ts"
import { adjustmentCode } from "./Pricing.ts"
import { name } from "./Texts.ts"
import { type Gen, int, maybe, partial, pick, struct } from "./Values.ts"

/** Generates the counts of a line. */
export const unitCounts: Gen<UnitCounts> = Arbitrary.map(
  Arbitrary.all([int(0, 100), int(0, 100), int(0, 100), int(0, 100)]),
  ([restocked, kept, out, cancelled]) => ({
    shipped: restocked + kept + out,
    cancelled,
    returned: restocked + kept,
    restocked
  })
)

/** Generates the name of a stage. */
export const stage: Gen<string> = name(100)

/** Generates what the host notes. */
export const fulfilmentNote = partial<{
  carrier?: string | undefined
  trackingCode?: string | undefined
  reason?: string | undefined
}>({ carrier: maybe(name(100)), trackingCode: maybe(name(100)), reason: maybe(name(500)) })

const item = struct({ productId: Arbitrary.schema(ProductId), quantity })
const some = <A>(gen: Gen<A>) => Arbitrary.array(gen, { minLength: 1, maxLength: 3 })

export const shipmentRequest: Gen<ShipmentRequest> = partial<ShipmentRequest>({
  items: maybe(some(item)),
  carrier: maybe(name(100)),
  trackingCode: maybe(name(100))
})

export const cancellationRequest: Gen<CancellationRequest> = partial<CancellationRequest>({
  items: maybe(some(item)),
  fees: maybe(some(adjustmentCode)),
  reason: maybe(name(500)),
  refund: pick([undefined, false, true])
})

const returnedItem = Arbitrary.map(
  Arbitrary.all([Arbitrary.schema(ProductId), quantity, maybe(int(0, 1_000_000))]),
  ([productId, quantity, restock]) => ({
    productId,
    quantity,
    ...(restock !== undefined && { restock: Math.min(restock, quantity) })
  })
)

export const returnRequest: Gen<ReturnRequest> = partial<ReturnRequest>({
  items: some(returnedItem),
  fees: maybe(some(adjustmentCode)),
  reason: maybe(name(500))
})
