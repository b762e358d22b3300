import { Effect, type Layer, Option } from "effect"
import type { Stores } from "../../../src/ports/Stores.ts"

/** An adapter that does one thing wrong, and the laws that each find it out. */
export interface Fault {
  readonly does: string
  readonly stores: Layer.Layer<Stores>
  readonly breaks: ReadonlyArray<string>
}

/** What an adapter does that takes it for granted that everything is found. */
export const mustBeThere = <A, E>(work: Effect.Effect<Option.Option<A>, E>) =>
  Effect.flatMap(work, (found) => (Option.isSome(found) ? Effect.succeed(found) : oops))

export const oops = Effect.die(new Error("Oops"))
