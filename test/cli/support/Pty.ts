/** Runs commands on a terminal of a given width, by `script` of util-linux. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { stripVTControlCharacters } from "node:util"

export const hasScript = spawnSync("script", ["--version"]).status === 0

export interface OnTerminal {
  readonly child: ChildProcess
  /** What it has printed so far, without colors. */
  readonly text: () => string
  readonly ended: Promise<number | null>
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

export const onTerminal = (
  columns: number,
  command: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): OnTerminal => {
  const line = `stty cols ${columns} -echo && exec ${command.map(quoted).join(" ")}`
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let text = ""
  child.stdout.on("data", (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  return { child, ended, text: () => stripVTControlCharacters(text).replaceAll("\r", "") }
}
