const scheme = /^([a-z][a-z-]*):\/\/(.*)$/s

/**
 * Returns the directory of an embedded database, or `memory`, as PGlite reads it: `memory://` and `file://path` are PGlite's own
 * forms. Returns `undefined` for its other forms, which browsers alone have, and for an empty text.
 */
export const dataDirectoryOf = (text: string): string | undefined => {
  const [, name, rest = ""] = scheme.exec(text) ?? []
  if (name === "memory") return "memory"
  const directory = name === undefined ? text : name === "file" ? rest : ""
  return directory === "" ? undefined : directory
}
