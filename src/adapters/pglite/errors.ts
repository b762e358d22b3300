import { Schema } from "effect"

/** The embedded database cannot be opened: PGlite is not installed, or the data directory is unusable. */
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  message: Schema.String,
  cause: Schema.Defect()
}) {}

/**
 * Another process, or another client in this process, has opened the data directory. `pid` is its process id, if
 * known.
 */
export class DataDirectoryInUse extends Schema.TaggedError<DataDirectoryInUse>()("DataDirectoryInUse", {
  directory: Schema.String,
  pid: Schema.UndefinedOr(Schema.Int)
}) {
  override get message() {
    const owner = this.pid === undefined ? "another process" : `process ${this.pid}`
    return `The data directory ${this.directory} is already in use by ${owner}.`
  }
}
