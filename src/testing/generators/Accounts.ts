import { Arbitrary } from "effect"
import { type Account, Role } from "../../domain/accounts/Account.ts"
import { AccountId } from "../../domain/shared/Ids.ts"
import { time } from "./Texts.ts"
import { type Gen, oneOf, pick, struct } from "./Values.ts"

const mailbox = Arbitrary.map(
  Arbitrary.array(pick(["a", "B", "0", ".", "+", "é", "ß", "漢", "🛒", "'", "%", "_"]), {
    minLength: 1,
    maxLength: 60
  }),
  (pieces) => pieces.join("")
)

/** Generates valid email addresses, including unusual ones. */
export const email: Gen<string> = Arbitrary.map(
  Arbitrary.all([mailbox, oneOf([pick(["example.com", "localhost"]), mailbox])]),
  ([local, domain]) => `${local}@${domain}`
)

const utf8 = new TextEncoder()

/** Generates valid passwords. Half of them have exactly 72 bytes, the limit of bcrypt. */
export const password: Gen<string> = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(pick(["p", "W", "1", " ", "é", "漢", "🛒"]), { minLength: 8, maxLength: 18 }),
    pick([false, true])
  ]),
  ([pieces, full]) => {
    const short = pieces.join("")
    return full ? short + "x".repeat(72 - utf8.encode(short).length) : short
  }
)

export const account: Gen<Account> = struct({
  id: Arbitrary.schema(AccountId),
  email,
  role: pick(Role.literals),
  createdAt: time
})
