import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { ServiceTokens } from "../../services/ServiceTokens.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { ServiceTokensApi } from "../api/ServiceTokensApi.ts"
import { answering } from "../boundary/Answers.ts"
import { makeManaging } from "./Managing.ts"

export const ServiceTokensHandlers = HttpApiBuilder.group(
  Api,
  "serviceTokens",
  Effect.fnUntraced(function* (handlers) {
    const tokens = yield* ServiceTokens
    const { isEnabled } = yield* makeManaging

    return handlers.handleAll(
      answering(ServiceTokensApi, {
        createServiceToken: Effect.fnUntraced(function* ({ payload }) {
          yield* isEnabled
          const { id: actor } = yield* CurrentAccount
          const body = yield* tokens.create(payload, { actor })
          return HttpApiSchema.withHeaders({ body, headers: { location: "/service-tokens" } })
        }),

        serviceTokens: ({ query }) => tokens.list(query),

        revokeServiceToken: ({ params }) => Effect.andThen(isEnabled, tokens.revoke(params.id))
      })
    )
  })
)
