import { Result } from "effect"
import {
  firstTime,
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult,
  replayed
} from "../../../domain/shared/Idempotency.ts"
import { type Fulfilment, identity } from "./IdempotencyKeys.ts"

export interface Keyed {
  readonly idempotency: IdempotencyClaim | undefined
}

export type Decided<Out, E> = Result.Result<IdempotentResult<Out>, E | IdempotencyKeyReused>

/** What was decided of each in turn, and what has to be written of their keys. */
export interface DecidedWithKeys<Out, E> {
  readonly decided: ReadonlyArray<Decided<Out, E>>
  readonly fulfilled: ReadonlyArray<Fulfilment>
  /** Claimed keys of which nothing came. */
  readonly released: ReadonlyArray<IdempotencyClaim>
}

/**
 * Decides one after the other. A key that was fulfilled before (`replays` answers for it), or earlier in this batch,
 * is answered and not decided again.
 */
export const decideWithKeys = <In extends Keyed, Out extends { readonly id: string }, E>(
  inputs: ReadonlyArray<In>,
  replays: (idempotency: IdempotencyClaim) => Decided<Out, never> | undefined,
  decideAnew: (input: In) => Result.Result<Out, E>
): DecidedWithKeys<Out, E> => {
  const fulfilled = new Map<string, Fulfilment & { readonly out: Out }>()
  const refused = new Map<string, IdempotencyClaim>()

  const anew = (input: In): Decided<Out, E> => {
    const decision = decideAnew(input)
    if (input.idempotency !== undefined) {
      const key = identity(input.idempotency)
      if (Result.isFailure(decision)) refused.set(key, input.idempotency)
      else {
        fulfilled.set(key, {
          idempotency: input.idempotency,
          resourceId: decision.success.id,
          out: decision.success
        })
      }
    }
    return Result.map(decision, firstTime)
  }

  const decide = (input: In): Decided<Out, E> => {
    const { idempotency } = input
    if (idempotency === undefined) return anew(input)
    const inThisBatch = fulfilled.get(identity(idempotency))
    if (inThisBatch === undefined) return replays(idempotency) ?? anew(input)
    return inThisBatch.idempotency.fingerprint === idempotency.fingerprint
      ? Result.succeed(replayed(inThisBatch.out))
      : Result.fail(new IdempotencyKeyReused({ key: idempotency.key }))
  }

  const decided = inputs.map(decide)
  const released = [...refused].filter(([key]) => !fulfilled.has(key)).map(([, idempotency]) => idempotency)
  return { decided, fulfilled: [...fulfilled.values()], released }
}
