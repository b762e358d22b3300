import { readFileSync } from "node:fs"
import { Config, Effect, Option, Result, Schema } from "effect"
import { secretBytes } from "../../settings/AuthSettings.ts"
import { Environment, environment } from "../../settings/Environment.ts"
import type { AnySetting, SettingGroup } from "../../settings/Setting.ts"
import { decodeText } from "../../settings/SettingValue.ts"
import { Failure, fail, reasonOf } from "./Failure.ts"

/** All settings of a command, by their groups. */
export interface Settings extends Environment {}

const textOf = (variable: string) =>
  Effect.map(Effect.orDie(Config.option(Config.String(variable))), Option.getOrUndefined)

/** Reads a secret from the file that a variable names. Editors end a file with a newline, which no secret has. */
const secretIn = (variable: string, path: string) =>
  Effect.try({
    try: () => readFileSync(path, "utf8").replace(/\r?\n$/, ""),
    catch: (error) => `${variable}: the file cannot be read:  ${reasonOf(error)}`
  })

/** The input of one setting. A message names the variable and never shows its value. */
const readVariable = Effect.fnUntraced(function* ({ isSecret = false, value, variable }: AnySetting) {
  const none = { input: undefined, faults: [] }
  if (variable === undefined) return none
  const fileVariable = `${variable}_FILE`
  const [given, path] = [yield* textOf(variable), isSecret ? yield* textOf(fileVariable) : undefined]
  if (given !== undefined && path !== undefined) {
    return { input: undefined, faults: [`${fileVariable}: Expected none, since ${variable} is set`] }
  }
  const read = path === undefined ? Result.succeed(given) : yield* Effect.result(secretIn(fileVariable, path))
  if (Result.isFailure(read)) return { input: undefined, faults: [read.failure] }
  const text = read.success
  if (text === undefined) return none
  const name = path === undefined ? variable : fileVariable
  return Option.isSome(decodeText(value)(text))
    ? { input: value.fromText(text), faults: [] }
    : { input: undefined, faults: [`${name}: ${value.faultOf?.(text) ?? `Expected ${value.expected}`}`] }
})

const readGroup = Effect.fnUntraced(function* (group: SettingGroup) {
  const read = yield* Effect.all(
    Object.entries(group).map(([name, setting]) =>
      Effect.map(readVariable(setting), (one) => ({ name, ...one }))
    )
  )
  return {
    inputs: Object.fromEntries(read.map(({ input, name }) => [name, input])),
    faults: read.flatMap(({ faults }) => faults)
  }
})

const decode = Schema.decodeUnknownEffect(Environment)

/** Decodes the environment, each variable by itself. Fails with one line that lists every wrong variable. */
export const eachSetting: Effect.Effect<Settings, Failure> = Effect.gen(function* () {
  const groups = yield* Effect.all(
    Object.entries(environment).map(([name, group]) =>
      Effect.map(readGroup(group), (read) => ({ name, ...read }))
    )
  )
  const faults = groups.flatMap((group) => group.faults)
  if (faults.length > 0) return yield* new Failure({ line: faults.join("; ") })
  return yield* Effect.orDie(decode(Object.fromEntries(groups.map(({ inputs, name }) => [name, inputs]))))
})

/** The variable that is missing of the two that name an admin. */
const missing = ({ server: { adminEmail, adminPassword } }: Settings): string | undefined => {
  if (adminEmail !== undefined && adminPassword === undefined)
    return "ADMIN_PASSWORD: needed with ADMIN_EMAIL"
  if (adminEmail === undefined && adminPassword !== undefined)
    return "ADMIN_EMAIL: needed with ADMIN_PASSWORD"
  return undefined
}

/** Decodes the environment, and checks what holds between variables. */
export const settings: Effect.Effect<Settings, Failure> = Effect.filterOrElse(
  eachSetting,
  (read) => missing(read) === undefined,
  (read) => fail(missing(read) ?? "")
)

/** Whether customers pay at the gateway that moves no money. */
export const isSimulated = ({ database, payments: { mode } }: Settings): boolean =>
  (mode ?? (database.url === undefined ? "simulated" : "recorded")) === "simulated"

/** Decodes the environment of a server. A database that servers share needs a secret that all of them have. */
export const serverSettings: Effect.Effect<Settings, Failure> = Effect.gen(function* () {
  const read = yield* settings
  if (read.database.url !== undefined && read.auth.jwtSecret === undefined) {
    return yield* new Failure({
      line: `JWT_SECRET: needed with DATABASE_URL, at least ${secretBytes} bytes`
    })
  }
  if (read.payments.capture === "later" && !isSimulated(read)) {
    return yield* new Failure({
      line: "PAYMENTS_CAPTURE: Expected now, because PAYMENTS=recorded has no gateway that captures"
    })
  }
  return read
})
