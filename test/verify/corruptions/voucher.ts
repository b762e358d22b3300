import type { Corruption } from "./Corruption.ts"

/** Breaks the invariant of the voucher with limits. `$order` has used it, `$failed` has given its use back. */
const voucher = (does: string, ...statements: ReadonlyArray<string>): Corruption => ({
  does,
  statements: (scene) =>
    statements.map((statement) =>
      statement
        .replaceAll("$voucher", `'${scene.voucher.id}'`)
        .replaceAll("$order", `'${scene.redeemed.id}'`)
        .replaceAll("$failed", `'${scene.released.id}'`)
        .replaceAll("$other", `'${scene.taxed.id}'`)
    ),
  breaks: (scene) => [["voucher", scene.voucher.id]]
})

export const voucherCorruptions: ReadonlyArray<Corruption> = [
  voucher("gains a use", "UPDATE commerce.vouchers SET uses_left = uses_left + 1 WHERE id = $voucher"),
  voucher("loses a use", "UPDATE commerce.vouchers SET uses_left = uses_left - 1 WHERE id = $voucher"),
  voucher("miscounts what it had", "UPDATE commerce.vouchers SET uses = uses + 1 WHERE id = $voucher"),
  voucher(
    "forgets a use",
    "DELETE FROM commerce.redemptions WHERE order_id = $order AND voucher_id = $voucher",
    "UPDATE commerce.vouchers SET uses_left = uses_left + 1 WHERE id = $voucher"
  ),
  voucher(
    "gives a use of a living order back",
    "UPDATE commerce.redemptions SET released_at = now() WHERE order_id = $order AND voucher_id = $voucher",
    "UPDATE commerce.vouchers SET uses_left = uses_left + 1 WHERE id = $voucher"
  ),
  voucher(
    "keeps the use of a failed order",
    "UPDATE commerce.redemptions SET released_at = NULL, nth = 1 WHERE order_id = $failed",
    "UPDATE commerce.vouchers SET uses_left = uses_left - 1 WHERE id = $voucher"
  ),
  voucher(
    "is used by an order that has no discount of it",
    `INSERT INTO commerce.redemptions (order_id, voucher_id, redeemer, nth, at)
      VALUES ($other, $voucher, 'nobody', 0, now())`,
    "UPDATE commerce.vouchers SET uses_left = uses_left - 1 WHERE id = $voucher"
  ),
  voucher(
    "is used more often by a customer than allowed",
    "UPDATE commerce.redemptions SET nth = 3 WHERE order_id = $order AND voucher_id = $voucher"
  ),
  {
    does: "loses a voucher that an order has used",
    statements: ({ unlimited }) => [`DELETE FROM commerce.vouchers WHERE id = '${unlimited.id}'`],
    breaks: ({ unlimited }) => [["voucher", unlimited.id]]
  }
]
