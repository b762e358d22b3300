import { Console, Effect, type Option } from "effect"
import { Argument, Command } from "effect/cli"
import type { Account } from "../../domain/accounts/Account.ts"
import type { ShopName } from "../../domain/shops/ShopName.ts"
import { Accounts } from "../../services/Accounts.ts"
import { fail } from "../support/Failure.ts"
import { integerFlag } from "../support/Flags.ts"
import { onAccounts } from "../support/OnAccounts.ts"
import { shop } from "../support/ShopFlags.ts"

const who = {
  shop,
  who: Argument.String("who").pipe(Argument.withDescription("Email address or id of the account"))
}

/** Returns the account with an email address or an id. */
const named = Effect.fnUntraced(function* (who: string) {
  const accounts = yield* Accounts
  if (!who.includes("@")) return yield* accounts.find(who)
  const { items } = yield* accounts.list({ email: who })
  return items[0] ?? (yield* fail(`No account has the email ${who}`))
})

/** One line about an account: columns with tabs between them, for `cut` and `awk`. */
const lineOf = ({ id, email, role, createdAt, disabledAt }: Account): string =>
  [
    id,
    email,
    role,
    createdAt.toISOString(),
    disabledAt === undefined ? "enabled" : `disabled ${disabledAt.toISOString()}`
  ].join("\t")

const find = Command.make("find", who, ({ shop, who }) =>
  onAccounts(
    Effect.flatMap(named(who), (account) => Console.log(lineOf(account))),
    shop
  )
).pipe(
  Command.withDescription(
    "Print an account: id, email, role, creation and state, with tabs between them. Exit code 1 if there is none."
  )
)

const limit = integerFlag("limit", 100, 20, "How many accounts, 1 to 100")

const list = Command.make("list", { limit, shop }, ({ limit, shop }) =>
  onAccounts(
    Effect.flatMap(
      Accounts.use((accounts) => accounts.list({ limit })),
      ({ items }) => Effect.forEach(items, (account) => Console.log(lineOf(account)), { discard: true })
    ),
    shop
  )
).pipe(Command.withDescription("Print the newest accounts, one a line."))

/** Makes what changes an account that is named, and prints it. */
const changing =
  <E extends Error>(change: (accounts: Accounts["Service"], id: string) => Effect.Effect<Account, E>) =>
  ({ shop, who }: { readonly who: string; readonly shop: Option.Option<ShopName> }) =>
    onAccounts(
      Effect.gen(function* () {
        const { id } = yield* named(who)
        const account = yield* Accounts.use((accounts) => change(accounts, id))
        yield* Console.log(lineOf(account))
      }),
      shop
    )

const disable = Command.make(
  "disable",
  who,
  changing((accounts, id) => accounts.disable(id))
).pipe(
  Command.withDescription(
    "Refuse logins of an account, and end its sessions. Access tokens stay valid until they expire. The last admin is not disabled."
  )
)

const enable = Command.make(
  "enable",
  who,
  changing((accounts, id) => accounts.enable(id))
).pipe(Command.withDescription("Accept logins of a disabled account again."))

const resetPassword = Command.make("reset-password", who, ({ shop, who }) =>
  onAccounts(
    Effect.gen(function* () {
      const { email } = yield* named(who)
      const reset = yield* Accounts.use((accounts) => accounts.requestPasswordReset({ email }))
      if (reset === null) return yield* fail(`The account ${email} is disabled`)
      yield* Console.error(
        `For ${email}, once, until ${reset.expiresAt.toISOString()}: POST /auth/reset-password {"token", "newPassword"}`
      )
      yield* Console.log(reset.token)
    }),
    shop
  )
).pipe(
  Command.withDescription(
    "Print a token that sets a new password of an account once. Standard output has nothing but the token."
  )
)

export const account = Command.make("account").pipe(
  Command.withDescription("Look up, disable and enable accounts, and reset their passwords."),
  Command.withSubcommands([find, list, disable, enable, resetPassword])
)
