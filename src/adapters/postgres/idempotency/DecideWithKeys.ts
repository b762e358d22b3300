import { Result } from "effect"
import {
  type Answer,
  fresh,
  IdempotencyKeyReused,
  type Once,
  replayed
} from "../../../domain/shared/Idempotency.ts"
import { type Fulfilment, identity } from "./IdempotencyKeys.ts"

export interface Keyed {
  readonly once: Once | undefined
}

export type Decided<Out, E> = Result.Result<Answer<Out>, E | IdempotencyKeyReused>

/** What was decided of each in turn, and what has to be written of their keys. */
export interface DecidedOnce<Out, E> {
  readonly decided: ReadonlyArray<Decided<Out, E>>
  readonly fulfilled: ReadonlyArray<Fulfilment>
  /** Claimed keys of which nothing came. */
  readonly released: ReadonlyArray<Once>
}

/**
 * Decides one after the other. A key that was fulfilled before (`replays` answers for it), or earlier in this batch,
 * is answered and not decided again.
 */
export const decideOnce = <In extends Keyed, Out extends { readonly id: string }, E>(
  inputs: ReadonlyArray<In>,
  replays: (once: Once) => Decided<Out, never> | undefined,
  decideAnew: (input: In) => Result.Result<Out, E>
): DecidedOnce<Out, E> => {
  const fulfilled = new Map<string, Fulfilment & { readonly out: Out }>()
  const refused = new Map<string, Once>()

  const anew = (input: In): Decided<Out, E> => {
    const decision = decideAnew(input)
    if (input.once !== undefined) {
      const key = identity(input.once)
      if (Result.isFailure(decision)) refused.set(key, input.once)
      else {
        fulfilled.set(key, { once: input.once, resourceId: decision.success.id, out: decision.success })
      }
    }
    return Result.map(decision, fresh)
  }

  const decide = (input: In): Decided<Out, E> => {
    const { once } = input
    if (once === undefined) return anew(input)
    const inThisBatch = fulfilled.get(identity(once))
    if (inThisBatch === undefined) return replays(once) ?? anew(input)
    return inThisBatch.once.fingerprint === once.fingerprint
      ? Result.succeed(replayed(inThisBatch.out))
      : Result.fail(new IdempotencyKeyReused({ key: once.key }))
  }

  const decided = inputs.map(decide)
  const released = [...refused].filter(([key]) => !fulfilled.has(key)).map(([, once]) => once)
  return { decided, fulfilled: [...fulfilled.values()], released }
}
