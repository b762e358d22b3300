import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import ts from "typescript"
import type { Rule } from "./rules.ts"

const root = new URL("../../", import.meta.url).pathname

/** Every source file, with what it imports: files of ours by their path, modules of others by name. */
export type Imports = ReadonlyMap<string, ReadonlyArray<string>>

const filesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

/** `import("x")`, and `load("x")`, which hides the name from bundlers. */
const isLateImport = ({ expression }: ts.CallExpression) =>
  expression.kind === ts.SyntaxKind.ImportKeyword ||
  (ts.isIdentifier(expression) && expression.text === "load")

const specifierOf = (node: ts.Node): string | undefined => {
  const literal =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && isLateImport(node)
        ? node.arguments[0]
        : undefined
  return literal !== undefined && ts.isStringLiteral(literal) ? literal.text : undefined
}

/** `import { Schema } from "effect"` imports `effect#Schema`: the names matter, since all of Effect is one module. */
const namesOf = (node: ts.Node): ReadonlyArray<string> => {
  if (!ts.isImportDeclaration(node)) return []
  const bindings = node.importClause?.namedBindings
  return bindings !== undefined && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
    : []
}

export const importsOf = (path: string, text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier?.startsWith(".") === true) found.push(join(dirname(path), specifier))
    else if (specifier === "effect") {
      const names = namesOf(node)
      found.push(...(names.length === 0 ? ["effect"] : names.map((name) => `effect#${name}`)))
    } else if (specifier !== undefined) found.push(specifier)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  return found
}

export const readImports = (folder: string): Imports =>
  new Map(filesUnder(folder).map((path) => [path, importsOf(path, readFileSync(join(root, path), "utf8"))]))

const allows = (pattern: string, imported: string) =>
  imported === pattern ||
  (pattern.startsWith("src/") && imported.startsWith(`${pattern}/`)) ||
  (pattern.startsWith("src/") && imported === `${pattern}.ts`) ||
  (pattern === "effect" && imported.startsWith("effect#")) ||
  (pattern.endsWith(":") && imported.startsWith(pattern))

/** Each import that its folder does not allow, as `file imports module`; and each file that no rule knows. */
export const violations = (rules: ReadonlyArray<Rule>, imports: Imports): ReadonlyArray<string> =>
  [...imports].flatMap(([path, imported]) => {
    const rule = rules.find(({ folder }) => path.startsWith(folder))
    if (rule === undefined) return [`${path} is in no folder that a rule knows`]
    return imported
      .filter((module) => !rule.mayImport.some((pattern) => allows(pattern, module)))
      .map((module) => `${path} imports ${module}`)
  })

/** Files that import each other in a circle, if there are any. */
export const circle = (imports: Imports): ReadonlyArray<string> | undefined => {
  const done = new Set<string>()
  const visit = (path: string, trail: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of imports.get(path) ?? []) {
      const found = imports.has(next) ? visit(next, [...trail, path]) : undefined
      if (found !== undefined) return found
    }
    done.add(path)
    return undefined
  }
  for (const path of imports.keys()) {
    const found = visit(path, [])
    if (found !== undefined) return found
  }
  return undefined
}

/** All modules that a file leads to, those of others included. */
export const reachable = (imports: Imports, start: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const next of imports.get(path) ?? []) visit(next)
  }
  visit(start)
  return seen
}
