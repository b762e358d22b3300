import { Config, Console, Effect, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { Accounts } from "../services/Accounts.ts"
import { explain } from "./Admin.ts"
import { fail, report } from "./Failure.ts"
import { settings } from "./Settings.ts"
import { accounts as accountsOf, database, logging, migrate } from "./Shop.ts"

const email = Flag.String("email").pipe(
  Flag.withDescription("Email of the admin; ADMIN_EMAIL if absent"),
  Flag.withFallbackConfig(Config.String("ADMIN_EMAIL")),
  Flag.optional
)

const password = Flag.Redacted("password").pipe(
  Flag.withDescription("Password of the admin; ADMIN_PASSWORD if absent, which no process list shows"),
  Flag.withFallbackConfig(Config.Redacted("ADMIN_PASSWORD")),
  Flag.optional
)

const given = <A>(value: Option.Option<A>, names: string) =>
  Option.match(value, { onNone: () => fail(`${names}: needed`), onSome: Effect.succeed<A> })

export const createAdmin = Command.make("create-admin", { email, password }, (admin) =>
  Effect.flatMap(settings, (read) =>
    Effect.gen(function* () {
      const input = {
        email: yield* given(admin.email, "--email or ADMIN_EMAIL"),
        password: Redacted.value(yield* given(admin.password, "--password or ADMIN_PASSWORD"))
      }
      yield* migrate(read)
      const accounts = yield* Accounts
      const account = yield* Effect.catchTags(accounts.createAdmin(input), explain)
      yield* Console.log(`Created the admin ${account.email}`)
    }).pipe(Effect.provide(accountsOf(read)), Effect.provide(database(read)), Effect.provide(logging(read)))
  ).pipe(report)
).pipe(Command.withDescription("Create an account with the role admin."))
