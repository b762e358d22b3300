import { Effect, Redacted } from "effect"
import * as Bcrypt from "effect-commerce/bcrypt"
import { PasswordHasher } from "effect-commerce/ports"

const verified = PasswordHasher.use((hasher) => {
  const password = Redacted.make("correct horse")
  return Effect.flatMap(hasher.hash(password), (hash) => hasher.verify(password, hash))
})
const right: boolean = await Effect.runPromise(Effect.provide(verified, Bcrypt.layer({ cost: 4 })))
console.log(right)
