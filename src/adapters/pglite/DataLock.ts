import fs from "node:fs"
import path from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { Effect, type Scope } from "effect"
import { DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"

/** Where an open SQLite transaction is the lock. Empty for ever, and never removed, or two could hold one lock. */
const lockFile = (directory: string) => path.join(directory, "lock")

/** Apart from the lock, because a process that opens and closes a file lets go of its own locks on it. */
const pidFile = (directory: string) => path.join(directory, "lock.pid")

const sqliteBusy = 5

const isBusy = (error: unknown) =>
  error instanceof Error && "errcode" in error && error.errcode === sqliteBusy

/** Without the warning of older Nodes that `node:sqlite` is experimental; what is used of it has not changed. */
const loadSqlite = () => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Keeps the locks from the garbage collector, which would release them. */
const held = new Set<DatabaseSync>()

/** IMMEDIATE, not EXCLUSIVE: of two that start at once exactly one gets it, and not none. */
const take = (directory: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite()
  const lock = new DatabaseSync(lockFile(directory))
  try {
    lock.exec("BEGIN IMMEDIATE")
    fs.writeFileSync(pidFile(directory), String(process.pid))
  } catch (error) {
    lock.close()
    throw error
  }
  held.add(lock)
  return lock
}

const release = (directory: string, lock: DatabaseSync) => {
  fs.rmSync(pidFile(directory), { force: true })
  held.delete(lock)
  lock.close()
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** What the owner wrote, unless that was an owner before it, or one that only another container can see. */
const ownerOf = (directory: string): number | undefined => {
  try {
    const pid = Number.parseInt(fs.readFileSync(pidFile(directory), "utf8"), 10)
    return pid > 0 && isAlive(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/**
 * Holds an existing directory for this client alone until the scope closes, because PGlite does not: two on one
 * directory lose rows without an error. Fails at once if another has it. The lock ends with the process that holds
 * it, however that dies.
 *
 * A lock of the kernel's, through SQLite, because Node has no `flock`. `proper-lockfile` judges by a file's age: a
 * restart after `kill -9` would wait, and an owner whose event loop a statement holds would look dead. A Unix socket
 * has a race between finding a dead one and removing it, and containers that share a volume do not share the abstract ones.
 */
export const lockDirectory = (
  directory: string
): Effect.Effect<void, DataDirectoryInUse | EmbeddedUnavailable, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.try({
        try: () => take(directory),
        catch: (cause) =>
          isBusy(cause)
            ? new DataDirectoryInUse({ directory, pid: ownerOf(directory) })
            : new EmbeddedUnavailable({ message: `The data directory ${directory} cannot be locked`, cause })
      }),
      (lock) => Effect.sync(() => release(directory, lock))
    )
  )
