import { createHash } from "node:crypto"
import { Array as Arr, Effect, Result, Schema } from "effect"
import type { SqlError, Statement } from "effect/sql"
import {
  firstTime,
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult,
  replayed
} from "../../../domain/shared/Idempotency.ts"
import { nullableParameter } from "../execution/ArrayParameter.ts"
import { Database } from "../execution/Database.ts"

/** A fulfilled key: the resource that its request made, and the response if that cannot be read from the resource later. */
export interface Fulfilled {
  readonly idempotency: IdempotencyClaim
  readonly fingerprint: string
  readonly resourceId: string
  readonly response: unknown
}

/** The result of a claimed key. */
export interface Fulfilment {
  readonly idempotency: IdempotencyClaim
  readonly resourceId: string
  readonly response?: unknown
}

/** What is stored with fulfilled keys, and the responses of their replays. */
export interface Responses<A> {
  readonly toStored: (value: A) => Omit<Fulfilment, "idempotency">
  /** Loads one response per key, `undefined` where the resource does not exist. */
  readonly load: (
    fulfilled: ReadonlyArray<Fulfilled>
  ) => Effect.Effect<ReadonlyArray<A | undefined>, SqlError.SqlError>
}

export const toReference = ({ id }: { readonly id: string }) => ({ resourceId: id })

/** Responses that are read again from their resources. */
export const readAgain = <A extends { readonly id: string }>(
  read: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<A>, SqlError.SqlError>
): Responses<A> => ({
  toStored: toReference,
  load: (fulfilled) =>
    Effect.map(read(fulfilled.map(({ resourceId }) => resourceId)), (found) => {
      const byId = new Map(found.map((value) => [value.id, value]))
      return fulfilled.map(({ resourceId }) => byId.get(resourceId))
    })
})

/** Responses that are stored, because their resources change. */
export const stored = <A extends { readonly id: string }>(schema: Schema.Codec<A, unknown>): Responses<A> => {
  const json = Schema.toCodecJson(schema)
  const decode = Schema.decodeUnknownEffect(json)
  return {
    toStored: (value) => ({ ...toReference(value), response: Schema.encodeSync(json)(value) }),
    load: Effect.forEach(({ response }) => Effect.orDie(decode(response)))
  }
}

interface KeyRow {
  readonly scope: string
  readonly operation: string
  readonly key: string
}

interface FulfilledRow extends KeyRow {
  readonly fingerprint: string
  readonly resource_id: string
  readonly response: unknown
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64")

export const identity = ({ scope, operation, key }: KeyRow): string => JSON.stringify([scope, operation, key])

/** Returns the fulfilled key if the request is the one that it was first used for. Fails with `IdempotencyKeyReused` otherwise. */
export const sameRequest = (
  idempotency: IdempotencyClaim,
  fulfilled: Fulfilled
): Result.Result<Fulfilled, IdempotencyKeyReused> =>
  sha256(idempotency.fingerprint) === fulfilled.fingerprint
    ? Result.succeed(fulfilled)
    : Result.fail(new IdempotencyKeyReused({ key: idempotency.key }))

/** Claims and fulfils idempotency keys, in the transaction of the work that they guard. */
export const idempotencyKeys = Effect.gen(function* () {
  const { sql, table, now } = yield* Database

  const columns = (keys: ReadonlyArray<IdempotencyClaim>) => ({
    scopes: keys.map(({ scope }) => scope),
    operations: keys.map(({ operation }) => operation),
    names: keys.map(({ key }) => key)
  })

  /** Inserts claims in one global order, which prevents deadlocks. Returns the keys that this transaction has claimed. */
  const insert = (keys: ReadonlyArray<IdempotencyClaim>, at: Date) => {
    const { scopes, operations, names } = columns(keys)
    return Effect.map(
      sql<KeyRow>`
        INSERT INTO ${table.idempotency_keys} (scope, operation, key, created_at)
        SELECT DISTINCT scope, operation, key, ${now(at)}
        FROM unnest(${scopes}::text[], ${operations}::text[], ${names}::text[]) AS k (scope, operation, key)
        ORDER BY scope, operation, key
        ON CONFLICT DO NOTHING
        RETURNING scope, operation, key`,
      (rows) => new Set(rows.map(identity))
    )
  }

  /**
   * Claims keys. Waits for transactions that have claimed one of them. Returns the keys that were fulfilled before; this
   * transaction has claimed all others.
   */
  const claim = Effect.fnUntraced(function* (keys: ReadonlyArray<IdempotencyClaim>, at: Date) {
    const fulfilled = new Map<string, Fulfilled>()
    // A key that is neither mine nor there was pruned in between: claim again.
    for (let open = keys; open.length > 0; ) {
      const mine = yield* insert(open, at)
      const others = open.filter((idempotency) => !mine.has(identity(idempotency)))
      if (others.length === 0) break
      for (const [key, before] of yield* fulfilledBefore(others)) fulfilled.set(key, before)
      open = others.filter((idempotency) => !fulfilled.has(identity(idempotency)))
    }
    return fulfilled
  })

  /**
   * Reads fulfilled keys and locks their rows. The lock is written to the log, so that the COMMIT of a replay waits for a
   * synchronous standby: it answers with nothing that a failover may lose.
   */
  const fulfilledBefore = Effect.fnUntraced(function* (keys: ReadonlyArray<IdempotencyClaim>) {
    const { scopes, operations, names } = columns(keys)
    const rows = yield* sql<FulfilledRow>`
      SELECT scope, operation, key, fingerprint, resource_id, response
      FROM ${table.idempotency_keys} known
      JOIN unnest(${scopes}::text[], ${operations}::text[], ${names}::text[]) AS k (scope, operation, key)
        USING (scope, operation, key)
      FOR KEY SHARE OF known`
    const byIdentity = new Map(rows.map((row) => [identity(row), row]))
    return new Map(
      keys.flatMap((idempotency): ReadonlyArray<readonly [string, Fulfilled]> => {
        const row = byIdentity.get(identity(idempotency))
        if (row === undefined) return []
        const { fingerprint, resource_id: resourceId, response } = row
        return [[identity(idempotency), { idempotency, fingerprint, resourceId, response }]]
      })
    )
  })

  /** The results of keys as rows `k`. */
  const rowsOf = (fulfilments: ReadonlyArray<Fulfilment>) => {
    const { scopes, operations, names } = columns(fulfilments.map(({ idempotency }) => idempotency))
    return sql`
      unnest(
        ${scopes}::text[], ${operations}::text[], ${names}::text[],
        ${fulfilments.map(({ idempotency }) => sha256(idempotency.fingerprint))}::text[],
        ${fulfilments.map(({ resourceId }) => resourceId)}::uuid[],
        ${nullableParameter(fulfilments.map(({ response }) => (response === undefined ? null : JSON.stringify(response))))}::text[]
      ) AS k (scope, operation, key, fingerprint, resource_id, response)`
  }

  /** Stores the results of claimed keys. */
  const fulfil = (fulfilments: ReadonlyArray<Fulfilment>) =>
    sql`
      UPDATE ${table.idempotency_keys} AS known
      SET fingerprint = k.fingerprint, resource_id = k.resource_id, response = nullif(k.response, '')::jsonb
      FROM ${rowsOf(fulfilments)}
      WHERE known.scope = k.scope AND known.operation = k.operation AND known.key = k.key`

  /** Returns whether one of the keys has been used, without a lock. */
  const someKnown = (keys: ReadonlyArray<IdempotencyClaim>) => {
    const { scopes, operations, names } = columns(keys)
    return Effect.map(
      sql<{ readonly known: boolean }>`
        SELECT EXISTS (
          SELECT FROM ${table.idempotency_keys}
          JOIN unnest(${scopes}::text[], ${operations}::text[], ${names}::text[]) AS k (scope, operation, key)
            USING (scope, operation, key)
        ) AS known`,
      ([row]) => row?.known === true
    )
  }

  /**
   * Claims and fulfils keys, as part of a statement that is undone unless it returns a row for each of them. In the same order as
   * claims have, before any other row is locked.
   */
  const insertFulfilled = (fulfilments: ReadonlyArray<Fulfilment>, at: Date, condition: Statement.Fragment) =>
    sql`
      INSERT INTO ${table.idempotency_keys} (scope, operation, key, fingerprint, resource_id, response, created_at)
      SELECT k.scope, k.operation, k.key, k.fingerprint, k.resource_id, nullif(k.response, '')::jsonb, ${now(at)}
      FROM ${rowsOf(fulfilments)} ${condition}
      ORDER BY k.scope, k.operation, k.key
      ON CONFLICT DO NOTHING
      RETURNING key`

  /** Deletes claimed keys whose request was refused, so that they can be used again. */
  const release = (keys: ReadonlyArray<IdempotencyClaim>) => {
    const { scopes, operations, names } = columns(keys)
    return sql`
      DELETE FROM ${table.idempotency_keys}
      WHERE (scope, operation, key) IN (
        SELECT * FROM unnest(${scopes}::text[], ${operations}::text[], ${names}::text[])
      )`
  }

  /** Claims the keys of a batch. Returns a function that looks up the replay of a key that was fulfilled before. */
  const claimEach = Effect.fnUntraced(function* <Out>(
    inputs: Arr.NonEmptyReadonlyArray<{
      readonly idempotency: IdempotencyClaim | undefined
      readonly at: Date
    }>,
    responses: Responses<Out>
  ) {
    const claims = inputs.flatMap(({ idempotency }) => (idempotency === undefined ? [] : [idempotency]))
    const before = claims.length === 0 ? new Map<string, Fulfilled>() : yield* claim(claims, inputs[0].at)
    const loaded = before.size === 0 ? [] : yield* responses.load([...before.values()])
    const known = new Map(Arr.zip(before.keys(), loaded))
    return (idempotency: IdempotencyClaim) => {
      const fulfilled = before.get(identity(idempotency))
      const out = known.get(identity(idempotency))
      return fulfilled && out && Result.map(sameRequest(idempotency, fulfilled), () => replayed(out))
    }
  })

  /** Fulfils and releases claimed keys. */
  const fulfilAndRelease = Effect.fnUntraced(function* (of: {
    readonly fulfilled: ReadonlyArray<Fulfilment>
    readonly released: ReadonlyArray<IdempotencyClaim>
  }) {
    if (of.fulfilled.length > 0) yield* fulfil(of.fulfilled)
    if (of.released.length > 0) yield* release(of.released)
  })

  /** Runs work once per key, in the current transaction. If the key was fulfilled, returns its response instead. */
  const guard = <A, E>(
    idempotency: IdempotencyClaim | undefined,
    at: Date,
    work: Effect.Effect<A, E | SqlError.SqlError>,
    responses: Responses<A>
  ): Effect.Effect<IdempotentResult<A>, E | IdempotencyKeyReused | SqlError.SqlError> => {
    if (idempotency === undefined) return Effect.map(work, firstTime)
    return Effect.gen(function* () {
      const replays = yield* claimEach([{ idempotency, at }], responses)
      const before = replays(idempotency)
      if (before !== undefined) return yield* Effect.fromResult(before)
      const value = yield* work
      yield* fulfil([{ idempotency, ...responses.toStored(value) }])
      return firstTime(value)
    })
  }

  return { claimEach, fulfilAndRelease, insertFulfilled, someKnown, guard }
})
