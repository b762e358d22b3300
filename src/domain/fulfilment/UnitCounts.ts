import { Schema } from "effect"
import { Integer } from "../shared/Integer.ts"

/** Stored items may have more units than an input may ask for. */
const Count = Integer(0, Number.MAX_SAFE_INTEGER)

const isWithinBounds = Schema.makeFilter(
  ({ shipped, returned, restocked }: { shipped: number; returned: number; restocked: number }) =>
    returned <= shipped && restocked <= returned,
  { expected: "restocked ≤ returned ≤ shipped" }
)

/**
 * What has become of the units of one line. The others are open. A returned unit was shipped before, and a restocked one
 * returned. Each count only rises.
 */
export const UnitCounts = Schema.Struct({
  shipped: Count,
  cancelled: Count,
  returned: Count,
  restocked: Count
})
  .check(isWithinBounds)
  .annotate({ identifier: "UnitCounts" })
export interface UnitCounts extends Schema.Schema.Type<typeof UnitCounts> {}
