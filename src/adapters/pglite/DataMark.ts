import fs from "node:fs/promises"
import path from "node:path"

/**
 * Beside the files of the database: empty while they are made for the first time, then the version of PostgreSQL that made
 * them.
 */
const markOf = (directory: string) => path.join(directory, "created-by-postgresql")
const versionOf = (files: string) => path.join(files, "PG_VERSION")
/** Exists in every database. */
const controlOf = (files: string) => path.join(files, "global", "pg_control")

/** Only a missing file is missing: whatever else fails must not look like a new directory. */
const read = (file: string): Promise<Buffer | undefined> =>
  fs.readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })

/**
 * Returns why a directory must not be opened: it had a database, and its file `PG_VERSION` is missing. PGlite would create
 * an empty database over the remaining files. Marks a new directory; a creation that was interrupted is repeated.
 */
export const damageOf = async (directory: string, files: string): Promise<string | undefined> => {
  if ((await read(versionOf(files))) !== undefined) return undefined
  const mark = await read(markOf(directory))
  const hadDatabase = mark === undefined ? (await read(controlOf(files))) !== undefined : mark.length > 0
  if (hadDatabase) {
    return `The database in ${directory} is damaged: ${versionOf(files)} is missing. Restore the directory from a backup`
  }
  await fs.writeFile(markOf(directory), "", { mode: 0o600 })
  return undefined
}

/** Returns the major version of PostgreSQL that made the files. */
export const madeBy = async (files: string): Promise<string> =>
  (await read(versionOf(files)))?.toString().trim() ?? "an unknown version"

/** Marks a directory whose database is open. */
export const markCreated = async (directory: string, files: string): Promise<void> => {
  const mark = await read(markOf(directory))
  if (mark === undefined || mark.length === 0) {
    await fs.writeFile(markOf(directory), (await read(versionOf(files))) ?? "", { mode: 0o600 })
  }
}
