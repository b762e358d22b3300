import { Context, Duration, Effect, Layer, Option, Redacted, Schedule, Schema } from "effect"
import { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import {
  type Account,
  type AccountNotFound,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail,
  type Role,
  type Tokens
} from "../domain/accounts/Account.ts"
import type { InvalidRefreshToken } from "../domain/accounts/Session.ts"
import { AccountId, SessionId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { AccountStore, type Credentials } from "../ports/AccountStore.ts"
import type { HasherBusy, StoreUnavailable } from "../ports/errors.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { type Claims, TokenIssuer } from "../ports/TokenIssuer.ts"
import { Auth, type AuthSettings } from "../settings/AuthSettings.ts"
import { traced } from "../telemetry/Traced.ts"
import { makeIds, now } from "./Ids.ts"
import {
  type ChangePasswordInput,
  decodeAccountId,
  decodeChangePassword,
  decodeLogin,
  decodeRefreshToken,
  decodeRegister,
  type LoginInput,
  type RegisterInput
} from "./inputs/Accounts.ts"

type Outage = HasherBusy | StoreUnavailable

/** Registering, logging in and out, and whose a token is. */
export class Accounts extends Context.Service<
  Accounts,
  {
    /** Makes a customer; nobody becomes an admin by registering. */
    readonly register: (input: RegisterInput) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /** An unknown email and a wrong password answer alike and take alike. */
    readonly login: (input: LoginInput) => Effect.Effect<Tokens, InvalidInput | InvalidCredentials | Outage>
    /**
     * New tokens for a refresh token, which is then used up. A session ends when a used one comes back, since one of
     * the two who have it has stolen it: so use each once, and log in again if the answer was lost.
     */
    readonly refresh: (
      refreshToken: string
    ) => Effect.Effect<Tokens, InvalidInput | InvalidRefreshToken | StoreUnavailable>
    /** Ends the session of a refresh token, if there is one. Its access token stays valid until it expires. */
    readonly logout: (refreshToken: string) => Effect.Effect<void, InvalidInput | StoreUnavailable>
    /** Ends all sessions of an account. */
    readonly logoutEverywhere: (accountId: string) => Effect.Effect<void, InvalidInput | StoreUnavailable>
    /** Ends all sessions of the account, too. `InvalidCredentials` if the current password is another. */
    readonly changePassword: (
      input: ChangePasswordInput
    ) => Effect.Effect<void, InvalidInput | InvalidCredentials | Unauthenticated | Outage>
    /** Ends all sessions of an account, which cannot log in any more; its access tokens expire. */
    readonly disable: (
      accountId: string
    ) => Effect.Effect<void, InvalidInput | AccountNotFound | StoreUnavailable>
    readonly enable: (
      accountId: string
    ) => Effect.Effect<void, InvalidInput | AccountNotFound | StoreUnavailable>
    /** Whose valid access token this is. */
    readonly authenticate: (accessToken: string) => Effect.Effect<Claims, Unauthenticated>
    /** The account itself; `Unauthenticated` if it is gone or disabled. */
    readonly get: (id: AccountId) => Effect.Effect<Account, Unauthenticated | StoreUnavailable>
    readonly createAdmin: (input: RegisterInput) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /** Makes the admin unless there is one with this email. A customer is never promoted: `EmailTaken`. */
    readonly ensureAdmin: (
      input: RegisterInput
    ) => Effect.Effect<{ readonly created: boolean }, InvalidInput | EmailTaken | Outage>
  }
>()("effect-commerce/services/Accounts") {
  static readonly layer = (settings: Pick<AuthSettings, "refreshTokenTtl"> = {}) =>
    Layer.effect(Accounts, make(settings))
}

const decodeSettings = Schema.decodeSync(Auth)

const make = Effect.fnUntraced(function* (settings: AuthSettings) {
  const refreshTokenMillis = Duration.toMillis(decodeSettings(settings).refreshTokenTtl)
  const store = yield* AccountStore
  const sessions = yield* SessionStore
  const hasher = yield* PasswordHasher
  const tokens = yield* TokenIssuer
  const newId = yield* makeIds
  // What a login with an unknown email is checked against, so that it takes as long as any other.
  const decoy = yield* hasher
    .hash(Redacted.make("a password that nobody has"))
    .pipe(Effect.retry(Schedule.spaced("50 millis")), Effect.cached)
  yield* Effect.forkScoped(decoy)

  const create = (role: Role) =>
    Effect.fnUntraced(function* (input: RegisterInput) {
      const { email, password } = yield* decodeRegister(input)
      const passwordHash = yield* hasher.hash(Redacted.make(password))
      const account: Account = { id: yield* newId(AccountId), email, role, createdAt: yield* now }
      yield* store.add(account, passwordHash)
      return account
    })
  const createAdmin = create("admin")

  const tokensFor = (account: Account, refreshToken: string): Effect.Effect<Tokens> =>
    Effect.map(tokens.access(account), ({ token: accessToken, expiresIn }) => ({
      accessToken,
      refreshToken,
      tokenType: "Bearer",
      expiresIn
    }))

  const openSession = Effect.fnUntraced(function* ({ account, passwordHash }: Credentials) {
    const { token, hash: tokenHash } = yield* tokens.refresh
    const createdAt = yield* now
    const expiresAt = new Date(createdAt.getTime() + refreshTokenMillis)
    const id = yield* newId(SessionId)
    yield* sessions.open({ id, accountId: account.id, tokenHash, createdAt, expiresAt }, passwordHash)
    return yield* tokensFor(account, token)
  })

  const login = Effect.fnUntraced(function* (input: LoginInput) {
    const { email, password } = yield* decodeLogin(input)
    const known = yield* store.credentials(normalizeEmail(email))
    const hash = Option.isSome(known) ? known.value.passwordHash : yield* decoy
    const right = yield* hasher.verify(Redacted.make(password), hash)
    if (Option.isNone(known) || !right || known.value.disabled) return yield* new InvalidCredentials()
    return yield* openSession(known.value)
  })

  const refresh = Effect.fnUntraced(function* (given: string) {
    const { refreshToken } = yield* decodeRefreshToken({ refreshToken: given })
    const { token, hash: to } = yield* tokens.refresh
    const account = yield* sessions.refresh({ from: tokens.hashRefresh(refreshToken), to, at: yield* now })
    return yield* tokensFor(account, token)
  })

  const logout = Effect.fnUntraced(function* (given: string) {
    const { refreshToken } = yield* decodeRefreshToken({ refreshToken: given })
    yield* sessions.end(tokens.hashRefresh(refreshToken), yield* now)
  })

  const changePassword = Effect.fnUntraced(function* (input: ChangePasswordInput) {
    const { accountId, currentPassword, newPassword } = yield* decodeChangePassword(input)
    const known = yield* store.credentialsOf(accountId)
    if (Option.isNone(known) || known.value.disabled) return yield* new Unauthenticated()
    const { passwordHash: from } = known.value
    if (!(yield* hasher.verify(Redacted.make(currentPassword), from))) return yield* new InvalidCredentials()
    const to = yield* hasher.hash(Redacted.make(newPassword))
    yield* store.changePassword({ accountId, from, to, at: yield* now })
  })

  const ensureAdmin = Effect.fnUntraced(function* (input: RegisterInput) {
    const { email } = yield* decodeRegister(input)
    const isAdmin = store
      .credentials(normalizeEmail(email))
      .pipe(Effect.map(Option.map(({ account }) => account.role === "admin")))
    const known = yield* isAdmin
    if (Option.isSome(known)) return known.value ? { created: false } : yield* new EmailTaken({ email })
    return yield* Effect.as(createAdmin(input), { created: true }).pipe(
      // Another process may have made it in the meantime.
      Effect.catchTag("EmailTaken", (taken) =>
        Effect.flatMap(isAdmin, (admin) =>
          Option.contains(admin, true) ? Effect.succeed({ created: false }) : taken
        )
      )
    )
  })

  const get = (id: AccountId) =>
    Effect.flatMap(
      store.get(id),
      Option.match({ onNone: () => new Unauthenticated(), onSome: Effect.succeed<Account> })
    )

  /** What is done to an account, at this time. */
  const atNow = <E>(work: (accountId: AccountId, at: Date) => Effect.Effect<void, E>) =>
    Effect.fnUntraced(function* (given: string) {
      const { accountId } = yield* decodeAccountId({ accountId: given })
      yield* work(accountId, yield* now)
    })

  const methods = traced("Accounts", {
    register: create("customer"),
    login,
    refresh,
    logout,
    logoutEverywhere: atNow(sessions.endAll),
    changePassword,
    disable: atNow(store.disable),
    enable: atNow(store.enable),
    get,
    createAdmin,
    ensureAdmin
  })
  // Nearly always a look into what was verified before, for each request: not worth a span.
  return Accounts.of({ ...methods, authenticate: tokens.verify })
})
