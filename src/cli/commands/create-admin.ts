import { Console, Effect, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { Accounts } from "../../services/Accounts.ts"
import { explain } from "../support/Admin.ts"
import { fail, report } from "../support/Failure.ts"
import { accounts as accountsOf, keptDatabase, logging, migrateExisting } from "../support/Layers.ts"
import { eachSetting } from "../support/Settings.ts"
import { ofShop, shop } from "../support/ShopFlags.ts"

const flags = {
  shop,
  email: Flag.String("email").pipe(
    Flag.withDescription("Email address of the admin. Defaults to ADMIN_EMAIL"),
    Flag.optional
  ),
  password: Flag.Redacted("password").pipe(
    Flag.withDescription(
      "Password of the admin. Defaults to ADMIN_PASSWORD, which is not visible in process lists"
    ),
    Flag.optional
  )
}

/** Returns the value of a flag or, if it is absent, of a variable, with the name of its source. */
const given = <A>(flag: string, value: Option.Option<A>, variable: string, otherwise: A | undefined) => {
  if (Option.isSome(value)) return Effect.succeed({ name: flag, value: value.value })
  return otherwise === undefined
    ? fail(`${flag} or ${variable} is required`)
    : Effect.succeed({ name: variable, value: otherwise })
}

export const createAdmin = Command.make("create-admin", flags, (flag) =>
  Effect.flatMap(
    Effect.map(eachSetting, (all) => ofShop(all, flag.shop)),
    (read) =>
      Effect.gen(function* () {
        const email = yield* given("--email", flag.email, "ADMIN_EMAIL", read.server.adminEmail)
        const password = yield* given(
          "--password",
          flag.password,
          "ADMIN_PASSWORD",
          read.server.adminPassword
        )
        const work = Effect.gen(function* () {
          yield* migrateExisting(read)
          const accounts = yield* Accounts
          return yield* accounts.createAdmin({ email: email.value, password: Redacted.value(password.value) })
        })
        const account = yield* work.pipe(
          Effect.catchTags(explain(read, { email: email.name, password: password.name })),
          Effect.provide(accountsOf(read)),
          Effect.provide(keptDatabase(read)),
          Effect.provide(logging(read))
        )
        yield* Console.log(`Created the admin ${account.email}`)
      })
  ).pipe(report)
).pipe(Command.withDescription("Create an account with the role admin."))
