import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Accounts } from "../../services/Accounts.ts"
import { AccountsApi } from "../api/AccountsApi.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { answering } from "../boundary/Answers.ts"
import { makeManaging } from "./Managing.ts"

export const AccountsHandlers = HttpApiBuilder.group(
  Api,
  "accounts",
  Effect.fnUntraced(function* (handlers) {
    const accounts = yield* Accounts
    const { isEnabled, mayManage } = yield* makeManaging

    return handlers.handleAll(
      answering(AccountsApi, {
        accounts: ({ query }) => accounts.list(query),

        account: ({ params }) => accounts.find(params.id),

        disableAccount: Effect.fnUntraced(function* ({ params }) {
          yield* isEnabled
          yield* mayManage(yield* accounts.find(params.id))
          const { id: actor } = yield* CurrentAccount
          return yield* accounts.disable(params.id, { actor })
        }),

        enableAccount: Effect.fnUntraced(function* ({ params }) {
          yield* isEnabled
          yield* mayManage(yield* accounts.find(params.id))
          return yield* accounts.enable(params.id)
        })
      })
    )
  })
)
