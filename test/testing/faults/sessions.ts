import { Effect, Option } from "effect"
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
    breaks: ["a session is refreshed with one token after the other until it expires"]
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
    breaks: ["reuse of a refresh token ends its session only"]
  },
  {
    does: "looks at a token, and then waits before it uses it up",
    stores: faulty(SessionStore, (store, { refreshTokens, sessions }) => ({
      ...store,
      refresh: (rotation) => late([refreshTokens, sessions], store.refresh(rotation))
    })),
    breaks: ["ten concurrent uses of one refresh token: one gets a new token, and the session ends"]
  },
  {
    does: "ends a session only by its newest token",
    stores: faulty(SessionStore, (store, { refreshTokens }) => ({
      ...store,
      end: (tokenHash, at) =>
        refreshTokens.get(tokenHash)?.used === true ? Effect.void : store.end(tokenHash, at)
    })),
    breaks: ["any refresh token of a session ends this session only"]
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
    breaks: ["all sessions of one account end together, without those of other accounts"]
  },
  {
    does: "opens a session without looking at the password",
    stores: faulty(SessionStore, (store, { accounts }) => ({
      ...store,
      open: (session, passwordHash) =>
        seeing(accounts, (known) => ({ ...known, passwordHash }), store.open(session, passwordHash))
    })),
    breaks: ["a session is opened only with the current password hash of the account"]
  },
  {
    does: "forgets sessions that go on",
    stores: faulty(SessionStore, (store) => ({
      ...store,
      prune: (_, take, at) => store.prune(new Date(8e15), take, at)
    })),
    breaks: ["ended sessions are deleted in batches of tokens, and active sessions are kept"]
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
    breaks: ["no session that is opened during a password change survives it"]
  },
  {
    does: "breaks when it knows no such account by its id",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      credentialsOf: (id) => mustBeThere(store.credentialsOf(id))
    })),
    breaks: ["the credentials of an account are found by its id"]
  },
  {
    does: "keeps the sessions when the password changes",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      changePassword: (change) => keeping(sessions, store.changePassword(change))
    })),
    breaks: ["a password change requires the current hash, and ends all sessions of this account only"]
  },
  {
    does: "renews a hash that has changed meanwhile",
    stores: faulty(AccountStore, (store) => ({
      ...store,
      renewHash: (renewal) =>
        Effect.gen(function* () {
          const known = yield* store.credentialsOf(renewal.accountId)
          const from = Option.isSome(known) ? known.value.passwordHash : renewal.from
          return yield* store.renewHash({ ...renewal, from })
        })
    })),
    breaks: ["a renewed hash replaces the one that it was made from, and sessions go on"]
  },
  {
    does: "keeps the sessions of a disabled account",
    stores: faulty(AccountStore, (store, { sessions }) => ({
      ...store,
      disable: (id, at) => keeping(sessions, store.disable(id, at))
    })),
    breaks: ["a disabled account has no sessions and opens none until it is enabled"]
  }
]
