import { Effect, Option } from "effect"
import { AccountStore } from "../../../src/ports/AccountStore.ts"
import { StoreUnavailable } from "../../../src/ports/errors.ts"
import { StoreHealth } from "../../../src/ports/Stores.ts"
import { faulty, late } from "../../support/faulty.ts"
import { type Fault, mustBeThere } from "./Fault.ts"

export const accountFaults: ReadonlyArray<Fault> = [
  {
    does: "says that it cannot answer",
    stores: faulty(StoreHealth, (store) => ({
      ...store,
      check: Effect.fail(new StoreUnavailable({ outcome: "notApplied", cause: "a fault" }))
    })),
    breaks: ["an available store is healthy"]
  },
  {
    does: "looks for an email as it is written",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      credentials: (key) =>
        Effect.map(
          store.credentials(key),
          Option.filter(({ account }) => account.email === key)
        )
    })),
    breaks: ["an account is found by its id and by its email in any case"]
  },
  {
    does: "lets the last who wants an email have it",
    stores: faulty(AccountStore, (store, { accounts }) => ({
      ...store,
      add: (account, passwordHash) =>
        Effect.sync(() => {
          accounts.set(account.id, { account, passwordHash, disabled: false })
        })
    })),
    breaks: ["an email is taken in any case and Unicode form, and its account stays unchanged"]
  },
  {
    does: "breaks when it knows no such account",
    stores: faulty(AccountStore, (store) => ({ ...store, get: (id) => mustBeThere(store.get(id)) })),
    breaks: ["an unknown id or email finds no account"]
  },
  {
    does: "looks whether an email is free, and then waits before it takes it",
    stores: faulty(AccountStore, (store, { accounts }) => ({
      ...store,
      add: (account, hash) => late([accounts], store.add(account, hash))
    })),
    breaks: ["ten concurrent registrations of one email: one succeeds and nine are refused"]
  }
]
