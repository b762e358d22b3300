import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Account, Login, PasswordChange, Registration, Tokens } from "../../domain/accounts/Account.ts"
import { NewPassword, PasswordReset, PasswordResetRequest } from "../../domain/accounts/PasswordReset.ts"
import { RefreshTokenRequest } from "../../domain/accounts/Session.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import {
  EmailNotFound,
  EmailTaken,
  InvalidCredentials,
  InvalidInput,
  InvalidRefreshToken,
  InvalidResetToken,
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
    HttpApiEndpoint.post("requestPasswordReset", "/password-resets", {
      payload: PasswordResetRequest,
      success: created(PasswordReset),
      error: [InvalidInput, EmailNotFound, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "manage customers")
      .annotate(OpenApi.Summary, "Get a token that resets a password, for the shop to mail")
      .annotate(
        OpenApi.Description,
        "Only the back end of the shop may ask: the answer tells whether an email has an account. Mail the token to the `email` of the answer. A newer token replaces an earlier one. A service token resets passwords of customers only."
      ),
    HttpApiEndpoint.post("resetPassword", "/reset-password", {
      payload: NewPassword,
      success: HttpApiSchema.NoContent,
      error: [InvalidInput, InvalidResetToken, TooManyRequests, Unavailable]
    })
      .annotate(OpenApi.Summary, "Set a new password with a reset token and end all sessions")
      .annotate(
        OpenApi.Description,
        "A token works once, until it expires. A wrong, a used and an expired token get the same answer."
      ),
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
