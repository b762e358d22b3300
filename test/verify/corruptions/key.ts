import type { Corruption } from "./Corruption.ts"

const key = (
  does: string,
  broken: ReadonlyArray<string>,
  ...statements: ReadonlyArray<string>
): Corruption => ({
  does,
  statements: () => statements,
  breaks: () => broken.map((id) => ["key", id])
})

const placeKey = "00000000-0000-4000-8000-000000000001 / place order / place-key"
const payKey = "system / pay order / pay-key"
const productKey = "system / create product / product-key"
const stockKey = "system / adjust stock / stock-key"

const pointsNowhere = (id: string, name: string) =>
  key(
    `makes the key ${name} refer to an unknown resource`,
    [id],
    `UPDATE commerce.idempotency_keys SET resource_id = gen_random_uuid() WHERE key = '${name}'`
  )

const shares = (id: string, name: string, other: string, scope = "scope") =>
  key(
    `refers to the resource of ${name} with another key`,
    [id, other],
    `INSERT INTO commerce.idempotency_keys SELECT ${scope}, operation, 'other', fingerprint, resource_id, response,
      created_at FROM commerce.idempotency_keys WHERE key = '${name}'`
  )

export const keyCorruptions: ReadonlyArray<Corruption> = [
  key(
    "leaves a key unfulfilled",
    ["anyone / place order / fresh"],
    `INSERT INTO commerce.idempotency_keys (scope, operation, key, created_at)
        VALUES ('anyone', 'place order', 'fresh', now())`
  ),
  key(
    "leaves two keys unfulfilled",
    ["anyone / adjust stock / fresh", "anyone / place order / fresh"],
    `INSERT INTO commerce.idempotency_keys (scope, operation, key, created_at)
        VALUES ('anyone', 'place order', 'fresh', now()), ('anyone', 'adjust stock', 'fresh', now())`
  ),
  key(
    "removes the fingerprint of a key",
    [placeKey],
    "UPDATE commerce.idempotency_keys SET fingerprint = NULL WHERE key = 'place-key'"
  ),
  key(
    "removes the resource of a key",
    [payKey],
    "UPDATE commerce.idempotency_keys SET resource_id = NULL WHERE key = 'pay-key'"
  ),
  pointsNowhere(placeKey, "place-key"),
  pointsNowhere(payKey, "pay-key"),
  pointsNowhere(productKey, "product-key"),
  pointsNowhere(stockKey, "stock-key"),
  ...[
    ["ship order", "ship-key"],
    ["complete order", "complete-key"],
    ["expire order", "expire-key"],
    ["record outcome", "outcome-key"],
    ["create category", "category-key"],
    ["change product", "change-key"]
  ].map(([operation, name = ""]) => pointsNowhere(`system / ${operation} / ${name}`, name)),
  ...[
    ["complete order", "complete-key"],
    ["expire order", "expire-key"],
    ["create category", "category-key"]
  ].map(([operation, name = ""]) =>
    shares(`system / ${operation} / ${name}`, name, `system / ${operation} / other`)
  ),
  shares(placeKey, "place-key", "00000000-0000-4000-8000-000000000001 / place order / other"),
  shares(payKey, "pay-key", "system / pay order / other"),
  shares(productKey, "product-key", "somebody / create product / other", "'somebody'")
]
