import fs from "node:fs/promises"
import path from "node:path"

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)

/**
 * Creates a directory and its missing parents with mode 0700.
 *
 * It does not use Node's `recursive`, which loops endlessly where creation is impossible, as in `/proc`.
 */
export const makePrivateDirectory = async (directory: string): Promise<void> => {
  const make = () => fs.mkdir(directory, { mode: 0o700 })
  try {
    await make()
  } catch (error) {
    const parent = path.dirname(directory)
    if (codeOf(error) === "ENOENT" && parent !== directory) {
      await makePrivateDirectory(parent)
      await make().catch(unlessDirectoryExists(directory))
    } else await unlessDirectoryExists(directory)(error)
  }
}

const unlessDirectoryExists = (directory: string) => async (error: unknown) => {
  const found = await fs.stat(directory).catch(() => undefined)
  if (found?.isDirectory() !== true) throw error
}
