import type { Arbitrary, Effect } from "effect"
import { pick } from "../../Generators.ts"
import type { ModelShop } from "../ModelShop.ts"
import { nobodys, noId, upperCase, type World } from "../World.ts"

/** One kind of command: how its data are made, and what it asks of a shop. */
export interface Step<in out A> {
  readonly input: Arbitrary.Arbitrary<A>
  readonly ask: (input: A, world: World) => Effect.Effect<unknown, unknown, ModelShop>
}

export const step = <A>(input: Arbitrary.Arbitrary<A>, ask: Step<A>["ask"]): Step<A> => ({ input, ask })

/** Mostly one of the usual values, once in a while an odd one. */
export const mostly = <const A, const B = A>(usual: ReadonlyArray<A>, odd: ReadonlyArray<B>) => {
  const times = Math.ceil((60 * odd.length) / usual.length)
  return pick<A | B>([...Array.from({ length: times }, () => usual).flat(), ...odd])
}

/** Which of the ids that are known by then: the newest most often. */
export const which = mostly([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 7, 11], [nobodys, noId, upperCase])

/** Few keys, so that they come again, with the same request and with others. */
export const key = mostly([undefined, undefined, undefined, "k1", "k2", "k3"], ["not a key"])

/** Who makes a change: nobody says, the host's own word for somebody, and nothing that could be a name. */
export const actor = mostly([undefined, undefined, "warehouse 7", "an admin", "a customer"], [" "])

/** The request, which the world remembers if it has a key. */
export const remembered = <A, E>(
  world: World,
  key: string | undefined,
  request: Effect.Effect<A, E, ModelShop>
): Effect.Effect<A, E, ModelShop> => {
  if (key !== undefined) world.keyed.push(request)
  return request
}
