import { Schema } from "effect"

/** The embedded database cannot be opened: PGlite is not installed, or its directory cannot be used. */
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  message: Schema.String,
  cause: Schema.Defect()
}) {}
