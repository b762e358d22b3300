/** Finds collections that outlive a call: what one call adds to them, another finds. */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"

/** Constructors of what grows, and calls that make something that waits or remembers. */
const grows = /^(Map|Set)$/
const makes =
  /^(Cache|Queue|PubSub|Semaphore|FiberMap|FiberSet|RcMap|LayerMap|Pool|MutableHashMap)\.(make|bounded|unbounded)\w*$/
const changes: ReadonlySet<string> = new Set(["set", "add", "push", "unshift"])

const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionLike(node) || ts.isSourceFile(node) || ts.isPropertyDeclaration(node)

/** The function, or the module, that a node belongs to. */
const ownerOf = (node: ts.Node): ts.Node => {
  let owner = node.parent
  while (!isFunction(owner)) owner = owner.parent
  return owner
}

const isCollection = (node: ts.Expression): boolean =>
  (ts.isNewExpression(node) && grows.test(node.expression.getText())) ||
  (ts.isArrayLiteralExpression(node) && node.elements.length === 0)

const unwrap = (node: ts.Expression): ts.Expression =>
  ts.isYieldExpression(node) && node.expression !== undefined ? unwrap(node.expression) : node

/** Names of what a file makes that outlives a call, such as `http/Docs.ts: pages`. */
export const longLived = (file: string, text: string): ReadonlyArray<string> => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found = new Set<string>()
  const made: Array<readonly [name: string, owner: ts.Node]> = []
  const changed: Array<readonly [name: string, node: ts.Node]> = []
  const visit = (node: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
      node.initializer !== undefined
    ) {
      const initial = unwrap(node.initializer)
      const name = node.name.getText()
      if (isCollection(initial)) made.push([name, ts.isPropertyDeclaration(node) ? source : ownerOf(node)])
      if (ts.isCallExpression(initial) && makes.test(initial.expression.getText())) found.add(name)
    }
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      changes.has(node.expression.name.text)
    ) {
      changed.push([node.expression.expression.getText().replace(/^this\./, ""), node])
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  for (const [name, owner] of made) {
    if (changed.some(([other, node]) => other === name && ownerOf(node) !== owner)) found.add(name)
  }
  return [...found].map((name) => `${file}: ${name}`)
}

/** The same of every file under a directory. */
export const allLongLived = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => longLived(file, readFileSync(path.join(root, file), "utf8")))
    .sort()
