import { dirname, join } from "node:path"
import ts from "typescript"

const options: ts.CompilerOptions = { noEmit: true, noLib: true, types: [] }

/** Reads our own files only, since nobody else's docstrings are asked for: that is much faster. */
const host: ts.CompilerHost = {
  ...ts.createCompilerHost(options),
  resolveModuleNameLiterals: (imports, file) =>
    imports.map(({ text }) => ({
      resolvedModule: text.startsWith(".")
        ? { resolvedFileName: join(dirname(file), text), extension: ts.Extension.Ts }
        : undefined
    }))
}

/** The exported names of some entries, and of their namespaces, that no docstring says anything of. */
export const undocumented = (entries: ReadonlyArray<string>): ReadonlyArray<string> => {
  const program = ts.createProgram(entries, options, host)
  const checker = program.getTypeChecker()
  const missing = new Set<string>()
  const visited = new Set<ts.Symbol>()

  const visit = (module: ts.Symbol): void => {
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (visited.has(symbol)) continue
      visited.add(symbol)
      if (symbol.flags & ts.SymbolFlags.ValueModule) visit(symbol)
      else if (symbol.getDocumentationComment(checker).length === 0) {
        const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? ""
        missing.add(`${exported.name} (${file.slice(file.lastIndexOf("src/"))})`)
      }
    }
  }

  for (const entry of entries) {
    const file = program.getSourceFile(entry)
    const module = file && checker.getSymbolAtLocation(file)
    if (module !== undefined) visit(module)
  }
  return [...missing].sort()
}
