import type { IdempotentResult } from "../../domain/shared/Idempotency.ts"

/** Says of an answer that it was given before. */
export const replayHeader = ({
  replayed
}: IdempotentResult<unknown>): { readonly "idempotent-replayed"?: "true" } =>
  replayed ? { "idempotent-replayed": "true" } : {}
