import type { Arbitrary, Effect } from "effect"
import { pick } from "../../Generators.ts"
import type { ModelShop } from "../ModelShop.ts"
import { malformedId, unknownId, upperCase, type World } from "../World.ts"

/** A kind of command: a generator of its data, and the request that it sends. */
export interface Step<in out A> {
  readonly input: Arbitrary.Arbitrary<A>
  readonly ask: (input: A, world: World) => Effect.Effect<unknown, unknown, ModelShop>
}

export const step = <A>(input: Arbitrary.Arbitrary<A>, ask: Step<A>["ask"]): Step<A> => ({ input, ask })

/** Generates a usual value most of the time, and rarely an odd one. */
export const mostly = <const A, const B = A>(usual: ReadonlyArray<A>, odd: ReadonlyArray<B>) => {
  const times = Math.ceil((60 * odd.length) / usual.length)
  return pick<A | B>([...Array.from({ length: times }, () => usual).flat(), ...odd])
}

/** Selects a known id, most often the newest. */
export const which = mostly([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 7, 11], [unknownId, malformedId, upperCase])

/** Selects from few keys, so that keys repeat with equal and with different requests. */
export const key = mostly([undefined, undefined, undefined, "k1", "k2", "k3"], ["not a key"])

/** Generates an actor: none, a name of the host, or an invalid name. */
export const actor = mostly([undefined, undefined, "warehouse 7", "an admin", "a customer"], [" "])

/** Sends the request, and stores it for repetition if it has a key. */
export const storedIfKeyed = <A, E>(
  world: World,
  key: string | undefined,
  request: Effect.Effect<A, E, ModelShop>
): Effect.Effect<A, E, ModelShop> => {
  if (key !== undefined) world.keyed.push(request)
  return request
}
