import { statfsSync } from "node:fs"

/** What all databases of a run need at once, with plenty to spare. */
const enough = 4 * 1024 ** 3

const isLarge = (directory: string) => {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize >= enough
  } catch {
    return false
  }
}

/**
 * Puts the temporary files of tests into memory, where there is enough: a database is hundreds of files, which a file
 * system on a disk is slow to make and to remove, even if nobody waits for the disk.
 */
export const useMemory = (): void => {
  if (process.env.TMPDIR === undefined && isLarge("/dev/shm")) process.env.TMPDIR = "/dev/shm"
}
