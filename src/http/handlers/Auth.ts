import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { Accounts } from "../../services/Accounts.ts"
import { Api, CurrentAccount } from "../api/index.ts"

export const AuthHandlers = HttpApiBuilder.group(Api, "auth", (handlers) =>
  Effect.map(Accounts, (accounts) =>
    handlers.handleAll({
      register: ({ payload }) =>
        Effect.map(accounts.register(payload), (body) =>
          HttpApiSchema.withHeaders({ body, headers: { location: "/auth/me" } })
        ),
      login: ({ payload }) => accounts.login(payload),
      me: () => Effect.flatMap(CurrentAccount, ({ id }) => accounts.get(id))
    })
  )
)
