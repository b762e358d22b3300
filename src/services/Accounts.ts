import { Context, Duration, Effect, Layer, Option, Redacted, Schedule } from "effect"
import { Unauthenticated } from "../domain/Access.ts"
import {
  type Account,
  EmailTaken,
  emailKey,
  InvalidCredentials,
  Login,
  Registration,
  type Role,
  type Tokens
} from "../domain/Account.ts"
import { AccountId, SessionId } from "../domain/Id.ts"
import type { InvalidInput } from "../domain/InvalidInput.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { type Claims, TokenIssuer } from "../ports/TokenIssuer.ts"
import type { HasherBusy, StoreUnavailable } from "../ports/Unavailable.ts"
import { reader } from "./Input.ts"
import { newIds, now } from "./Stamp.ts"

export interface EmailAndPassword {
  readonly email: string
  readonly password: string
}

type Outage = HasherBusy | StoreUnavailable

export class Accounts extends Context.Service<
  Accounts,
  {
    /** Makes a customer; nobody becomes an admin by registering. */
    readonly register: (input: EmailAndPassword) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /** An unknown email and a wrong password answer alike and take alike. */
    readonly login: (
      input: EmailAndPassword
    ) => Effect.Effect<Tokens, InvalidInput | InvalidCredentials | Outage>
    /** Whose valid access token this is. */
    readonly authenticate: (accessToken: string) => Effect.Effect<Claims, Unauthenticated>
    /** The account itself; `Unauthenticated` if it is gone or disabled. */
    readonly get: (id: AccountId) => Effect.Effect<Account, Unauthenticated | StoreUnavailable>
    readonly createAdmin: (
      input: EmailAndPassword
    ) => Effect.Effect<Account, InvalidInput | EmailTaken | Outage>
    /** Makes the admin unless there is one with this email. A customer is never promoted: `EmailTaken`. */
    readonly ensureAdmin: (
      input: EmailAndPassword
    ) => Effect.Effect<{ readonly created: boolean }, InvalidInput | EmailTaken | Outage>
  }
>()("effect-commerce/services/Accounts") {
  static readonly layer = (settings: { readonly refreshTokenTtl?: Duration.Input | undefined } = {}) =>
    Layer.effect(Accounts, make(Duration.toMillis(settings.refreshTokenTtl ?? "30 days")))
}

const readRegistration = reader(Registration)
const readLogin = reader(Login)

const make = Effect.fnUntraced(function* (refreshTokenMillis: number) {
  const store = yield* AccountStore
  const hasher = yield* PasswordHasher
  const tokens = yield* TokenIssuer
  const newId = yield* newIds
  // What a login with an unknown email is checked against, so that it takes as long as any other.
  const decoy = yield* hasher
    .hash(Redacted.make("a password that nobody has"))
    .pipe(Effect.retry(Schedule.spaced("50 millis")), Effect.cached)
  yield* Effect.forkScoped(decoy)

  const create = (role: Role) =>
    Effect.fnUntraced(function* (input: EmailAndPassword) {
      const { email, password } = yield* readRegistration(input)
      const passwordHash = yield* hasher.hash(Redacted.make(password))
      const account: Account = { id: yield* newId(AccountId), email, role, createdAt: yield* now }
      yield* store.add(account, passwordHash)
      return account
    })
  const createAdmin = create("admin")

  const openSession = Effect.fnUntraced(function* (account: Account) {
    const { token: refreshToken, hash: tokenHash } = yield* tokens.refresh
    const createdAt = yield* now
    const expiresAt = new Date(createdAt.getTime() + refreshTokenMillis)
    const id = yield* newId(SessionId)
    yield* store.openSession({ id, accountId: account.id, tokenHash, createdAt, expiresAt })
    const { token: accessToken, expiresIn } = yield* tokens.access(account)
    return { accessToken, refreshToken, tokenType: "Bearer" as const, expiresIn }
  })

  const login = Effect.fnUntraced(function* (input: EmailAndPassword) {
    const { email, password } = yield* readLogin(input)
    const known = yield* store.credentials(emailKey(email))
    const hash = Option.isSome(known) ? known.value.passwordHash : yield* decoy
    const right = yield* hasher.verify(Redacted.make(password), hash)
    if (Option.isNone(known) || !right || known.value.disabled) return yield* new InvalidCredentials()
    return yield* openSession(known.value.account)
  })

  const ensureAdmin = Effect.fnUntraced(function* (input: EmailAndPassword) {
    const { email } = yield* readRegistration(input)
    const isAdmin = store
      .credentials(emailKey(email))
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

  return Accounts.of({
    register: create("customer"),
    login,
    authenticate: tokens.verify,
    get,
    createAdmin,
    ensureAdmin
  })
})
