/** The ports that guard accounts, with every answer checked: a wrong one must not open an account. */
import { Effect, Predicate, Schema } from "effect"
import { Role } from "../domain/accounts/Account.ts"
import { AccountId } from "../domain/shared/Ids.ts"
import type { PasswordHasher } from "../ports/PasswordHasher.ts"
import type { TokenIssuer } from "../ports/TokenIssuer.ts"
import { answerOf } from "./HostAnswer.ts"

const isText = (value: unknown): value is string => Predicate.isString(value) && value !== ""

const isHash = answerOf("PasswordHasher.hash", "a hash, as text", isText)
const isMatch = answerOf("PasswordHasher.verify", "true or false", Predicate.isBoolean)

/** Dies with `WrongAnswer` if the hasher answers anything else than its type says. */
export const checkedHasher = (hasher: PasswordHasher["Service"]): Required<PasswordHasher["Service"]> => ({
  hash: (password) => Effect.flatMap(hasher.hash(password), isHash),
  verify: (password, hash) => Effect.flatMap(hasher.verify(password, hash), isMatch),
  needsRehash: (hash) => hasher.needsRehash?.(hash) === true
})

const isAccess = answerOf(
  "TokenIssuer.access",
  "a token and its lifetime in seconds",
  Schema.is(Schema.Struct({ token: Schema.NonEmptyString, expiresIn: Schema.Finite }))
)
const areClaims = answerOf(
  "TokenIssuer.verify",
  "the id and the role of an account",
  Schema.is(Schema.Struct({ id: AccountId, role: Role }))
)
const isRefresh = answerOf(
  "TokenIssuer.refresh",
  "a token and its hash",
  Schema.is(Schema.Struct({ token: Schema.NonEmptyString, hash: Schema.NonEmptyString }))
)
const isRefreshHash = answerOf("TokenIssuer.hashRefresh", "a hash, as text", isText)

/** Dies with `WrongAnswer` if the issuer answers anything else than its type says. */
export const checkedIssuer = (tokens: TokenIssuer["Service"]) => ({
  access: (claims: Parameters<typeof tokens.access>[0]) => Effect.flatMap(tokens.access(claims), isAccess),
  verify: (token: string) => Effect.flatMap(tokens.verify(token), areClaims),
  refresh: Effect.flatMap(tokens.refresh, isRefresh),
  hashRefresh: (token: string) => Effect.suspend(() => isRefreshHash(tokens.hashRefresh(token)))
})
