import fs from "node:fs/promises"
import path from "node:path"

/** Beside the files of the database: says that they were made, and by which version of PostgreSQL. */
const markOf = (directory: string) => path.join(directory, "created-by-postgresql")
const versionOf = (files: string) => path.join(files, "PG_VERSION")
/** Every database has it once it has been created. */
const controlOf = (files: string) => path.join(files, "global", "pg_control")

const exists = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false
      throw error
    }
  )

/**
 * Returns why a directory must not be opened: it had a database, and its file `PG_VERSION` is missing. PGlite would create
 * an empty database over the remaining files.
 */
export const damageOf = async (directory: string, files: string): Promise<string | undefined> => {
  if (await exists(versionOf(files))) return undefined
  return (await exists(markOf(directory))) || (await exists(controlOf(files)))
    ? `The database in ${directory} is damaged: ${versionOf(files)} is missing. Restore the directory from a backup`
    : undefined
}

/** Marks a directory whose database is open. */
export const markCreated = async (directory: string, files: string): Promise<void> => {
  if (!(await exists(markOf(directory)))) {
    await fs.writeFile(markOf(directory), await fs.readFile(versionOf(files)), { mode: 0o600 })
  }
}
