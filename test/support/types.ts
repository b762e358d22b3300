import ts from "typescript"

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => "\n"
}

/**
 * What is wrong with the types of the files that a tsconfig.json names. What they import is not checked, as far as no
 * type of theirs depends on it: `npm run types` does that.
 */
export const typeErrors = (tsconfig: string): string => {
  const fatal: Array<ts.Diagnostic> = []
  const parsed = ts.getParsedCommandLineOfConfigFile(tsconfig, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => fatal.push(diagnostic)
  })
  const { fileNames = [], options = {}, errors = [] } = parsed ?? {}
  const program = ts.createProgram(fileNames, options)
  return ts.formatDiagnostics(
    [
      ...fatal,
      ...errors,
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...fileNames.flatMap((name) => {
        const file = program.getSourceFile(name)
        return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      })
    ],
    host
  )
}
