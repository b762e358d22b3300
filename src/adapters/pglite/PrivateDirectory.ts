import fs from "node:fs/promises"
import path from "node:path"

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)

/**
 * Makes a directory and those that it lies in, for their owner alone, where there are none. Node's own `recursive`
 * tries for ever where nothing can be made although all above is there, as in `/proc`.
 */
export const makePrivateDirectory = async (directory: string): Promise<void> => {
  const make = () => fs.mkdir(directory, { mode: 0o700 })
  try {
    await make()
  } catch (error) {
    const parent = path.dirname(directory)
    if (codeOf(error) === "ENOENT" && parent !== directory) {
      await makePrivateDirectory(parent)
      await make().catch(ifIsThere(directory))
    } else await ifIsThere(directory)(error)
  }
}

const ifIsThere = (directory: string) => async (error: unknown) => {
  const found = await fs.stat(directory).catch(() => undefined)
  if (found?.isDirectory() !== true) throw error
}
