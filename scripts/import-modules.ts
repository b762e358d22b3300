/**
 * Lets the built files import the modules of Effect instead of its barrels, such as `effect/Schema` instead of `effect`. A
 * bundler that meets a barrel keeps most of it. Takes TypeScript's helper out of imports of packages that are named at run time:
 * the notes to bundlers stand inside of them. Line numbers stay as the source maps know them.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const directory = process.argv[2] ?? "dist"

const isModule = (value: unknown) =>
  typeof value === "object" && value !== null && Reflect.get(value, Symbol.toStringTag) === "Module"

/** Modules that hold the functions which a barrel exports by themselves. */
const functions = ["Function"]

/** The module of a barrel that holds a name, as an import of that name. */
const importOf = async (barrel: string, imported: string): Promise<string> => {
  const [name = "", local = name] = imported.split(" as ")
  const value: unknown = Reflect.get(await import(barrel), name)
  if (isModule(value)) {
    if ((await import(`${barrel}/${name}`)) !== value) throw new Error(`${barrel}/${name} is not ${name}`)
    return `import * as ${local} from "${barrel}/${name}";`
  }
  for (const module of functions) {
    if (Reflect.get(await import(`${barrel}/${module}`), name) === value)
      return `import { ${imported} } from "${barrel}/${module}";`
  }
  throw new Error(`No module of ${barrel} exports ${name}`)
}

const fromBarrel = /^import \{ ([^}]+) \} from "(effect(?:\/[a-z-]+)?|@effect\/[a-z-]+)";$/gm

const rewritten = async (source: string): Promise<string> => {
  const imports = new Map<string, string>()
  for (const [statement, names = "", barrel = ""] of source.matchAll(fromBarrel)) {
    const each = await Promise.all(names.split(",").map((name) => importOf(barrel, name.trim())))
    imports.set(statement, each.join(" "))
  }
  return source
    .replace(fromBarrel, (statement) => imports.get(statement) ?? statement)
    .replace(/import\(__rewriteRelativeImportExtension\(([^()]*)\)\)/g, "import($1)")
}

for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".js")) continue
  const file = join(directory, name)
  const source = readFileSync(file, "utf8")
  const output = await rewritten(source)
  if (/\b__\w+\(/.test(output)) throw new Error(`${file} calls a helper that is not there`)
  if (output !== source) writeFileSync(file, output)
}
