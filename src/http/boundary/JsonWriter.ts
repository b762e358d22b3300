import { type Schema, SchemaAST } from "effect"
import { Instant } from "../../domain/shared/Instant.ts"

/** Returns a value as JSON text, or `undefined` if it cannot tell how. */
export type WriteJson = (value: unknown) => string | undefined

const unsure: WriteJson = () => undefined

const writeString: WriteJson = (value) => (typeof value === "string" ? JSON.stringify(value) : undefined)

const writers: { readonly [Tag in SchemaAST.AST["_tag"]]?: WriteJson } = {
  Null: (value) => (value === null ? "null" : undefined),
  String: writeString,
  Number: (value) => (Number.isFinite(value) ? String(value) : undefined),
  Boolean: (value) => (typeof value === "boolean" ? String(value) : undefined)
}

/** Texts of instants, by their milliseconds since 1970. Making one takes as long as writing the rest of a product's members. */
const instants = new Map<number, string>()
const maxInstants = 10_000

const writeInstant: WriteJson = (value) => {
  if (!(value instanceof Date)) return undefined
  const time = value.getTime()
  const known = instants.get(time)
  if (known !== undefined || Number.isNaN(time)) return known
  const text = `"${value.toISOString()}"`
  if (instants.size >= maxInstants) instants.clear()
  instants.set(time, text)
  return text
}

/** An optional member has a node of its own, with the same annotations. */
const isInstant = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Declaration" && ast.annotations?.toCodecJson === Instant.ast.annotations?.toCodecJson

const filtersOf = (check: SchemaAST.Check<never>): ReadonlyArray<SchemaAST.Filter<never>> =>
  check._tag === "Filter" ? [check] : check.checks.flatMap(filtersOf)

/** Writes only what passes the checks of a schema: a range, a pattern. */
const checked = (ast: SchemaAST.AST, write: WriteJson): WriteJson => {
  const filters = (ast.checks ?? []).flatMap(filtersOf)
  if (filters.length === 0) return write
  return (value) => {
    const text = write(value)
    if (text === undefined) return undefined
    for (const filter of filters) {
      if (filter.run(value as never, ast, {}) !== undefined) return undefined
    }
    return text
  }
}

/** Whether encoding leaves a value as it is, as it does with an id. */
const isKept = ({ encoding }: SchemaAST.AST): boolean =>
  encoding === undefined ||
  encoding.every(
    ({ transformation }) =>
      transformation._tag === "Transformation" && transformation.encode._tag === "Passthrough"
  )

const compile = (ast: SchemaAST.AST): WriteJson => checked(ast, compileType(ast))

const compileType = (ast: SchemaAST.AST): WriteJson => {
  if (isInstant(ast)) return writeInstant
  if (!isKept(ast)) return unsure
  switch (ast._tag) {
    case "Literal": {
      const written = JSON.stringify(ast.literal)
      return (value) => (value === ast.literal ? written : undefined)
    }
    case "Objects":
      return compileObject(ast)
    case "Arrays":
      return compileArray(ast)
    case "Union":
      return compileUnion(ast)
    default:
      return writers[ast._tag] ?? unsure
  }
}

const compileUnion = ({ types }: SchemaAST.Union): WriteJson => {
  const members = types.map(compile)
  // A value of a member that is not known must not be taken for one of another.
  if (members.includes(unsure)) return unsure
  return (value) => {
    for (const write of members) {
      const written = write(value)
      if (written !== undefined) return written
    }
    return undefined
  }
}

const compileArray = ({ elements, rest }: SchemaAST.Arrays): WriteJson => {
  const [item, ...others] = rest
  if (item === undefined || others.length > 0 || elements.some((element) => element !== item)) return unsure
  const write = compile(item)
  return (value) => {
    if (!Array.isArray(value) || value.length < elements.length) return undefined
    let text = "["
    for (let index = 0; index < value.length; index++) {
      const written = write(value[index])
      if (written === undefined) return undefined
      text += index === 0 ? written : `,${written}`
    }
    return `${text}]`
  }
}

const compileObject = ({ propertySignatures, indexSignatures }: SchemaAST.Objects): WriteJson => {
  if (indexSignatures.length > 0) {
    const [only, ...others] = indexSignatures
    const isRecord = propertySignatures.length === 0 && others.length === 0
    return isRecord && only?.parameter === SchemaAST.string && only.type === SchemaAST.string
      ? writeTexts
      : unsure
  }
  const members = propertySignatures.map(({ name, type }) => ({
    name,
    key: `${JSON.stringify(name)}:`,
    isOptional: SchemaAST.isOptional(type),
    write: compile(type)
  }))
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    let text = ""
    for (const { name, key, isOptional, write } of members) {
      const member: unknown = value[name as keyof typeof value]
      if (member === undefined && isOptional && !(name in value)) continue
      const written = write(member)
      if (written === undefined) return undefined
      text += text === "" ? key + written : `,${key}${written}`
    }
    return `{${text}}`
  }
}

const writeTexts: WriteJson = (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  let text = ""
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== "string") return undefined
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(member)}`
  }
  return `{${text}}`
}

/**
 * Compiles a schema into a function that writes its values as JSON, several times as fast as encoding them does. It writes just what
 * encoding would, in the order of the schema, and no member that the schema does not declare. Where it is unsure, about the value or about
 * the schema, it returns `undefined`, and encoding decides: a value that breaks the schema stays a defect.
 */
export const jsonWriter = (schema: Schema.Top): WriteJson => compile(schema.ast)
