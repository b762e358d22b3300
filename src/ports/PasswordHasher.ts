import { Context, type Effect, type Redacted } from "effect"
import type { HasherBusy } from "./errors.ts"

/** Hashes passwords with a slow algorithm. Hashing must not block the event loop. */
export class PasswordHasher extends Context.Service<
  PasswordHasher,
  {
    /** Returns a salted hash. It contains all parameters that `verify` needs. Fails with `HasherBusy`. */
    readonly hash: (password: Redacted.Redacted) => Effect.Effect<string, HasherBusy>
    /** Returns whether a password matches a hash. Fails with `HasherBusy`. */
    readonly verify: (password: Redacted.Redacted, hash: string) => Effect.Effect<boolean, HasherBusy>
    /**
     * Returns whether a hash has other parameters than new ones have. The next login then replaces it. Defaults to never.
     *
     * Until then `verify` of a wrong password should cost as much as with new parameters, or its time tells who has an account.
     */
    readonly needsRehash?: (hash: string) => boolean
  }
>()("effect-commerce/ports/PasswordHasher") {}
