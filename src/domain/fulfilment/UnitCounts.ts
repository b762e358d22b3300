import { Schema } from "effect"
import { Integer } from "../shared/Integer.ts"

const Count = Integer(0, 1_000_000)

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
