import { Clock, Context, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"

/** Now, by Effect's clock. */
export const now: Effect.Effect<Date> = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))

/** Random bytes that are drawn at once, for 256 ids: asking for them takes longer than making an id of them. */
const drawnAtOnce = 4096

const make = Effect.map(SecureRandom.SecureRandom, (random) => {
  let drawn: Uint8Array = new Uint8Array()
  let used = 0
  const ids = SecureRandom.make((size) => {
    if (used + size > drawn.length) [drawn, used] = [Effect.runSync(random.randomBytes(drawnAtOnce)), 0]
    used += size
    return drawn.slice(used - size, used)
  })
  return Ids.of(<Id extends string>(id: { readonly make: (uuid: string) => Id }) =>
    Effect.map(ids.uuidV7(), (uuid) => id.make(uuid))
  )
}).pipe(Effect.provide(SecureRandom.layerWebCrypto))

/**
 * New ids: UUIDv7 (RFC 9562), which follow the clock. All services of a shop have the same source: each id is greater than all before it, also
 * in the same millisecond, so what is sorted by them is in the order in which it was made.
 */
export class Ids extends Context.Service<
  Ids,
  <Id extends string>(id: { readonly make: (uuid: string) => Id }) => Effect.Effect<Id>
>()("effect-commerce/services/Ids") {
  static readonly layer = Layer.effect(
    Ids,
    Effect.suspend(() => make)
  )
}
