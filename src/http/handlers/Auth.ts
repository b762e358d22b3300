import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { normalizeEmail } from "../../domain/accounts/Account.ts"
import { EmailNotFound } from "../../domain/accounts/PasswordReset.ts"
import { Accounts } from "../../services/Accounts.ts"
import { AuthApi } from "../api/AuthApi.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { answering } from "../boundary/Answers.ts"
import { makeRateLimit } from "../security/RateLimit.ts"
import { makeManaging } from "./Managing.ts"

export const AuthHandlers = HttpApiBuilder.group(
  Api,
  "auth",
  Effect.fnUntraced(function* (handlers) {
    const accounts = yield* Accounts
    const attempt = yield* makeRateLimit
    const { isEnabled, mayManage } = yield* makeManaging

    return handlers.handleAll(
      answering(AuthApi, {
        register: Effect.fnUntraced(function* ({ payload, request }) {
          yield* attempt("register", request, normalizeEmail(payload.email))
          const body = yield* accounts.register(payload)
          return HttpApiSchema.withHeaders({ body, headers: { location: "/auth/me" } })
        }),

        login: Effect.fnUntraced(function* ({ payload, request }) {
          yield* attempt("log in", request, normalizeEmail(payload.email))
          return yield* accounts.login(payload)
        }),

        refresh: Effect.fnUntraced(function* ({ payload, request }) {
          yield* attempt("refresh", request)
          return yield* accounts.refresh(payload.refreshToken)
        }),

        logout: ({ payload }) => accounts.logout(payload.refreshToken),

        logoutEverywhere: Effect.fnUntraced(function* () {
          const { id } = yield* CurrentAccount
          yield* accounts.logoutEverywhere(id)
        }),

        changePassword: Effect.fnUntraced(function* ({ payload, request }) {
          const { id: accountId } = yield* CurrentAccount
          yield* attempt("change password", request, accountId)
          yield* accounts.changePassword({ ...payload, accountId })
        }),

        requestPasswordReset: Effect.fnUntraced(function* ({ payload }) {
          yield* isEnabled
          // A new token ends the one before, which a visitor of the shop could do to anyone again and again.
          yield* attempt("request password reset", undefined, normalizeEmail(payload.email))
          const { items } = yield* accounts.list(payload)
          yield* Effect.forEach(items, mayManage)
          const body = yield* accounts.requestPasswordReset(payload)
          if (body === null) return yield* new EmailNotFound(payload)
          return HttpApiSchema.withHeaders({ body, headers: { location: "/auth/reset-password" } })
        }),

        resetPassword: Effect.fnUntraced(function* ({ payload, request }) {
          yield* attempt("reset password", request)
          yield* accounts.resetPassword(payload)
        }),

        me: () => Effect.flatMap(CurrentAccount, ({ id }) => accounts.get(id))
      })
    )
  })
)
