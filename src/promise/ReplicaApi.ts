import { Context, Effect, Schema, Stream } from "effect"
import { invalidAt } from "../domain/shared/InvalidInput.ts"
import { LogPosition } from "../domain/shared/LogPosition.ts"
import { ReadPreference, Replication } from "../ports/ReadPreference.ts"
import { Analytics } from "../services/Analytics.ts"
import { Catalog } from "../services/Catalog.ts"
import type { Services } from "../services/Commerce.ts"
import { Orders } from "../services/Orders.ts"
import type { CallOptions, InFlightCalls } from "./InFlightCalls.ts"
import { type Promised, promised } from "./Promised.ts"

const catalogReads = ["categories", "allCategories", "product", "products", "allProducts"] as const
const orderReads = ["list", "listAll", "feed", "follow"] as const
const analyticsReads = ["summary", "sales", "topProducts"] as const

/** Reads that a replica may answer. */
export interface ReplicaReads {
  readonly catalog: Promised<Pick<Catalog["Service"], (typeof catalogReads)[number]>>
  readonly orders: Promised<Pick<Orders["Service"], (typeof orderReads)[number]>>
  readonly analytics: Promised<Pick<Analytics["Service"], (typeof analyticsReads)[number]>>
}

/** Reads that a replica may answer, of what it has now, or after a position. */
export interface ReplicaApi extends ReplicaReads {
  /**
   * The same reads, which see all changes that were committed before `position` was called, here or in another process: the primary
   * answers unless the replica has them. Throws `InvalidInput` if the text is no position.
   */
  readonly after: (position: string) => ReplicaReads
}

/** What a shop offers of its replica. */
export interface ReadsReplica {
  /**
   * Reads that the replica of `database.replica` may answer, which may lag by `database.maxReplicaLag`. The primary answers if the
   * replica lags more, is gone or fails, and without a replica.
   */
  readonly replica: ReplicaApi
  /**
   * Reads the present position of the primary, for `replica.after`: all changes that were answered before lie before it. It is opaque
   * text, and the same in all processes on this database.
   */
  readonly position: (options?: CallOptions) => Promise<string>
}

type Method = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown> | Stream.Stream<unknown>

const preferring = <Service extends object, Name extends keyof Service & string>(
  service: Service,
  names: ReadonlyArray<Name>,
  preference: ReadPreference
): Pick<Service, Name> =>
  Object.fromEntries(
    names.map((name) => [
      name,
      (...args: ReadonlyArray<unknown>) => {
        const answer = (service[name] as Method)(...args)
        return Stream.isStream(answer)
          ? Stream.provideService(answer, ReadPreference, preference)
          : Effect.provideService(answer, ReadPreference, preference)
      }
    ])
  ) as Pick<Service, Name>

const isPosition = Schema.is(LogPosition)

/** Makes promises of the reads that a replica may answer. */
export const readsReplicaOf = (services: Context.Context<Services>, calls: InFlightCalls): ReadsReplica => {
  const readsAt = (preference: ReadPreference): ReplicaReads => ({
    catalog: promised(preferring(Context.get(services, Catalog), catalogReads, preference), calls),
    orders: promised(preferring(Context.get(services, Orders), orderReads, preference), calls),
    analytics: promised(preferring(Context.get(services, Analytics), analyticsReads, preference), calls)
  })
  const { position } = Context.get(services, Replication)
  return {
    replica: {
      ...readsAt("replica"),
      after: (replicaAfter) => {
        if (isPosition(replicaAfter)) return readsAt({ replicaAfter })
        throw invalidAt("/position", "Expected a position that position() has returned")
      }
    },
    position: (options) => calls.run(position, options?.signal)
  }
}
