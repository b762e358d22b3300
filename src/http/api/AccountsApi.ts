import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Account, AccountQuery } from "../../domain/accounts/Account.ts"
import { AccountId } from "../../domain/shared/Ids.ts"
import { Page } from "../../domain/shared/Page.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { AccountNotFound, DisableRefused, InvalidInput, Unavailable } from "./Problems.ts"
import { limit } from "./Request.ts"

const accountPath = { params: { id: AccountId } }

export class AccountsApi extends HttpApiGroup.make("accounts")
  .add(
    HttpApiEndpoint.get("accounts", "/accounts", {
      query: { ...AccountQuery.fields, limit },
      success: Page(Account).annotate({ identifier: "AccountPage" }),
      error: [InvalidInput, Unavailable]
    })
      .annotate(RequiredPermission, "see accounts")
      .annotate(OpenApi.Summary, "List accounts, newest first, or the one that has an email"),
    HttpApiEndpoint.get("account", "/accounts/:id", {
      ...accountPath,
      success: Account,
      error: [InvalidInput, AccountNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "see accounts")
      .annotate(OpenApi.Summary, "Get an account"),
    HttpApiEndpoint.post("disableAccount", "/accounts/:id/disable", {
      ...accountPath,
      success: Account,
      error: [InvalidInput, AccountNotFound, DisableRefused, Unavailable]
    })
      .annotate(RequiredPermission, "manage customers")
      .annotate(OpenApi.Summary, "Disable an account and end its sessions")
      .annotate(
        OpenApi.Description,
        "The account cannot log in, and its refresh tokens are refused at once. Its access tokens stay valid until they expire. An admin cannot disable the own account or the last admin. A service token disables customers only."
      ),
    HttpApiEndpoint.post("enableAccount", "/accounts/:id/enable", {
      ...accountPath,
      success: Account,
      error: [InvalidInput, AccountNotFound, Unavailable]
    })
      .annotate(RequiredPermission, "manage customers")
      .annotate(OpenApi.Summary, "Enable a disabled account")
      .annotate(OpenApi.Description, "The account can log in again. Its sessions stay ended.")
  )
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Accounts of others")
  .annotate(OpenApi.Description, "Look up, disable and enable accounts, for admins and service tokens.") {}
