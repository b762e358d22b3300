import { Effect } from "effect"
import type { SessionId } from "../../../src/domain/shared/Ids.ts"
import { AccountStore } from "../../../src/ports/AccountStore.ts"
import { SessionStore } from "../../../src/ports/SessionStore.ts"
import { faulty, keeping, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, mustBeThere } from "./Fault.ts"

/** Opens sessions that ended again. */
const reopen = (sessions: State["sessions"], mine: (id: SessionId) => boolean) =>
  Effect.sync(() => {
    for (const [id, session] of sessions) if (mine(id)) sessions.set(id, { ...session, endedAt: null })
  })

export const sessionFaults: ReadonlyArray<Fault> = [
  {
    does: "never lets a session expire",
    stores: faulty(SessionStore, (store, { sessions }) => ({
      ...store,
      refresh: (rotation) =>
        seeing(sessions, (one) => ({ ...one, expiresAt: new Date(8e15) }), store.refresh(rotation))
    })),
    breaks: ["a session goes on from one refresh token to the next until it expires, and no longer"]
  },
  {
    does: "takes no offence at a used token",
    stores: faulty(SessionStore, (store, { sessions }) => ({
      ...store,
      refresh: (rotation) =>
        Effect.tapError(
          Effect.suspend(() => store.refresh(rotation)),
          () => reopen(sessions, () => true)
        )
    })),
    breaks: ["a refresh token that comes back after it was used ends its session, and no other"]
  },
  {
    does: "looks at a token, and then waits before it uses it up",
    stores: faulty(SessionStore, (store, { refreshTokens, sessions }) => ({
      ...store,
      refresh: (rotation) => late([refreshTokens, sessions], store.refresh(rotation))
    })),
    breaks: ["of ten who use one refresh token at once, one gets the next, and the session ends"]
  },
  {
    does: "ends a session only by its newest token",
    stores: faulty(SessionStore, (store, { refreshTokens }) => ({
      ...store,
      end: (tokenHash, at) =>
        refreshTokens.get(tokenHash)?.used === true ? Effect.void : store.end(tokenHash, at)
    })),
    breaks: ["a session is ended by any of its refresh tokens, and by no other"]
  },
  {
    does: "ends the sessions of everybody",
    stores: faulty(SessionStore, (store, { sessions }) => ({
      ...store,
      endAll: (_, at) =>
        Effect.sync(() => {
          for (const [id, session] of sessions) sessions.set(id, { ...session, endedAt: at })
        })
    })),
    breaks: ["all sessions of an account end at once, and those of no other account"]
  },
  {
    does: "opens a session without looking at the password",
    stores: faulty(SessionStore, (store, { accounts }) => ({
      ...store,
      open: (session, passwordHash) =>
        seeing(accounts, (known) => ({ ...known, passwordHash }), store.open(session, passwordHash))
    })),
    breaks: ["a session is opened only with the password hash that the account has"]
  },
  {
    does: "forgets sessions that go on",
    stores: faulty(SessionStore, (store) => ({
      ...store,
      prune: (_, take) => store.prune(new Date(8e15), take)
    })),
    breaks: ["sessions that are over are forgotten, a few tokens at a time, and those that go on are not"]
  },
  {
    does: "ends the sessions that there are, and then waits before it changes the password",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      changePassword: (change) =>
        Effect.gen(function* () {
          const opened = new Set(sessions.keys())
          yield* Effect.yieldNow
          yield* store.changePassword(change)
          yield* reopen(sessions, (id) => !opened.has(id))
        })
    })),
    breaks: ["no session that is opened while the password changes outlives the change"]
  },
  {
    does: "breaks when it knows no such account by its id",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      credentialsOf: (id) => mustBeThere(store.credentialsOf(id))
    })),
    breaks: ["an account is known with its password hash by its id too"]
  },
  {
    does: "keeps the sessions when the password changes",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      changePassword: (change) => keeping(sessions, store.changePassword(change))
    })),
    breaks: [
      "a password changes only from the present one, and ends all sessions of its account and of no other"
    ]
  },
  {
    does: "keeps the sessions of a disabled account",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      disable: (id, at) => keeping(sessions, store.disable(id, at))
    })),
    breaks: ["a disabled account has no sessions and opens none, until it is enabled"]
  }
]
