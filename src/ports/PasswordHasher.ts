import { Context, type Effect, type Redacted } from "effect"
import type { HasherBusy } from "./errors.ts"

/** Hashes passwords, slowly on purpose, and without holding up anything else. */
export class PasswordHasher extends Context.Service<
  PasswordHasher,
  {
    /** A salted hash that carries all that `verify` needs. */
    readonly hash: (password: Redacted.Redacted) => Effect.Effect<string, HasherBusy>
    readonly verify: (password: Redacted.Redacted, hash: string) => Effect.Effect<boolean, HasherBusy>
  }
>()("effect-commerce/ports/PasswordHasher") {}
