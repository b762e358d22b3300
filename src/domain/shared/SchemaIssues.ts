/**
 * Translates schema issues into messages for callers. Messages describe expected values. They contain neither type
 * names nor the rejected value, which may be secret.
 */
import { JsonPointer, type SchemaAST, type SchemaIssue } from "effect"

/** Joins words with commas and "or": "day, week or month". */
export const orList = (words: ReadonlyArray<string>): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ")

const typeNames: Partial<Record<SchemaAST.AST["_tag"], string>> = {
  Null: "null",
  String: "a string",
  Number: "a number",
  Boolean: "true or false",
  Arrays: "an array",
  Objects: "an object"
}

const annotated = (annotations: object | undefined, name: string): string | undefined => {
  const text = (annotations as Readonly<Record<string, unknown>> | undefined)?.[name]
  return typeof text === "string" ? text : undefined
}

/** Lists the values that a schema accepts, without `undefined`. */
const valuesOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  switch (ast._tag) {
    case "Undefined":
      return []
    case "Union": {
      const all = annotated(ast.annotations, "expected")
      return all === undefined ? ast.types.flatMap(valuesOf) : [all]
    }
    case "Literal":
      return [String(ast.literal)]
    case "Number":
      return [annotated(ast.checks?.at(-1)?.annotations, "expected") ?? "a number"]
    default:
      return [annotated(ast.annotations, "expected") ?? typeNames[ast._tag] ?? "another value"]
  }
}

const expected = (ast: SchemaAST.AST): string => `Expected ${orList(valuesOf(ast))}`

const ofAnnotations = (annotations: object | undefined): string | undefined => {
  const value = annotated(annotations, "expected")
  return annotated(annotations, "message") ?? (value === undefined ? undefined : `Expected ${value}`)
}

/** Message of a failed check about the whole value. Returns `undefined` if the issue points into the value. */
const ofCheck = ({ filter, issue }: SchemaIssue.Filter): string | undefined =>
  issue._tag === "InvalidValue"
    ? (ofAnnotations(issue.annotations) ?? ofAnnotations(filter.annotations))
    : annotated(filter.annotations, "message")

/** Message of a member that nothing reads. */
export const unknownKey = "Unknown key"

const ofLeaf = (issue: SchemaIssue.Leaf): string => {
  switch (issue._tag) {
    case "InvalidType":
    case "OneOf":
      return expected(issue.ast)
    case "MissingKey":
      return annotated(issue.annotations, "messageMissingKey") ?? "Missing key"
    case "UnexpectedKey":
      return unknownKey
    default:
      return ofAnnotations(issue.annotations) ?? "Expected another value"
  }
}

type Path = ReadonlyArray<PropertyKey>

/** Returns a path as a JSON Pointer (RFC 6901). */
export const pointer = (path: Path): string =>
  path.map((token) => `/${JsonPointer.escapeToken(String(token))}`).join("")

/** Lists all faults of an issue, each with its location as a JSON Pointer (RFC 6901). */
export const faultsOf = (
  issue: SchemaIssue.Issue,
  path: Path = [],
  inherited?: string
): ReadonlyArray<{ readonly path: string; readonly message: string }> => {
  switch (issue._tag) {
    case "Pointer":
      return faultsOf(issue.issue, [...path, ...issue.path], inherited)
    case "Filter":
      return faultsOf(issue.issue, path, inherited ?? ofCheck(issue))
    case "Encoding":
      return faultsOf(issue.issue, path, inherited)
    case "Composite":
      return issue.issues.flatMap((one) => faultsOf(one, path, inherited))
    case "AnyOf":
      return issue.issues.length > 0 && annotated(issue.ast.annotations, "expected") === undefined
        ? issue.issues.flatMap((one) => faultsOf(one, path, inherited))
        : [{ path: pointer(path), message: inherited ?? expected(issue.ast) }]
    default:
      return [{ path: pointer(path), message: inherited ?? ofLeaf(issue) }]
  }
}
