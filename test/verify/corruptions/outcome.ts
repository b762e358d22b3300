import type { Corruption } from "./Corruption.ts"

const longAgo = "status = 'PENDING', created_at = now() - interval '20 hours 1 second'"

export const outcomeCorruptions: ReadonlyArray<Corruption> = [
  {
    does: "has a payment that waits for its gateway for more than 20 hours",
    statements: ({ pending }) => [`UPDATE commerce.payments SET ${longAgo} WHERE order_id = '${pending.id}'`],
    breaks: ({ pending }) => [["outcome", pending.payment]]
  },
  {
    does: "has a refund that waits for its gateway for more than 20 hours",
    statements: ({ refunded }) => [
      `UPDATE commerce.payment_operations SET ${longAgo} WHERE id = '${refunded.operation}'`
    ],
    breaks: ({ refunded }) => [["outcome", refunded.operation]]
  }
]
