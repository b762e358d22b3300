import { readFileSync } from "node:fs"
import { Config, Effect, Option, Predicate, Result, Schema } from "effect"
import type { ShopName } from "../../domain/shops/ShopName.ts"
import { secretBytes } from "../../settings/AuthSettings.ts"
import { Environment, environment } from "../../settings/Environment.ts"
import type { AnySetting, SettingGroup } from "../../settings/Setting.ts"
import { decodeText } from "../../settings/SettingValue.ts"
import { Failure, fail } from "./Failure.ts"

/** All settings of a command, by their groups. */
export interface Settings extends Environment {
  /** The shop that a flag names, beside the installation in the schema `base`. */
  readonly shop?: { readonly base: string; readonly name: ShopName } | undefined
}

const textOf = (variable: string) =>
  Effect.map(Effect.orDie(Config.option(Config.String(variable))), Option.getOrUndefined)

/**
 * Reads a secret from the file that a variable names. Editors end a file with a newline, which no secret has. The reason is a code alone:
 * the path may be a secret that was put into the wrong variable.
 */
const secretIn = (path: string): Result.Result<string, string> => {
  try {
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "")
    return text === "" ? Result.fail("the file is empty") : Result.succeed(text)
  } catch (error) {
    const code = Predicate.hasProperty(error, "code") ? ` (${error.code})` : ""
    return Result.fail(`the file cannot be read${code}`)
  }
}

/** The text of a setting, of its variable or of the file of a secret, with the variable that it comes from. */
const sourceOf = Effect.fnUntraced(function* (variable: string, isSecret: boolean) {
  const text = yield* textOf(variable)
  const name = `${variable}_FILE`
  const path = isSecret ? yield* textOf(name) : undefined
  if (path === undefined) return { name: variable, text: Result.succeed(text) }
  return text === undefined
    ? { name, text: secretIn(path) }
    : { name, text: Result.fail(`Expected none, because ${variable} is set too`) }
})

/** The input of one setting. A message names the variable and never shows its value. */
const readVariable = Effect.fnUntraced(function* ({ isSecret = false, value, variable }: AnySetting) {
  const none = { input: undefined, faults: [] }
  if (variable === undefined) return none
  const { name, text: read } = yield* sourceOf(variable, isSecret)
  if (Result.isFailure(read)) return { input: undefined, faults: [`${name}: ${read.failure}`] }
  const text = read.success
  if (text === undefined) return none
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

/** The variable that is useless without another one. */
const useless = ({ database: { replica, url } }: Settings): string | undefined =>
  replica !== undefined && url === undefined
    ? "DATABASE_REPLICA_URL: Expected none without DATABASE_URL, because the embedded database has no replica"
    : undefined

const faultOf = (read: Settings) => missing(read) ?? useless(read)

/** Decodes the environment, and checks what holds between variables. */
export const settings: Effect.Effect<Settings, Failure> = Effect.filterOrElse(
  eachSetting,
  (read) => faultOf(read) === undefined,
  (read) => fail(faultOf(read) ?? "")
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

/** Why more than one worker has no embedded database. */
export const workersNeedUrl =
  "WORKERS: more than 1 needs DATABASE_URL, because one process at a time uses an embedded database"
