import { Clock, Effect } from "effect"
import { SecureRandom } from "effect/crypto"

/** Now, by Effect's clock. */
export const now: Effect.Effect<Date> = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))

/** New ids: UUIDv7 (RFC 9562), which follow the clock. */
export const newIds = Effect.map(
  SecureRandom.SecureRandom,
  (random) =>
    <Id extends string>(id: { readonly make: (uuid: string) => Id }): Effect.Effect<Id> =>
      Effect.map(random.uuidV7(), (uuid) => id.make(uuid))
)
