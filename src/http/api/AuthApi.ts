import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Account, Login, Registration, Tokens } from "../../domain/Account.ts"
import { Authorization, Does } from "./Authorization.ts"
import { EmailTaken, InvalidCredentials, InvalidInput, Unavailable } from "./Problems.ts"
import { created } from "./Request.ts"

export class AuthApi extends HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("register", "/register", {
      payload: Registration,
      success: created(Account),
      error: [InvalidInput, EmailTaken, Unavailable]
    }).annotate(OpenApi.Summary, "Register a customer"),
    HttpApiEndpoint.post("login", "/login", {
      payload: Login,
      success: Tokens.pipe(HttpApiSchema.status(200)),
      error: [InvalidInput, InvalidCredentials, Unavailable]
    }).annotate(OpenApi.Summary, "Log in"),
    HttpApiEndpoint.get("me", "/me", {
      success: Account,
      error: [Unavailable]
    })
      .middleware(Authorization)
      .annotate(Does, "see own account")
      .annotate(OpenApi.Summary, "See the own account")
  )
  .prefix("/auth")
  .annotate(OpenApi.Title, "Accounts") {}
