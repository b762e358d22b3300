import { Context, type Effect, type Option } from "effect"
import type {
  ServiceToken,
  ServiceTokenNameTaken,
  ServiceTokenNotFound
} from "../domain/accounts/ServiceToken.ts"
import type { ServiceTokenId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Stores service tokens with the hashes of their secrets. */
export class ServiceTokenStore extends Context.Service<
  ServiceTokenStore,
  {
    /** Adds a token. Fails with `ServiceTokenNameTaken` if another one has the same `normalizeKey` of the name. */
    readonly add: (
      token: ServiceToken,
      hash: string
    ) => Effect.Effect<void, ServiceTokenNameTaken | StoreUnavailable>
    /** Returns the token with this hash, or none if it is unknown or revoked. It runs on every request of a service. */
    readonly find: (hash: string) => Effect.Effect<Option.Option<ServiceToken>, StoreUnavailable>
    /** Returns up to `take` tokens by descending id, from the first id below `after`. */
    readonly list: (
      after: ServiceTokenId | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<ServiceToken>, StoreUnavailable>
    /** Deletes a token, for all processes at once. Fails with `ServiceTokenNotFound`. */
    readonly revoke: (id: ServiceTokenId) => Effect.Effect<void, ServiceTokenNotFound | StoreUnavailable>
  }
>()("effect-commerce/ports/ServiceTokenStore") {}
