import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  NewServiceToken,
  ServiceToken,
  ServiceTokenQuery,
  ServiceTokenRequest
} from "../../domain/accounts/ServiceToken.ts"
import { ServiceTokenId } from "../../domain/shared/Ids.ts"
import { Page } from "../../domain/shared/Page.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { InvalidInput, ServiceTokenNameTaken, ServiceTokenNotFound, Unavailable } from "./Problems.ts"
import { created, limit } from "./Request.ts"

export class ServiceTokensApi extends HttpApiGroup.make("serviceTokens")
  .add(
    HttpApiEndpoint.post("createServiceToken", "/service-tokens", {
      payload: ServiceTokenRequest,
      success: created(NewServiceToken),
      error: [InvalidInput, ServiceTokenNameTaken, Unavailable]
    })
      .annotate(RequiredPermission, "manage service tokens")
      .annotate(OpenApi.Summary, "Create a service token")
      .annotate(
        OpenApi.Description,
        "`token` is shown only now. A back end sends it as a bearer token, and may then do what an admin may, except manage admins and service tokens, place and pay orders, and what needs an account of its own."
      ),
    HttpApiEndpoint.get("serviceTokens", "/service-tokens", {
      query: { ...ServiceTokenQuery.fields, limit },
      success: Page(ServiceToken).annotate({ identifier: "ServiceTokenPage" }),
      error: [InvalidInput, Unavailable]
    })
      .annotate(RequiredPermission, "manage service tokens")
      .annotate(OpenApi.Summary, "List service tokens, newest first"),
    HttpApiEndpoint.delete("revokeServiceToken", "/service-tokens/:id", {
      params: { id: ServiceTokenId },
      success: HttpApiSchema.NoContent,
      error: [InvalidInput, ServiceTokenNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "manage service tokens")
      .annotate(OpenApi.Summary, "Revoke a service token")
      .annotate(OpenApi.Description, "Every later request with the token is a 401, in every process.")
  )
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Service tokens")
  .annotate(OpenApi.Description, "Tokens of back ends, which only accounts of admins manage.") {}
