import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Account, Login, PasswordChange, Registration, Tokens } from "../../domain/accounts/Account.ts"
import { RefreshTokenRequest } from "../../domain/accounts/Session.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import {
  EmailTaken,
  InvalidCredentials,
  InvalidInput,
  InvalidRefreshToken,
  TooManyRequests,
  Unavailable,
  WrongPassword
} from "./Problems.ts"
import { AddressLimit, created } from "./Request.ts"

export class AuthApi extends HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("register", "/register", {
      payload: Registration,
      success: created(Account),
      error: [InvalidInput, EmailTaken, TooManyRequests, Unavailable]
    }).annotate(OpenApi.Summary, "Register a customer"),
    HttpApiEndpoint.post("login", "/login", {
      payload: Login,
      success: Tokens.pipe(HttpApiSchema.status(200)),
      error: [InvalidInput, InvalidCredentials, TooManyRequests, Unavailable]
    }).annotate(OpenApi.Summary, "Log in"),
    HttpApiEndpoint.post("refresh", "/refresh", {
      payload: RefreshTokenRequest,
      success: Tokens.pipe(HttpApiSchema.status(200)),
      error: [InvalidInput, InvalidRefreshToken, TooManyRequests, Unavailable]
    })
      .annotate(OpenApi.Summary, "Get new tokens")
      .annotate(
        OpenApi.Description,
        "A refresh token works once. If it is used again, its session ends, since the token has been stolen."
      ),
    HttpApiEndpoint.post("logout", "/logout", {
      payload: RefreshTokenRequest,
      success: HttpApiSchema.NoContent,
      error: [InvalidInput, Unavailable]
    })
      .annotate(OpenApi.Summary, "Log out")
      .annotate(
        OpenApi.Description,
        "Ends the session of the refresh token. Access tokens of the session stay valid until they expire."
      ),
    HttpApiEndpoint.post("logoutEverywhere", "/logout-everywhere", {
      success: HttpApiSchema.NoContent,
      error: [Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "log out everywhere")
      .annotate(OpenApi.Summary, "End all sessions of the current account"),
    HttpApiEndpoint.post("changePassword", "/password", {
      payload: PasswordChange,
      success: HttpApiSchema.NoContent,
      error: [InvalidInput, WrongPassword, TooManyRequests, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change own password")
      .annotate(OpenApi.Summary, "Change the password of the current account and end all its sessions"),
    HttpApiEndpoint.get("me", "/me", {
      success: Account,
      error: [Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "see own account")
      .annotate(OpenApi.Summary, "Get the current account")
  )
  .middleware(AddressLimit)
  .prefix("/auth")
  .annotate(OpenApi.Title, "Accounts")
  .annotate(OpenApi.Description, "Registration, login, and the tokens of an account.") {}
