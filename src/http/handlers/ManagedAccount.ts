import { Effect } from "effect"
import { allow } from "../../domain/accounts/AccessPolicy.ts"
import type { Account } from "../../domain/accounts/Account.ts"
import { CurrentAccount } from "../api/index.ts"

/**
 * Fails with `Forbidden` if the sender may not manage this account. A service that resets the password of an admin could log in as
 * that admin, and make itself service tokens.
 */
export const mayManage = ({ role }: Account) =>
  Effect.flatMap(CurrentAccount, (principal) =>
    Effect.fromResult(allow(principal, role === "admin" ? "manage admins" : "manage customers"))
  )
