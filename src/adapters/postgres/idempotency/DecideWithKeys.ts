import { Result } from "effect"
import {
  firstTime,
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult,
  replayed
} from "../../../domain/shared/Idempotency.ts"
import { type Fulfilment, identity, type Responses, toReference } from "./IdempotencyKeys.ts"

export interface Keyed {
  readonly idempotency: IdempotencyClaim | undefined
}

export type Decided<Out, E> = Result.Result<IdempotentResult<Out>, E | IdempotencyKeyReused>

/** One decision per request, and what has to be written about their keys. */
export interface DecidedWithKeys<Out, E> {
  readonly decided: ReadonlyArray<Decided<Out, E>>
  readonly fulfilled: ReadonlyArray<Fulfilment>
  /** Claimed keys whose request was refused. They are released. */
  readonly released: ReadonlyArray<IdempotencyClaim>
}

/**
 * Decides requests in turn. A request whose key was fulfilled, by an earlier transaction (`replays` finds its result) or
 * earlier in this batch, gets that result and is not decided again.
 */
export const decideWithKeys = <In extends Keyed, Out extends { readonly id: string }, E>(
  inputs: ReadonlyArray<In>,
  replays: (idempotency: IdempotencyClaim) => Decided<Out, never> | undefined,
  decideRequest: (input: In, index: number) => Result.Result<Out, E>,
  toStored: Responses<Out>["toStored"] = toReference
): DecidedWithKeys<Out, E> => {
  const fulfilled = new Map<string, Fulfilment & { readonly out: Out }>()
  const refused = new Map<string, IdempotencyClaim>()

  const decideFirstTime = (input: In, index: number): Decided<Out, E> => {
    const decision = decideRequest(input, index)
    if (input.idempotency !== undefined) {
      const key = identity(input.idempotency)
      if (Result.isFailure(decision)) refused.set(key, input.idempotency)
      else {
        fulfilled.set(key, {
          idempotency: input.idempotency,
          ...toStored(decision.success),
          out: decision.success
        })
      }
    }
    return Result.map(decision, firstTime)
  }

  const decide = (input: In, index: number): Decided<Out, E> => {
    const { idempotency } = input
    if (idempotency === undefined) return decideFirstTime(input, index)
    const inThisBatch = fulfilled.get(identity(idempotency))
    if (inThisBatch === undefined) return replays(idempotency) ?? decideFirstTime(input, index)
    return inThisBatch.idempotency.fingerprint === idempotency.fingerprint
      ? Result.succeed(replayed(inThisBatch.out))
      : Result.fail(new IdempotencyKeyReused({ key: idempotency.key }))
  }

  const decided = inputs.map(decide)
  const released = [...refused].filter(([key]) => !fulfilled.has(key)).map(([, idempotency]) => idempotency)
  return { decided, fulfilled: [...fulfilled.values()], released }
}
