import fs from "node:fs"
import path from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { Effect, type Scope } from "effect"
import { DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"

/**
 * File of the lock, which an open SQLite transaction holds. It stays empty and is never removed: after a removal
 * two processes could hold a lock each.
 */
const lockFile = (directory: string) => path.join(directory, "lock")

/**
 * Separate from the lock file: POSIX releases all locks of a process on a file when it closes any descriptor of
 * it.
 */
const pidFile = (directory: string) => path.join(directory, "lock.pid")

const sqliteBusy = { errcode: 5, message: "database is locked" } as const

/** Deno's errors have SQLite's message, and no `errcode`. */
const isBusy = (error: unknown) =>
  error instanceof Error &&
  ("errcode" in error ? error.errcode === sqliteBusy.errcode : error.message === sqliteBusy.message)

/**
 * Loads `node:sqlite` without the experimental warning of older Node versions. The API used here is unchanged
 * since.
 */
const loadSqlite = () => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Keeps references to the locks, since garbage collection would release them. */
const heldLocks = new Set<DatabaseSync>()

/** Uses BEGIN IMMEDIATE. With EXCLUSIVE, two concurrent processes could both fail. */
const acquire = (directory: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite()
  const lock = new DatabaseSync(lockFile(directory))
  try {
    lock.exec("BEGIN IMMEDIATE")
    fs.writeFileSync(pidFile(directory), String(process.pid))
  } catch (error) {
    lock.close()
    throw error
  }
  heldLocks.add(lock)
  return lock
}

const release = (directory: string, lock: DatabaseSync) => {
  fs.rmSync(pidFile(directory), { force: true })
  heldLocks.delete(lock)
  lock.close()
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/**
 * Returns the process id of the owner. Returns `undefined` if the file is stale, or if the owner runs in another
 * container.
 */
const ownerOf = (directory: string): number | undefined => {
  try {
    const pid = Number.parseInt(fs.readFileSync(pidFile(directory), "utf8"), 10)
    return pid > 0 && isAlive(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/**
 * Locks an existing directory until the scope closes. Fails with `DataDirectoryInUse` if another client holds the
 * lock.
 *
 * PGlite itself has no lock: two clients on one directory lose rows without an error. The kernel releases the lock
 * when its process ends, however it ends.
 *
 * SQLite provides the kernel lock, since Node has no `flock`. Alternatives fail: `proper-lockfile` judges by the
 * age of a file, which delays a restart after `kill -9` and mistakes a blocked event loop for a dead owner. A Unix
 * socket has a race while a stale one is removed. Containers that share a volume do not share abstract sockets.
 */
export const lockDirectory = (
  directory: string
): Effect.Effect<void, DataDirectoryInUse | EmbeddedUnavailable, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.try({
        try: () => acquire(directory),
        catch: (cause) =>
          isBusy(cause)
            ? new DataDirectoryInUse({ directory, pid: ownerOf(directory) })
            : new EmbeddedUnavailable({ message: `The data directory ${directory} cannot be locked.`, cause })
      }),
      (lock) => Effect.sync(() => release(directory, lock))
    )
  )
