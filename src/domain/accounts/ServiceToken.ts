import { Schema } from "effect"
import { ServiceTokenId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { paging } from "../shared/Page.ts"
import { Name, StoredText } from "../shared/Text.ts"
import type { Principal } from "./AccessPolicy.ts"

/** Beginning of every service token. It tells service tokens from access tokens, for the API and for scanners of secrets. */
export const serviceTokenPrefix = "ecs_"

/** Name of a service token: 1 to 100 characters, not blank. Unique; case is ignored. */
export const ServiceTokenName = Name(100)

const fields = { id: ServiceTokenId, name: StoredText, createdAt: Instant, createdBy: StoredText }

/** A service token, without its secret. `createdBy` is the actor who created it. */
export const ServiceToken = Schema.Struct(fields).annotate({ identifier: "ServiceToken" })
export interface ServiceToken extends Schema.Schema.Type<typeof ServiceToken> {}

/** A new service token with its secret `token`, which is shown only now. */
export const NewServiceToken = Schema.Struct({ ...fields, token: Schema.String }).annotate({
  identifier: "NewServiceToken"
})
export interface NewServiceToken extends Schema.Schema.Type<typeof NewServiceToken> {}

/** Input for a new service token. */
export const ServiceTokenRequest = Schema.Struct({ name: ServiceTokenName }).annotate({
  identifier: "ServiceTokenRequest"
})

/** Paging of a list of service tokens. */
export const ServiceTokenQuery = Schema.Struct(paging)

/** Sort key of a list of service tokens, newest first. */
export const ServiceTokenKey = Schema.Tuple([ServiceTokenId])

/** Beginning of the actor of every service. */
export const servicePrefix = "service:"

/** Returns the service that a token stands for. Its id is the actor of its changes and the scope of its idempotency keys. */
export const serviceOf = ({ name }: Pick<ServiceToken, "name">): NonNullable<Principal> => ({
  id: `${servicePrefix}${name}`,
  role: "service"
})

/** Refusal: another service token has this name. Case is ignored. */
export class ServiceTokenNameTaken extends Schema.TaggedError<ServiceTokenNameTaken>()(
  "ServiceTokenNameTaken",
  { name: Schema.String }
) {
  override get message() {
    return "Another service token already has this name."
  }
}

/** Refusal: no service token has this id. It may have been revoked. */
export class ServiceTokenNotFound extends Schema.TaggedError<ServiceTokenNotFound>()("ServiceTokenNotFound", {
  serviceTokenId: ServiceTokenId
}) {
  override get message() {
    return `No service token has the id ${this.serviceTokenId}.`
  }
}
