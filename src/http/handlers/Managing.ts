import { Effect } from "effect"
import { allow, Unauthenticated } from "../../domain/accounts/AccessPolicy.ts"
import type { Account } from "../../domain/accounts/Account.ts"
import { Accounts } from "../../services/Accounts.ts"
import { CurrentAccount } from "../api/index.ts"

const none = () => Effect.undefined

/** Makes the checks of what gives power over accounts, besides the access policy of the endpoint. */
export const makeManaging = Effect.map(Accounts, (accounts) => {
  /**
   * Fails with `Unauthenticated` if the account of the sender is disabled. Its access token is valid for some minutes more, in which it
   * could enable itself, or make a service token that is valid longer. A user of the host has no account here.
   */
  const isEnabled = Effect.gen(function* () {
    const { id, role } = yield* CurrentAccount
    if (role === "service") return
    const own = yield* Effect.catchTags(accounts.find(id), { AccountNotFound: none, InvalidInput: none })
    if (own?.disabledAt !== undefined) yield* new Unauthenticated()
  })

  /**
   * Fails with `Forbidden` if the sender may not manage this account. A service that resets the password of an admin could log in as
   * that admin, and make itself service tokens.
   */
  const mayManage = ({ role }: Account) =>
    Effect.flatMap(CurrentAccount, (principal) =>
      Effect.fromResult(allow(principal, role === "admin" ? "manage admins" : "manage customers"))
    )

  return { isEnabled, mayManage }
})
