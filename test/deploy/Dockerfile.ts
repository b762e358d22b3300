/** What the Dockerfile says about the image that it makes. */
import { readFileSync } from "node:fs"
import { Copy, DockerfileParser } from "dockerfile-ast"

export const text = readFileSync("Dockerfile", "utf8")
const instructions = DockerfileParser.parse(text).getInstructions()

/** The instructions of the last stage, which the image has. */
const ofImage = instructions.slice(
  instructions.findLastIndex((instruction) => instruction.getKeyword() === "FROM")
)

const argumentsOf = (keyword: string): string => {
  const found = ofImage.find((instruction) => instruction.getKeyword() === keyword)
  return found?.getArgumentsContent()?.replaceAll(/\\\n\s*/g, " ") ?? ""
}

const listOf = (text: string): ReadonlyArray<string> => JSON.parse(text.slice(text.indexOf("[")))

export const image = {
  user: argumentsOf("USER"),
  exposed: argumentsOf("EXPOSE"),
  env: Object.fromEntries(
    argumentsOf("ENV")
      .trim()
      .split(/\s+/)
      .map((pair) => pair.split("=") as [string, string])
  ),
  command: [...listOf(argumentsOf("ENTRYPOINT")), ...listOf(argumentsOf("CMD"))],
  healthCommand: listOf(argumentsOf("HEALTHCHECK"))
}

/** Files of the checkout that are copied into the image, or needed to build it. */
export const copied: ReadonlyArray<string> = instructions
  .filter((instruction) => instruction instanceof Copy && instruction.getFromFlag() === null)
  .flatMap((instruction) =>
    instruction
      .getArguments()
      .slice(0, -1)
      .map((argument) => argument.getValue())
  )
