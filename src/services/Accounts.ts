import { Context, Duration, Effect, Layer, Option, Redacted, Schedule, Schema, Stream } from "effect"
import { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import {
  type Account,
  AccountKey,
  AccountNotFound,
  DisableRefused,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail,
  type Role,
  type Tokens,
  WrongPassword
} from "../domain/accounts/Account.ts"
import { InvalidResetToken, type PasswordReset } from "../domain/accounts/PasswordReset.ts"
import type { InvalidRefreshToken } from "../domain/accounts/Session.ts"
import { AccountId, SessionId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import { preparePassword } from "../domain/shared/Text.ts"
import { AccountStore, type Credentials } from "../ports/AccountStore.ts"
import type { HasherBusy, StoreUnavailable } from "../ports/errors.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { type Claims, TokenIssuer } from "../ports/TokenIssuer.ts"
import { Auth, type AuthSettings } from "../settings/AuthSettings.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { checkedHasher, checkedIssuer } from "./CheckedPorts.ts"
import { Ids, now } from "./Ids.ts"
import {
  type AccountFilterInput,
  type AccountQueryInput,
  type ChangePasswordInput,
  decodeAccountFilter,
  decodeAccountId,
  decodeAccountQuery,
  decodeChangePassword,
  decodeDisable,
  decodeLogin,
  decodeNewPassword,
  decodePasswordReset,
  decodeRefreshToken,
  decodeRegister,
  type LoginInput,
  type NewPasswordInput,
  type PasswordResetInput,
  type RegisterInput
} from "./inputs/Accounts.ts"
import type { ActorOptions } from "./inputs/Options.ts"

type Outage = HasherBusy | StoreUnavailable

/** Registers accounts, logs them in and out, and verifies access tokens. */
export class Accounts extends Context.Service<
  Accounts,
  {
    /** Creates a customer. Never creates an admin. */
    readonly register: (input: RegisterInput) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /**
     * Returns an access token and a refresh token. An unknown email and a wrong password fail with the same error, after the same
     * time.
     */
    readonly login: (input: LoginInput) => Effect.Effect<Tokens, InvalidInput | InvalidCredentials | Outage>
    /**
     * Exchanges a refresh token for new tokens. A refresh token can be used once. A second use ends the session, because the
     * token may be stolen: log in again if the response was lost.
     */
    readonly refresh: (
      refreshToken: string
    ) => Effect.Effect<Tokens, InvalidInput | InvalidRefreshToken | StoreUnavailable>
    /** Ends the session of a refresh token, if there is one. Access tokens stay valid until they expire. */
    readonly logout: (refreshToken: string) => Effect.Effect<void, InvalidInput | StoreUnavailable>
    /** Ends all sessions of an account. Access tokens stay valid until they expire. */
    readonly logoutEverywhere: (accountId: string) => Effect.Effect<void, InvalidInput | StoreUnavailable>
    /** Changes the password, and ends all sessions of the account. */
    readonly changePassword: (
      input: ChangePasswordInput
    ) => Effect.Effect<void, InvalidInput | WrongPassword | Unauthenticated | Outage>
    /**
     * Returns a token that sets a new password of the account once, or `null` if no account that can log in has this email. A
     * newer token replaces an earlier one. The host mails it. Answer a visitor the same, and before this call: it takes longer for an
     * email that is known.
     */
    readonly requestPasswordReset: (
      input: PasswordResetInput
    ) => Effect.Effect<PasswordReset | null, InvalidInput | StoreUnavailable>
    /** Sets a new password with a reset token, and ends all sessions of the account. Of concurrent uses of a token one succeeds. */
    readonly resetPassword: (
      input: NewPasswordInput
    ) => Effect.Effect<void, InvalidInput | InvalidResetToken | Outage>
    /**
     * Ends all sessions of an account and refuses its logins. Its reset token is forgotten. Access tokens stay valid until they expire.
     * Returns the account, also if it is disabled already. Fails with `DisableRefused` for the last admin, and for the account of the
     * `actor`.
     */
    readonly disable: (
      accountId: string,
      options?: ActorOptions
    ) => Effect.Effect<Account, InvalidInput | AccountNotFound | DisableRefused | StoreUnavailable>
    /** Accepts logins of a disabled account again, and returns it. Its sessions stay ended. */
    readonly enable: (
      accountId: string
    ) => Effect.Effect<Account, InvalidInput | AccountNotFound | StoreUnavailable>
    /** Returns an account, also if it is disabled. */
    readonly find: (
      accountId: string
    ) => Effect.Effect<Account, InvalidInput | AccountNotFound | StoreUnavailable>
    /** Returns a page of the accounts, newest first, or of the one that has an email. */
    readonly list: (
      query?: AccountQueryInput
    ) => Effect.Effect<Page<Account>, InvalidInput | StoreUnavailable>
    /** Streams all accounts, newest first. Reads a page when its first account is needed. */
    readonly listAll: (filter?: AccountFilterInput) => Stream.Stream<Account, InvalidInput | StoreUnavailable>
    /** Verifies an access token, and returns the id and the role of its account. */
    readonly authenticate: (accessToken: string) => Effect.Effect<Claims, Unauthenticated>
    /** Returns an account. Fails with `Unauthenticated` if it does not exist or is disabled. */
    readonly get: (
      accountId: string
    ) => Effect.Effect<Account, InvalidInput | Unauthenticated | StoreUnavailable>
    /** Creates an admin. */
    readonly createAdmin: (input: RegisterInput) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /** Creates an admin unless one has this email. Fails with `EmailTaken` if a customer has it. */
    readonly ensureAdmin: (
      input: RegisterInput
    ) => Effect.Effect<{ readonly created: boolean }, InvalidInput | EmailTaken | Outage>
  }
>()("effect-commerce/services/Accounts") {
  static readonly layer = (settings: Pick<AuthSettings, "refreshTokenTtl" | "passwordResetTtl"> = {}) =>
    Layer.provide(Layer.effect(Accounts, make(settings)), Ids.layer)
}

const decodeSettings = Schema.decodeSync(Auth)

const accountPages = keyset(AccountKey)

/** A password as it is hashed and compared: this is the only way from an input to the hasher. */
const prepared = (password: string): Redacted.Redacted => Redacted.make(preparePassword(password))

const make = Effect.fnUntraced(function* (settings: AuthSettings) {
  const { passwordResetTtl, refreshTokenTtl } = decodeSettings(settings)
  const refreshTokenMillis = Duration.toMillis(refreshTokenTtl)
  const resetMillis = Duration.toMillis(passwordResetTtl)
  const store = yield* AccountStore
  const sessions = yield* SessionStore
  const hasher = checkedHasher(yield* PasswordHasher)
  const tokens = checkedIssuer(yield* TokenIssuer)
  const newId = yield* Ids
  // A login with an unknown email is checked against this hash, so that it takes as long as any other. It is made by the first login:
  // a shop without logins hashes nothing. If that login is interrupted the hash is still made, since the next one needs it.
  const decoy = yield* hasher
    .hash(Redacted.make("not the password of any account"))
    .pipe(Effect.retry(Schedule.spaced("50 millis")), Effect.uninterruptible, Effect.cached)

  const create = (role: Role) =>
    Effect.fnUntraced(function* (input: RegisterInput) {
      const { email, password } = yield* decodeRegister(input)
      const passwordHash = yield* hasher.hash(prepared(password))
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

  /** Replaces a hash of other parameters than today's. It can wait for another login while the hasher is busy. */
  const renewed = Effect.fnUntraced(function* (known: Credentials, password: Redacted.Redacted) {
    const { account, passwordHash: from } = known
    if (!hasher.needsRehash(from)) return known
    const hash = yield* Effect.option(hasher.hash(password))
    if (Option.isNone(hash)) return known
    const passwordHash = hash.value
    // If the password has changed meanwhile, the session is refused.
    yield* store.renewHash({ accountId: account.id, from, to: passwordHash })
    return { ...known, passwordHash }
  })

  const login = Effect.fnUntraced(function* (input: LoginInput) {
    const { email, password } = yield* decodeLogin(input)
    const known = yield* store.credentials(normalizeEmail(email))
    // Also for a known email: otherwise the first unknown one would take longer.
    const unknown = yield* decoy
    const hash = Option.isSome(known) ? known.value.passwordHash : unknown
    const right = yield* hasher.verify(prepared(password), hash)
    if (Option.isNone(known) || !right || known.value.disabled) return yield* new InvalidCredentials()
    return yield* openSession(yield* renewed(known.value, prepared(password)))
  })

  const refresh = Effect.fnUntraced(function* (given: string) {
    const { refreshToken } = yield* decodeRefreshToken({ refreshToken: given })
    const { token, hash: to } = yield* tokens.refresh
    const account = yield* sessions.refresh({
      from: yield* tokens.hashRefresh(refreshToken),
      to,
      at: yield* now
    })
    return yield* tokensFor(account, token)
  })

  const logout = Effect.fnUntraced(function* (given: string) {
    const { refreshToken } = yield* decodeRefreshToken({ refreshToken: given })
    yield* sessions.end(yield* tokens.hashRefresh(refreshToken), yield* now)
  })

  const changePassword = Effect.fnUntraced(function* (input: ChangePasswordInput) {
    const { accountId, currentPassword, newPassword } = yield* decodeChangePassword(input)
    const known = yield* store.credentialsOf(accountId)
    if (Option.isNone(known) || known.value.disabled) return yield* new Unauthenticated()
    const { passwordHash: from } = known.value
    if (!(yield* hasher.verify(prepared(currentPassword), from))) return yield* new WrongPassword()
    const to = yield* hasher.hash(prepared(newPassword))
    // The password was changed meanwhile.
    yield* Effect.catchTag(
      store.changePassword({ accountId, from, to, at: yield* now }),
      "InvalidCredentials",
      () => Effect.fail(new WrongPassword())
    )
  })

  const ensureAdmin = Effect.fnUntraced(function* (input: RegisterInput) {
    const { email } = yield* decodeRegister(input)
    const isAdmin = store
      .credentials(normalizeEmail(email))
      .pipe(Effect.map(Option.map(({ account }) => account.role === "admin")))
    const known = yield* isAdmin
    if (Option.isSome(known)) return known.value ? { created: false } : yield* new EmailTaken({ email })
    return yield* Effect.as(createAdmin(input), { created: true }).pipe(
      // Another process may have created it in the meantime.
      Effect.catchTag("EmailTaken", (taken) =>
        Effect.flatMap(isAdmin, (admin) =>
          Option.contains(admin, true) ? Effect.succeed({ created: false }) : taken
        )
      )
    )
  })

  const get = Effect.fnUntraced(function* (given: string) {
    const { accountId } = yield* decodeAccountId({ accountId: given })
    const found = yield* store.get(accountId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new Unauthenticated()
  })

  const find = Effect.fnUntraced(function* (given: string) {
    const { accountId } = yield* decodeAccountId({ accountId: given })
    const found = yield* store.find(accountId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new AccountNotFound({ accountId })
  })

  const list = Effect.fnUntraced(function* (input: AccountQueryInput = {}) {
    const { email, limit = defaultLimit, cursor } = yield* decodeAccountQuery(input)
    const filter = { normalizedEmail: email === undefined ? undefined : normalizeEmail(email) }
    const pages = accountPages(["accounts", filter])
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list(filter, after?.[0], limit + 1)
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const listAll = (input: AccountFilterInput = {}) =>
    Stream.unwrap(
      Effect.map(decodeAccountFilter(input), (filter) => allPages((page) => list({ ...filter, ...page })))
    )

  const disable = Effect.fnUntraced(function* (given: string, options?: ActorOptions) {
    const [{ accountId }, { actor }] = yield* decodeDisable({ accountId: given }, options)
    if (actor === accountId) return yield* new DisableRefused({ accountId, reason: "own account" })
    return yield* store.disable(accountId, yield* now)
  })

  const enable = Effect.fnUntraced(function* (given: string) {
    const { accountId } = yield* decodeAccountId({ accountId: given })
    return yield* store.enable(accountId)
  })

  const requestPasswordReset = Effect.fnUntraced(function* (input: PasswordResetInput) {
    const request = yield* decodePasswordReset(input)
    const { token, hash: tokenHash } = yield* tokens.refresh
    const expiresAt = new Date((yield* now).getTime() + resetMillis)
    const normalizedEmail = normalizeEmail(request.email)
    const account = yield* store.addReset({ normalizedEmail, tokenHash, expiresAt })
    return Option.isSome(account) ? { email: account.value.email, token, expiresAt } : null
  })

  const resetPassword = Effect.fnUntraced(function* (input: NewPasswordInput) {
    const { token, newPassword } = yield* decodeNewPassword(input)
    const tokenHash = yield* tokens.hashRefresh(token)
    // Hashing a password takes long, so it needs a valid token.
    if (!(yield* store.isResetValid(tokenHash, yield* now))) return yield* new InvalidResetToken()
    const passwordHash = yield* hasher.hash(prepared(newPassword))
    yield* store.useReset({ tokenHash, passwordHash, at: yield* now })
  })

  const logoutEverywhere = Effect.fnUntraced(function* (given: string) {
    const { accountId } = yield* decodeAccountId({ accountId: given })
    yield* sessions.endAll(accountId, yield* now)
  })

  const methods = traced("Accounts", {
    register: create("customer"),
    login,
    refresh,
    logout,
    logoutEverywhere,
    changePassword,
    requestPasswordReset,
    resetPassword,
    disable,
    enable,
    get,
    find,
    list,
    listAll,
    createAdmin,
    ensureAdmin
  })
  // Nearly always a cache hit, on every request: a span would cost more than the call.
  return Accounts.of({ ...methods, authenticate: tokens.verify })
})
