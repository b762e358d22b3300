/**
 * Loaded before a program: its databases in memory begin with what a first start has left behind in `PREPARED_DATA`.
 * A first start of their own is most of the work of a small program.
 */
import { openAsBlob } from "node:fs"
import { PGlite } from "@electric-sql/pglite"

const create = PGlite.create.bind(PGlite)
const loadDataDir = await openAsBlob(process.env.PREPARED_DATA ?? "")

Object.assign(PGlite, {
  create: (directory?: string) => create(directory === undefined ? { loadDataDir } : { dataDir: directory })
})
