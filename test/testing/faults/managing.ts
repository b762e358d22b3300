import { Effect, Option } from "effect"
import { normalizeKey } from "../../../src/domain/shared/Text.ts"
import { AccountStore } from "../../../src/ports/AccountStore.ts"
import { ServiceTokenStore } from "../../../src/ports/ServiceTokenStore.ts"
import { faulty, keeping, late } from "../../support/faulty.ts"
import type { Fault } from "./Fault.ts"

/** What an adapter does wrong that looks up, disables and resets accounts, and keeps service tokens. */
export const managingFaults: ReadonlyArray<Fault> = [
  {
    does: "lists no disabled account",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      list: (filter, after, take) =>
        Effect.map(store.list(filter, after, take), (all) =>
          all.filter(({ disabledAt }) => disabledAt === undefined)
        )
    })),
    breaks: ["accounts are listed by descending id, disabled ones too, across pages"]
  },
  {
    does: "lists the account of an email on every page",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      list: (filter, after, take) =>
        store.list(filter, filter.normalizedEmail === undefined ? after : undefined, take)
    })),
    breaks: ["an account is listed by its email in any case, and no other with it"]
  },
  {
    does: "looks which admins there are, and then waits before it disables one",
    stores: faulty(AccountStore, (store, { accounts }) => ({
      ...store,
      disable: (id, at) => late([accounts], store.disable(id, at))
    })),
    breaks: ["of admins who are disabled concurrently one stays, and the last cannot be disabled"]
  },
  {
    does: "keeps the sessions when a reset sets the password",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      useReset: (use) => keeping(sessions, store.useReset(use))
    })),
    breaks: ["a reset token sets the password once, and ends all sessions of its account only"]
  },
  {
    does: "never lets a reset token expire",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      addReset: (reset) => store.addReset({ ...reset, expiresAt: new Date(8e15) })
    })),
    breaks: [
      "a reset token is refused from its expiry on, and after a newer one and a change of the password"
    ]
  },
  {
    does: "keeps the reset token when the password changes",
    stores: faulty(AccountStore, (store, { resets }) => ({
      ...store,
      changePassword: (change) => keeping(resets, store.changePassword(change))
    })),
    breaks: [
      "a reset token is refused from its expiry on, and after a newer one and a change of the password"
    ]
  },
  {
    does: "keeps the reset token of an account that it disables",
    stores: faulty(AccountStore, (store, { resets }) => ({
      ...store,
      disable: (id, at) => keeping(resets, store.disable(id, at))
    })),
    breaks: ["a disabled account gets no reset token, and loses the one that it has"]
  },
  {
    does: "looks at a reset token, and then waits before it uses it up",
    stores: faulty(AccountStore, (store, { accounts, resets }) => ({
      ...store,
      useReset: (use) => late([accounts, resets], store.useReset(use))
    })),
    breaks: ["ten concurrent uses of one reset token: one sets the password and nine are refused"]
  },
  {
    does: "ends the sessions that there are, and then waits before it resets the password",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      useReset: (use) =>
        Effect.gen(function* () {
          const opened = new Set(sessions.keys())
          yield* Effect.yieldNow
          yield* store.useReset(use)
          for (const [id, session] of sessions) {
            if (!opened.has(id)) sessions.set(id, { ...session, endedAt: null })
          }
        })
    })),
    breaks: ["no session that is opened during a reset of the password survives it"]
  },
  {
    does: "remembers a service token that was revoked",
    stores: faulty(ServiceTokenStore, (store) => {
      const seen = new Map<string, Effect.Success<ReturnType<typeof store.find>>>()
      return {
        ...store,
        find: (hash) =>
          Effect.map(store.find(hash), (found) => {
            if (Option.isSome(found)) seen.set(hash, found)
            return seen.get(hash) ?? found
          })
      }
    }),
    breaks: ["a service token is found by its hash only, until it is revoked"]
  },
  {
    does: "leaves out the first service token of a page",
    stores: faulty(ServiceTokenStore, (store) => ({
      ...store,
      list: (after, take) => Effect.map(store.list(after, take + 1), (all) => all.slice(1))
    })),
    breaks: ["service tokens are listed by descending id, without those that are revoked, across pages"]
  },
  {
    does: "compares the names of service tokens as they are written",
    stores: faulty(ServiceTokenStore, (store, { serviceTokens }) => ({
      ...store,
      add: (token, hash) => {
        const isTaken = serviceTokens.values().some((known) => known.token.name === token.name)
        const isSpelled = serviceTokens
          .values()
          .some((known) => normalizeKey(known.token.name) === normalizeKey(token.name))
        return isSpelled && !isTaken
          ? Effect.sync(() => void serviceTokens.set(token.id, { token, hash }))
          : store.add(token, hash)
      }
    })),
    breaks: [
      "a service token's name is taken in any case, Unicode form and surrounding space, until it is revoked"
    ]
  },
  {
    does: "looks whether the name of a service token is free, and then waits before it takes it",
    stores: faulty(ServiceTokenStore, (store, { serviceTokens }) => ({
      ...store,
      add: (token, hash) => late([serviceTokens], store.add(token, hash))
    })),
    breaks: ["ten concurrent service tokens of one name: one is added and nine are refused"]
  }
]
