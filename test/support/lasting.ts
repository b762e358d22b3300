import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"

let scope = Scope.makeUnsafe()

/** Something that lives as long as the tests of this file. */
export const lasting = <A>(resource: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Scope.provide(resource, scope))

/** Ends all of it; each test file does so, since the files of a worker share this module. */
export const endLasting = (): Promise<void> => {
  const ended = scope
  scope = Scope.makeUnsafe()
  return Effect.runPromise(Scope.close(ended, Exit.void))
}

/** A new directory, gone after the tests of this file. */
export const newDirectory = () =>
  lasting(
    Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-test-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
    )
  )
