import { SchemaAST } from "effect"

/** Tells whether a value certainly has no member that a schema does not declare. */
type HasOnlyKnown = (value: unknown) => boolean

const holds: HasOnlyKnown = () => true
const unsure: HasOnlyKnown = () => false

const primitives = new Set(["Null", "Undefined", "String", "Number", "Boolean", "BigInt", "Literal", "Enum"])

const compile = (ast: SchemaAST.AST): HasOnlyKnown => {
  if (primitives.has(ast._tag)) return holds
  switch (ast._tag) {
    case "Objects":
      return compileObject(ast)
    case "Arrays": {
      const [item, ...others] = ast.rest
      return ast.elements.length === 0 && others.length === 0 && item !== undefined
        ? compileArray(compile(item))
        : unsure
    }
    case "Union": {
      const [member, ...others] = ast.types.filter(({ _tag }) => !primitives.has(_tag))
      if (member === undefined) return holds
      const ofMember = compile(member)
      return others.length > 0 ? unsure : (value) => typeof value !== "object" || ofMember(value)
    }
    default:
      return unsure
  }
}

const compileArray =
  (ofItem: HasOnlyKnown): HasOnlyKnown =>
  (value) =>
    ofItem === holds || (Array.isArray(value) && value.every(ofItem))

const compileObject = ({ propertySignatures, indexSignatures }: SchemaAST.Objects): HasOnlyKnown => {
  const anyName = indexSignatures.some(
    ({ parameter, type }) => parameter === SchemaAST.string && primitives.has(type._tag)
  )
  if (anyName && propertySignatures.length === 0) return holds
  if (indexSignatures.length > 0) return unsure
  const members = new Map(propertySignatures.map(({ name, type }) => [name, compile(type)]))
  return (value) => {
    if (typeof value !== "object" || value === null) return false
    for (const name in value) {
      const ofMember = members.get(name)
      if (ofMember === undefined) return false
      if (ofMember !== holds && !ofMember(value[name as keyof typeof value])) return false
    }
    return true
  }
}

/**
 * Returns a check whether an input certainly has no unknown members, without allocations. `false` may be wrong: a strict
 * decoding tells.
 */
export const hasOnlyKnownMembers = (encoded: SchemaAST.AST): HasOnlyKnown => compile(encoded)
