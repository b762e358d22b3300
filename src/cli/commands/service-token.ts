import { Console, Effect, Option, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import type { ServiceToken } from "../../domain/accounts/ServiceToken.ts"
import { normalizeKey } from "../../domain/shared/Text.ts"
import { ServiceTokens } from "../../services/ServiceTokens.ts"
import { fail } from "../support/Failure.ts"
import { onAccounts } from "../support/OnAccounts.ts"
import { shop } from "../support/ShopFlags.ts"

const name = {
  shop,
  name: Argument.String("name").pipe(
    Argument.withDescription("Name of the back end, 1 to 100 characters; case is ignored")
  )
}

/** One line about a service token, with tabs between its columns. */
const lineOf = ({ id, name, createdAt, createdBy }: ServiceToken): string =>
  [id, name, createdAt.toISOString(), createdBy].join("\t")

const create = Command.make("create", name, ({ name, shop }) =>
  onAccounts(
    Effect.gen(function* () {
      const { token } = yield* ServiceTokens.use((tokens) => tokens.create({ name }))
      yield* Console.error(`Shown once. Send it as  Authorization: Bearer …`)
      yield* Console.log(token)
    }),
    shop
  )
).pipe(
  Command.withDescription(
    "Print a new token with which a back end may do what an admin may. Standard output has nothing but the token."
  )
)

const list = Command.make("list", { shop }, ({ shop }) =>
  onAccounts(
    ServiceTokens.use((tokens) => Stream.runForEach(tokens.listAll(), (token) => Console.log(lineOf(token)))),
    shop
  )
).pipe(Command.withDescription("Print the service tokens without their secrets, newest first, one a line."))

const revoke = Command.make("revoke", name, ({ name, shop }) =>
  onAccounts(
    Effect.gen(function* () {
      const tokens = yield* ServiceTokens
      const key = normalizeKey(name)
      const isNamed = (token: ServiceToken) => normalizeKey(token.name) === key
      const found = yield* Stream.runHead(Stream.filter(tokens.listAll(), isNamed))
      if (Option.isNone(found)) return yield* fail(`No service token has the name ${name}`)
      yield* tokens.revoke(found.value.id)
      yield* Console.log(`Revoked ${found.value.name}`)
    }),
    shop
  )
).pipe(Command.withDescription("Refuse every later request with the token of this name, in every process."))

export const serviceToken = Command.make("service-token").pipe(
  Command.withDescription("Create, list and revoke the tokens of back ends."),
  Command.withSubcommands([create, list, revoke])
)
