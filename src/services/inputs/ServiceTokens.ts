import { ServiceTokenQuery, ServiceTokenRequest } from "../../domain/accounts/ServiceToken.ts"
import { ServiceTokenId } from "../../domain/shared/Ids.ts"
import { decodeCall, decodeInput } from "./Decode.ts"
import { ActorFields, type ActorOptions } from "./Options.ts"
import type { PageInput } from "./Shared.ts"

/** What a service token is created with. */
export interface CreateServiceTokenInput {
  /**
   * Names the back end, 1 to 100 characters. Histories show `service:` and this name. Unique, ignoring case. Fails with
   * `ServiceTokenNameTaken` and with `InvalidInput`.
   */
  readonly name: string
}

/** The page of service tokens to list. */
export interface ServiceTokenQueryInput extends PageInput {}

export const decodeCreateServiceToken = decodeCall<CreateServiceTokenInput, ActorOptions>()(
  ServiceTokenRequest,
  ActorFields
)
export const decodeServiceTokenQuery = decodeInput<ServiceTokenQueryInput>()(ServiceTokenQuery)
export const decodeServiceTokenId = decodeInput<string>()(ServiceTokenId)
